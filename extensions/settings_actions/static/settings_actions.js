/* Names the page "Actions" of the settings; its module is loaded when it is opened. */
"use strict";

(window.paintbox.settingsPages ||= []).push({ id: "tab_actions", title: "Actions", order: 30, module: "settings_actions/view/actions.js" });
