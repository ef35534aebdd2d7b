/* What scripts of extensions for A1111 expect in the page: its helper functions, on top of what the page has. */
"use strict";

(() => {
  const { paintbox } = window;
  const lists = { loaded: [], update: [], afterUpdate: [], tab: [], options: [], available: [] };
  const AFTER_UPDATE_MS = 200;
  let isLoaded = false;
  let openTab = null;

  window.opts = window.opts || {};
  window.gradioApp = () => document;

  const call = (functions, ...given) => {
    for (const each of functions) {
      try {
        each(...given);
      } catch (error) {
        console.warn("A script of an extension failed:", error);
      }
    }
  };

  window.onUiLoaded = (callback) => (isLoaded ? call([callback]) : lists.loaded.push(callback));
  window.onUiUpdate = (callback) => lists.update.push(callback);
  window.onAfterUiUpdate = (callback) => lists.afterUpdate.push(callback);
  window.onUiTabChange = (callback) => lists.tab.push(callback);
  window.onOptionsChanged = (callback) => lists.options.push(callback);
  window.onOptionsAvailable = (callback) => (Object.keys(window.opts).length ? call([callback]) : lists.available.push(callback));

  window.get_uiCurrentTab = () => document.querySelector("#tabs > .tab-wrapper button.selected, #tabs button[role=tab][aria-selected=true]");
  window.get_uiCurrentTabContent = () => [...document.querySelectorAll("#tabs > [role=tabpanel], #tabs > .tabitem")].find((each) => each.offsetParent !== null) || null;

  /** Tell gradio that a script has changed a field. */
  window.updateInput = (target) => {
    target.dispatchEvent(new Event("input", { bubbles: true }));
  };
  window.randomId = () => `task(${Math.random().toString(36).slice(2, 7)}${Math.random().toString(36).slice(2, 7)}${Math.random().toString(36).slice(2, 7)})`;

  window.requestGet = (address, data, handler, onError = () => {}) => {
    const query = new URLSearchParams(data || {});
    fetch(`${address}?${query}`, { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
      .then(handler)
      .catch(onError);
  };

  /** A dialog over the page with the element that a script gives. */
  window.popup = (content) => {
    const dialog = paintbox.dialog("a1111_popup", "", () => {});
    dialog.body.replaceChildren(content instanceof Node ? content : document.createTextNode(String(content)));
    dialog.show();
  };
  window.closePopup = () => document.getElementById("a1111_popup")?.close();

  // --- when things happen ---------------------------------------------------------------------------------------------

  const readOptions = async () => {
    try {
      const before = JSON.stringify(window.opts);
      Object.assign(window.opts, await paintbox.request("GET", "sdapi/v1/options"));
      if (before === JSON.stringify(window.opts)) return;
      call(lists.available.splice(0));
      if (before !== "{}") call(lists.options);
    } catch (error) {
      console.warn("The options could not be read:", error.message);
    }
  };

  let waiting = 0;
  const changed = (records) => {
    call(lists.update, records);
    clearTimeout(waiting);
    waiting = setTimeout(() => call(lists.afterUpdate), AFTER_UPDATE_MS);
    const tab = window.get_uiCurrentTab();
    if (tab && tab !== openTab) {
      openTab = tab;
      call(lists.tab);
    }
  };

  paintbox.once("#txt2img_prompt textarea, #tabs", async () => {
    await readOptions();
    isLoaded = true;
    call(lists.loaded.splice(0));
    new MutationObserver(changed).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-selected"] });
    changed([]);
  });
  document.addEventListener("paintbox:settings", readOptions);
})();
