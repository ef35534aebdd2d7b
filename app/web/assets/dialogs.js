/* Dialogs over the page: drawn when they are first opened, closed by their button or Escape; the focus goes back to where it was. */
"use strict";

(() => {
  const { paintbox } = window;
  const dialogs = new Map();

  /** An element: `attributes` by name, functions as listeners (`onclick`); children are elements or texts. */
  paintbox.make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  /**
   * The dialog `id`: `build(dialog)` puts its parts into `dialog.body` once; every opening calls `show()`.
   * `dialog.say(words, isError)` fills the line for messages, which screen readers read aloud.
   */
  paintbox.dialog = (id, title, build) => {
    if (!dialogs.has(id)) dialogs.set(id, draw(id, title, build));
    return dialogs.get(id);
  };

  const draw = (id, title, build) => {
    const { make } = paintbox;
    const heading = make("h2", { id: `${id}_title` }, title);
    const body = make("div", { class: "dialog-body" });
    const message = make("p", { class: "dialog-message", role: "status" });
    const close = () => element.close();
    const cross = make("button", { type: "button", class: "dialog-cross", "aria-label": "Close", title: "Close", onclick: close }, "×");
    const element = make("dialog", { id, class: "page-dialog", "aria-labelledby": heading.id }, make("header", {}, heading, cross), body, message);
    const dialog = {
      element,
      body,
      heading,
      close,
      say: (words, isError = false) => {
        message.textContent = words;
        message.classList.toggle("problem", isError);
      },
      show: () => {
        dialog.say("");
        if (!element.open) element.showModal();
      },
    };
    (document.querySelector(".gradio-container") || document.body).append(element);
    build(dialog);
    return dialog;
  };
})();
