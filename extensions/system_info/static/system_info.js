/* Names the page "Sysinfo" of the settings; its module is loaded when it is opened. */
"use strict";

(window.paintbox.settingsPages ||= []).push({ id: "tab_sysinfo", title: "Sysinfo", order: 20, module: "system_info/view/sysinfo.js" });
