/* Names the page "Defaults" of the settings; its module is loaded when it is opened. */
"use strict";

(window.paintbox.settingsPages ||= []).push({ id: "tab_defaults", title: "Defaults", order: 10, module: "ui_defaults/view/defaults.js" });
