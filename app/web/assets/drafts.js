/* Sends a form's draft to the server a moment after the user changed something in its tab. */
"use strict";

(() => {
  const { paintbox } = window;
  const WAIT_MS = 700;

  /** Keep the draft of a form that a script changed. */
  paintbox.keepDraft = (form) => paintbox.press(`${form}_keep_draft`);

  paintbox.whenDrawn(".keep-draft", (button) => {
    const form = button.id.replace(/_keep_draft$/, "");
    const tab = button.closest("[role=tabpanel]") || document.body;
    let unsent = false;
    const send = () => {
      if (!unsent) return;
      unsent = false;
      paintbox.keepDraft(form);
    };
    const sendSoon = paintbox.debounce(WAIT_MS, send);
    const changed = (event) => {
      if (event.target === button || !event.isTrusted) return;
      unsent = true;
      sendSoon();
    };
    for (const name of ["input", "change", "click", "keyup"]) tab.addEventListener(name, changed, true);
    document.addEventListener("visibilitychange", () => document.hidden && send());
  });
})();
