/* Names the page "Sysinfo" of the settings, whose module is loaded when it is opened, and the link in the footer. */
"use strict";

(() => {
  const { paintbox } = window;
  const link = () => paintbox.make("a", { href: paintbox.address("internal/profile-startup"), target: "_blank", rel: "noopener" }, "Startup profile");
  paintbox.once("#footer .footer-links", (links) => links.querySelector("[data-reload-page]").before(link(), " • "));
})();

(window.paintbox.settingsPages ||= []).push({ id: "tab_sysinfo", title: "Sysinfo", order: 20, module: "system_info/view/sysinfo.js" });
