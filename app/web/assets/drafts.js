/* Sends a form's draft to the server a moment after the user changed something in its tab, or as soon as the server answers again. */
"use strict";

(() => {
  const { paintbox } = window;
  const WAIT_MS = 700;
  const NO_ANSWER = [undefined, 502, 503, 504];
  const GIVEN_UP_MS = 1000;
  const LARGEST_AT_THE_END = 60_000;
  const unsent = new Map();
  const sending = new Map();
  const seen = new Map();
  const dirty = new Set();

  const addressOf = (form) => `paintbox/v1/drafts/${encodeURIComponent(form)}?tab=${sessionStorage.getItem("paintbox:tab") || "0"}`;

  /** Send what is typed in; a value that the server does not take is left out. Ends when all is sent or the server is away. */
  const send = async (form) => {
    while (unsent.has(form)) {
      const values = unsent.get(form);
      unsent.delete(form);
      try {
        await paintbox.request("PUT", addressOf(form), values);
      } catch (error) {
        const { field } = error.data || {};
        if (NO_ANSWER.includes(error.status)) {
          if (!unsent.has(form)) unsent.set(form, values);
          return;
        }
        console.warn(form, error.message);
        if (error.status !== 422 || !(field in values)) continue;
        const { [field]: refused, ...others } = values;
        if (!unsent.has(form)) unsent.set(form, others);
      }
    }
  };

  const sendInTurn = (form) => {
    if (!sending.has(form)) sending.set(form, send(form).finally(() => sending.delete(form)));
    return sending.get(form);
  };

  const take = (form, values, texts) => {
    seen.set(form, { values, texts });
    dirty.delete(form);
    unsent.set(form, values);
    sendInTurn(form);
  };

  /** What gradio's event calls: the values of a form's controls by their keys, and the elements of those that are texts. */
  paintbox.draftTyped = (form, keys, texts, values) => take(form, Object.fromEntries(keys.map((key, place) => [key, values[place] ?? null])), texts);

  /** Gradio calls nothing any more once it has lost the server: the texts are in their fields all the same. */
  const withTexts = ({ values, texts }) => {
    const typed = Object.entries(texts).map(([key, id]) => [key, paintbox.field(id)]);
    return { ...values, ...Object.fromEntries(typed.filter(([, field]) => field).map(([key, field]) => [key, field.value])) };
  };

  /** Have everything sent that is typed; false when the server is away. */
  paintbox.sendDrafts = async () => {
    await Promise.all([...new Set([...unsent.keys(), ...sending.keys()])].map(sendInTurn));
    return unsent.size === 0;
  };

  document.addEventListener("paintbox:worker", () => [...unsent.keys()].forEach(sendInTurn));
  addEventListener("pagehide", () => {
    for (const form of dirty) if (seen.has(form)) unsent.set(form, withTexts(seen.get(form)));
    for (const [form, values] of unsent) {
      const body = JSON.stringify(values);
      if (body.length > LARGEST_AT_THE_END) continue;
      fetch(paintbox.address(addressOf(form)), { method: "PUT", keepalive: true, headers: { "Content-Type": "application/json" }, body }).catch(() => {});
    }
  });

  /** Keep the draft of a form that a script changed. */
  paintbox.keepDraft = (form) => {
    const before = seen.get(form);
    setTimeout(() => before && seen.get(form) === before && take(form, withTexts(before), before.texts), GIVEN_UP_MS);
    return paintbox.press(`${form}_keep_draft`);
  };

  paintbox.whenDrawn(".keep-draft", (button) => {
    const form = button.id.replace(/_keep_draft$/, "");
    const tab = button.closest("[role=tabpanel]") || document.body;
    let isChanged = false;
    const keep = () => {
      if (!isChanged) return;
      isChanged = false;
      paintbox.keepDraft(form);
    };
    const keepSoon = paintbox.debounce(WAIT_MS, keep);
    const changed = (event) => {
      if (event.type === "click" && event.target.closest(".generate")) keep(); // should the server not answer that click
      if (event.target === button || !event.isTrusted) return;
      isChanged = true;
      dirty.add(form);
      keepSoon();
    };
    for (const name of ["input", "change", "click", "keyup"]) tab.addEventListener(name, changed, true);
    document.addEventListener("visibilitychange", () => document.hidden && keep());
  });
})();
