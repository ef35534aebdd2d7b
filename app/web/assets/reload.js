/* "Reload UI": the server builds the page anew, then the browser loads it; jobs go on meanwhile. */
"use strict";

(() => {
  const { paintbox } = window;
  const PAUSE_MS = 300;
  const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  let isReloading = false;

  /** Questions asked before the page goes: each returns a sentence about what would be lost, or "". */
  const questions = [];
  paintbox.beforeReload = (question) => questions.push(question);

  const cover = () => {
    const layer = document.createElement("div");
    layer.id = "page_reloading";
    layer.setAttribute("role", "status");
    layer.textContent = "Reloading …";
    document.body.append(layer);
    return layer;
  };

  const untilAnswered = async () => {
    for (;;) {
      try {
        return await paintbox.request("GET", "internal/ping");
      } catch (error) {
        await pause();
      }
    }
  };

  /** Have the page built anew and load it. A refusal is thrown, and the page stays as it is. */
  paintbox.reloadPage = async () => {
    const lost = questions.map((ask) => ask()).filter(Boolean);
    if (isReloading || (lost.length && !confirm([...lost, "Reload all the same?"].map(paintbox.translate).join(" ")))) return;
    isReloading = true;
    const layer = cover();
    try {
      await paintbox.request("POST", "paintbox/v1/page/reload");
      await untilAnswered();
      location.reload();
    } catch (error) {
      layer.remove();
      isReloading = false;
      throw error;
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-reload-page]");
    if (button) paintbox.reloadPage().catch((error) => paintbox.announce(`The page could not be built: ${error.message}`, true));
  });
})();
