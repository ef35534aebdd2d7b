/* Mends what gradio's own elements leave out for screen readers. */
"use strict";

(() => {
  const { paintbox } = window;

  // a name needs a role that may have one
  paintbox.whenDrawn(".empty[aria-label]:not([role])", (element) => element.setAttribute("role", "img"));
})();
