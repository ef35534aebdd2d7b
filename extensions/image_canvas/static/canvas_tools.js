/* The buttons of a canvas: what each of them does. */
"use strict";

(() => {
  const { paintbox } = window;
  const SIDES = ["left", "right", "up", "down"];

  paintbox.canvasTools = (canvas) => {
    const { tools, extend, file, empty, root } = canvas.parts;
    const isOn = (name) => tools.querySelector(`.${name}`).getAttribute("aria-pressed") === "true";
    const actions = {
      open: () => file.click(),
      remove: () => canvas.enqueue(() => canvas.show("")).then(() => canvas.putAll("")),
      undo: () => (canvas.paper.undo(), canvas.changed()),
      redo: () => (canvas.paper.redo(), canvas.changed()),
      clear: () => (canvas.paper.clear(), canvas.changed()),
      eraser: () => (canvas.isErasing = canvas.toggle("eraser", !isOn("eraser"))),
      zoomIn: () => canvas.zoomBy(1.25),
      zoomOut: () => canvas.zoomBy(0.8),
      reset: () => canvas.refresh(),
      fullscreen: () => root.classList.toggle("fullscreen", canvas.toggle("fullscreen", !isOn("fullscreen"))),
      extend: () => canvas.toggle("extend", !isOn("extend")),
    };
    for (const [name, act] of Object.entries(actions)) {
      const button = tools.querySelector(`.${name}`);
      if (button) button.addEventListener("click", act);
    }
    for (const side of SIDES) extend.querySelector(`.${side}`).addEventListener("click", () => canvas.extendBy(side));
    extend.querySelector(".no-extend").addEventListener("click", () => {
      canvas.extendTo([0, 0, 0, 0]);
      canvas.put("extend", "");
    });
    empty.addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      if (file.files.length) canvas.bring(file.files[0]);
      file.value = "";
    });
    paintbox.canvasDrop(canvas);
  };
})();
