/* Takes prompts that are a block among the parameters (ui_reorder_list) out of their tab while another tab is open, or the window is narrow. */
"use strict";

(() => {
  const { paintbox } = window;
  const narrow = window.matchMedia("(max-width: 700px)");

  paintbox.whenDrawn('[id$="_settings"] > .toprow-compact', (prompts) => {
    const tabs = prompts.closest('[id$="_extra_tabs"]');
    if (!tabs) return;
    const place = document.createElement("div");
    place.hidden = true;
    prompts.before(place);
    const put = () => {
      const own = tabs.querySelector(':scope > .tab-wrapper [id$="_generation-button"]');
      const isOutside = narrow.matches || (own && own.getAttribute("aria-selected") !== "true");
      if (Boolean(isOutside) === !tabs.contains(prompts)) return;
      if (isOutside) tabs.before(prompts);
      else place.after(prompts);
    };
    const row = tabs.querySelector(":scope > .tab-wrapper");
    new MutationObserver(put).observe(row, { attributes: true, attributeFilter: ["aria-selected"], childList: true, subtree: true });
    narrow.addEventListener("change", put);
    put();
  });
})();
