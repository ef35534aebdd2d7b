/* Mends what gradio's own elements leave out for screen readers. */
"use strict";

(() => {
  const { paintbox } = window;

  // a name needs a role that may have one
  paintbox.whenDrawn("div.empty[aria-label]:not([role])", (element) => element.setAttribute("role", "img"));

  // by which people find the beginning of a page
  paintbox.whenDrawn("main", (main) => {
    const heading = Object.assign(document.createElement("h1"), { className: "visually-hidden", textContent: "Paintbox" });
    if (!main.querySelector("h1")) main.prepend(heading);
  });
})();
