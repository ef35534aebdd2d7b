/* Mouse, pen and touch on a canvas: one pointer paints, two zoom and move; wheel and keys for the brush and the view. */
"use strict";

(() => {
  const { paintbox } = window;
  const WHEEL = 1.15;
  const MIDDLE = 1;
  const PEN_ERASER = 32;

  const middle = (pointers) => {
    const [one, two] = pointers.values();
    return {
      clientX: (one.clientX + two.clientX) / 2,
      clientY: (one.clientY + two.clientY) / 2,
      apart: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY) || 1,
    };
  };

  paintbox.canvasHands = (canvas) => {
    const { stage } = canvas.parts;
    const pointers = new Map();
    let doing = ""; // "", paint, move, pinch
    let pinch = null;

    const place = (event) => ({ clientX: event.clientX, clientY: event.clientY });
    const pressure = (event) => (event.pointerType === "pen" && event.pressure > 0 ? event.pressure : 1);
    const paint = (event) => {
      const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const each of all.length ? all : [event]) {
        canvas.redraw(canvas.paper.to({ ...canvas.view.toPicture(each), pressure: pressure(each) }));
      }
    };

    const begin = (event) => {
      if (!canvas.picture || event.target.closest("button")) return;
      stage.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, place(event));
      if (pointers.size === 2) {
        if (doing === "paint") canvas.endStroke(true);
        doing = "pinch";
        pinch = middle(pointers);
      } else if (event.button === MIDDLE || canvas.isMoving || !canvas.paper) {
        doing = "move";
      } else if (event.button === 0 || event.buttons & PEN_ERASER) {
        doing = "paint";
        canvas.paper.begin({ ...canvas.brush, erase: canvas.isErasing || Boolean(event.buttons & PEN_ERASER) });
        paint(event);
      }
      stage.classList.toggle("moving", doing === "move");
      if (event.pointerType !== "touch") stage.focus({ preventScroll: true });
      event.preventDefault();
    };

    const go = (event) => {
      if (event.pointerType !== "touch") canvas.showRing(event);
      const before = pointers.get(event.pointerId);
      if (!before) {
        if (canvas.isMoving) canvas.pan(event.movementX, event.movementY);
        return;
      }
      pointers.set(event.pointerId, place(event));
      if (doing === "paint") {
        paint(event);
      } else if (doing === "move") {
        canvas.pan(event.clientX - before.clientX, event.clientY - before.clientY);
      } else if (doing === "pinch" && pointers.size === 2) {
        const now = middle(pointers);
        canvas.pan(now.clientX - pinch.clientX, now.clientY - pinch.clientY);
        canvas.zoomBy(now.apart / pinch.apart, now);
        pinch = now;
      }
    };

    const end = (event) => {
      if (!pointers.delete(event.pointerId)) return;
      if (doing === "paint") canvas.endStroke(event.type === "pointercancel");
      if (doing !== "pinch" || !pointers.size) doing = "";
      stage.classList.remove("moving");
    };

    stage.addEventListener("pointerdown", begin);
    stage.addEventListener("pointermove", go);
    stage.addEventListener("pointerup", end);
    stage.addEventListener("pointercancel", end);
    stage.addEventListener("pointerleave", () => canvas.showRing(null));
    stage.addEventListener(
      "wheel",
      (event) => {
        if (!canvas.picture || !(event.altKey || event.ctrlKey)) return;
        event.preventDefault();
        const isIn = (event.deltaY || event.deltaX) < 0;
        if (event.altKey) canvas.zoomBy(isIn ? WHEEL : 1 / WHEEL, event);
        else canvas.growBrush(isIn ? 1 : -1, event);
      },
      { passive: false },
    );
  };

  // --- keys: for the canvas under the pointer, or with the focus ---------------------------------------------------------

  const KEYS = {
    q: (canvas) => canvas.growBrush(-1),
    w: (canvas) => canvas.growBrush(1),
    e: (canvas) => canvas.press("eraser"),
    r: (canvas) => canvas.press("reset"),
    s: (canvas) => canvas.press("fullscreen"),
    "+": (canvas) => canvas.press("zoomIn"),
    "-": (canvas) => canvas.press("zoomOut"),
  };
  const TYPING = "textarea, select, [contenteditable=true], input:not([type=range], [type=color], [type=checkbox], [type=radio])";

  /** `current()` gives the canvas that keys are meant for, or null. */
  paintbox.canvasKeys = (current) => {
    const down = (event) => {
      const canvas = current();
      const key = event.key.toLowerCase();
      if (!canvas || event.target.closest(TYPING)) return;
      if (event.ctrlKey || event.metaKey) {
        if (!["z", "y"].includes(key)) return;
        canvas.press(key === "y" || event.shiftKey ? "redo" : "undo");
      } else if (key === "escape" && canvas.isFullscreen) {
        canvas.press("fullscreen");
      } else if (key === "f") {
        canvas.isMoving = true;
      } else if (KEYS[key] && !event.altKey) {
        KEYS[key](canvas);
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    };
    const up = (event) => {
      const canvas = current();
      if (canvas && event.key.toLowerCase() === "f") canvas.isMoving = false;
    };
    // on the window and first, so that Escape leaves the full window before it interrupts a job
    window.addEventListener("keydown", down, true);
    window.addEventListener("keyup", up, true);
  };
})();
