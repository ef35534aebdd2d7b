/* Names the page "Licenses" of the settings; its module is loaded when it is opened. */
"use strict";

(window.paintbox.settingsPages ||= []).push({ id: "tab_licenses", title: "Licenses", order: 40, module: "licenses/view/licenses.js" });
