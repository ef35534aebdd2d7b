/* A note at the bottom of the page that goes away by itself, with one thing that can be done about it. */

import { make } from "./parts.js";

const SHOWN_MS = 12000;
let last = null;

/** Show `words`; `action` = `{ label, run() }`. It stays while the pointer or the focus is on it. */
export const toast = (words, action = null) => {
  if (last) last.remove();
  const element = make("div", { class: "model-toast", role: "status" }, make("span", {}, words));
  let timer = 0;
  const close = () => {
    clearTimeout(timer);
    element.remove();
  };
  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(close, SHOWN_MS);
  };
  if (action) {
    const act = () => {
      close();
      action.run();
    };
    element.append(make("button", { type: "button", onclick: act }, action.label));
  }
  element.append(make("button", { type: "button", "aria-label": "Dismiss", onclick: close }, "×"));
  for (const [stop, go] of [
    ["pointerenter", "pointerleave"],
    ["focusin", "focusout"],
  ]) {
    element.addEventListener(stop, () => clearTimeout(timer));
    element.addEventListener(go, begin);
  }
  (document.querySelector(".gradio-container") || document.body).append(element);
  last = element;
  begin();
};
