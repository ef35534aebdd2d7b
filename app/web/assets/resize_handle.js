/* The divider between the two columns of a tab: dragged, or moved with the arrow keys; a double click puts it back. */
"use strict";

(() => {
  const { paintbox } = window;
  const { make } = paintbox;
  const [LEAST, MOST, STEP] = [25, 75, 2];

  const setUp = (row) => {
    const [left, right] = row.children;
    if (!left || !right) return;
    const memory = `paintbox:split:${left.id}`;

    const put = (percent) => {
      row.classList.toggle("split", percent !== null);
      if (percent === null) {
        row.style.removeProperty("--split");
        localStorage.removeItem(memory);
        handle.setAttribute("aria-valuenow", "50");
        return;
      }
      const kept = Math.min(MOST, Math.max(LEAST, percent));
      row.style.setProperty("--split", `${kept.toFixed(1)}%`);
      localStorage.setItem(memory, String(kept));
      handle.setAttribute("aria-valuenow", String(Math.round(kept)));
    };

    const at = ({ clientX }) => {
      const box = row.getBoundingClientRect();
      return ((clientX - box.left) / box.width) * 100;
    };

    const keys = (event) => {
      const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      put(Number(handle.getAttribute("aria-valuenow")) + by);
    };

    const handle = make("div", {
      class: "resize-handle",
      role: "separator",
      tabindex: "0",
      title: "Drag to change the width of the columns; double click to reset",
      "aria-label": "Width of the columns",
      "aria-orientation": "vertical",
      "aria-valuemin": LEAST,
      "aria-valuemax": MOST,
      "aria-valuenow": "50",
      onkeydown: keys,
      ondblclick: () => put(null),
      onpointerdown: (event) => {
        if (event.button) return;
        event.preventDefault();
        handle.setPointerCapture(event.pointerId);
      },
      onpointermove: (event) => handle.hasPointerCapture(event.pointerId) && put(at(event)),
    });
    left.after(handle);
    const kept = Number(localStorage.getItem(memory));
    if (kept) put(kept);
  };

  paintbox.whenDrawn(".resize-handle-row", setUp);
})();
