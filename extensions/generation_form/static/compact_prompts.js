/* Takes prompts that are a block among the parameters (ui_reorder_list) out of their tab while another tab is open, or the window is narrow. */
"use strict";

(() => {
  const { paintbox } = window;
  const narrow = window.matchMedia("(max-width: 700px)");

  paintbox.whenDrawn('[id$="_settings"] > .toprow-compact', (prompts) => {
    const tabs = prompts.closest('[id$="_extra_tabs"]');
    const own = tabs && tabs.querySelector('[id$="_generation-button"]');
    if (!own) return;
    const place = document.createElement("div");
    place.hidden = true;
    prompts.before(place);
    const put = () => {
      const isOutside = narrow.matches || own.getAttribute("aria-selected") !== "true";
      if (isOutside === !tabs.contains(prompts)) return;
      if (isOutside) tabs.before(prompts);
      else place.after(prompts);
    };
    new MutationObserver(put).observe(own, { attributes: true, attributeFilter: ["aria-selected"] });
    narrow.addEventListener("change", put);
    put();
  });
})();
