/* The settings that scripts follow: fetched when the page opens, and again when somebody has changed one. */
"use strict";

(() => {
  const { paintbox } = window;
  const RETRY_MS = 3000;
  let known = {};
  let revision;

  /** The value of a setting whose field is marked for the page; `fallback` until it is known. */
  paintbox.setting = (key, fallback) => (key in known ? known[key] : fallback);

  const fetchAll = async () => {
    try {
      known = await paintbox.request("GET", "paintbox/v1/page/settings");
      document.dispatchEvent(new CustomEvent("paintbox:page-settings", { detail: known }));
    } catch (error) {
      setTimeout(fetchAll, RETRY_MS);
    }
  };

  document.addEventListener("paintbox:page-settings", () => {
    const height = paintbox.setting("gallery_height", "").trim();
    if (height) document.documentElement.style.setProperty("--gallery-height", height);
    else document.documentElement.style.removeProperty("--gallery-height");
  });
  document.addEventListener("paintbox:settings", fetchAll);
  document.addEventListener("paintbox:worker", ({ detail }) => {
    const isOther = revision !== undefined && detail.settings !== undefined && detail.settings !== revision;
    if (detail.settings !== undefined) revision = detail.settings;
    if (isOther) fetchAll();
  });
  fetchAll();
})();
