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

  // --- a server that was started anew --------------------------------------------------------------------------------

  const NOT_TAKEN = "The server answered a click with an error. Its log says why.";
  const OUTDATED = "Paintbox was started anew and its page is another one now. What you typed is kept.";
  const GATHER_MS = 1200;
  const CALLS = "/gradio_api/run/";
  const build = () => (/\/page\/(\d+-[0-9a-f]+)/.exec((window.gradio_config || {}).root || "") || [])[1];

  const tellOutdated = () => {
    if (paintbox.element("page_outdated")) return;
    const bar = document.createElement("div");
    bar.id = "page_outdated";
    bar.setAttribute("role", "alert");
    const words = document.createElement("span");
    words.textContent = OUTDATED;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Load the page again";
    button.addEventListener("click", () => location.reload());
    bar.append(words, button);
    document.body.append(bar);
  };

  /** Have the drafts of all forms sent, also what was typed a moment ago. */
  const keepAll = async () => {
    for (const button of document.querySelectorAll(".keep-draft")) paintbox.keepDraft(button.id.replace(/_keep_draft$/, ""));
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    return paintbox.sendDrafts();
  };

  let checking = null;
  const check = async () => {
    const own = build();
    if (!own || isReloading) return true;
    const { is_usable: isUsable } = await paintbox.request("GET", `paintbox/v1/page?build=${own}`);
    if (isUsable) return true;
    const isKept = await keepAll();
    if (!isKept || questions.some((ask) => ask())) {
      tellOutdated();
      return false;
    }
    isReloading = true;
    cover();
    location.reload();
    return false;
  };

  /** Ask whether the server can still answer this page; where it cannot, what is typed is kept and the page loaded again. */
  paintbox.checkPage = () => (checking ||= check().catch(() => true).finally(() => (checking = null)));

  /* calls of gradio's that fail: it says nothing of those that show no progress */
  const look = async (entries) => {
    const failed = entries.some(({ name, responseStatus }) => responseStatus >= 400 && name.includes(CALLS));
    if (failed && (await paintbox.checkPage())) paintbox.announce(NOT_TAKEN, true);
  };
  new PerformanceObserver((list) => look(list.getEntries())).observe({ type: "resource" });

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-reload-page]");
    if (button) paintbox.reloadPage().catch((error) => paintbox.announce(`The page could not be built: ${error.message}`, true));
  });
})();
