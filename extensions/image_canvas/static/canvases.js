/* All canvases of the page: which one keys and pasted pictures are for, copies between them, and Generate waits until all is sent. */
"use strict";

(() => {
  const { paintbox } = window;
  const inputs = paintbox.canvasInputs;
  const known = new Map();

  const seen = () => [...known.values()].filter((canvas) => canvas.isSeen);
  paintbox.canvasKeys(() => paintbox.canvases.current());

  paintbox.canvases = {
    /** A field of the form changed. */
    changed: (name) => known.has(name) && known.get(name).take(),
    /** The canvas that keys and pasted pictures are meant for, or null. */
    current: () => {
      const all = seen();
      const under = (canvas) => canvas.root.matches(":hover") || canvas.root.contains(document.activeElement);
      return all.find((canvas) => canvas.isFullscreen) || all.find(under) || null;
    },
    seen,
    send: inputs.send,
    /** Width and height of the picture, with its extended sides; null without one. */
    size: (name) => {
      const canvas = known.get(name);
      if (!canvas || !canvas.picture) return null;
      const [left, right, up, down] = canvas.view.extend;
      return [canvas.view.size.width + left + right, canvas.view.size.height + up + down];
    },
    /** Show for a moment which part of a picture has the proportions of width : height. */
    showProportions: (name, width, height) => known.has(name) && known.get(name).showProportions(width, height),
    /** Put the picture of one canvas (with its colours) into another. */
    copy: async (from, to) => {
      const canvas = known.get(from);
      if (canvas) await canvas.saved();
      const painted = canvas && canvas.kind === "colour" ? inputs.read(from, "painted") : "";
      const picture = painted || inputs.read(from, "picture");
      if (from === to || !picture) return;
      inputs.put(to, "painted", "");
      inputs.put(to, "extend", "");
      inputs.put(to, "picture", picture);
    },
  };

  paintbox.whenDrawn(".image-canvas", (root) => known.set(root.dataset.name, new paintbox.Canvas(root)));

  // --- Generate waits until everything is sent; a canvas that could not send says so, and nothing is generated ---

  const waiting = new Set();
  const generate = async (button, canvases) => {
    if (waiting.has(button)) return;
    waiting.add(button);
    try {
      await Promise.all(canvases.map((canvas) => canvas.saved()));
      await new Promise((resolve) => setTimeout(resolve)); // the form takes in the new names
    } catch (error) {
      return;
    } finally {
      waiting.delete(button);
    }
    button.click();
  };

  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest(".generate-box button.generate");
      const form = button && button.closest(".generate-box").id.replace(/_generate_box$/, "");
      const busy = [...known.values()].filter((canvas) => canvas.form === form && canvas.isBusy);
      if (!busy.length) return;
      event.stopImmediatePropagation();
      event.preventDefault();
      generate(button, busy);
    },
    true,
  );
})();
