/* Mouse, pen and touch on a canvas: one pointer paints, two zoom and move; wheel and keys for the brush and the view. */
"use strict";

(() => {
  const { paintbox } = window;
  const WHEEL = 1.15;
  const MIDDLE = 1;
  const PEN_ERASER = 32;
  const WHEELS = [
    { setting: "canvas_hotkey_zoom", usual: "Alt", name: "Zoom", turn: (canvas, isIn, event) => canvas.zoomBy(isIn ? WHEEL : 1 / WHEEL, event) },
    { setting: "canvas_hotkey_adjust", usual: "Ctrl", name: "Adjust brush size", turn: (canvas, isIn, event) => canvas.growBrush(isIn ? 1 : -1, event) },
  ];
  const isHeld = (event, modifier) => event[`${modifier.toLowerCase()}Key`];
  const isOn = (name) => !paintbox.setting("canvas_disabled_functions", []).includes(name);

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

    stage.addEventListener("pointerenter", () => {
      const focused = document.activeElement;
      if (canvas.picture && paintbox.setting("canvas_blur_prompt", false) && focused.matches(TYPING)) focused.blur();
    });

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
        const action = WHEELS.find(({ setting, usual, name }) => isHeld(event, paintbox.setting(setting, usual)) && isOn(name));
        if (!canvas.picture || !action) return;
        event.preventDefault();
        action.turn(canvas, (event.deltaY || event.deltaX) < 0, event);
      },
      { passive: false },
    );
  };

  // --- keys: for the canvas under the pointer, or with the focus ---------------------------------------------------------

  /* A1111's names of what the keys in the settings do */
  const SET_KEYS = [
    { setting: "canvas_hotkey_shrink_brush", usual: "Q", name: "Hotkey shrink brush", press: (canvas) => canvas.growBrush(-1) },
    { setting: "canvas_hotkey_grow_brush", usual: "W", name: "Hotkey enlarge brush", press: (canvas) => canvas.growBrush(1) },
    { setting: "canvas_hotkey_reset", usual: "R", name: "Reset Zoom", press: (canvas) => canvas.press("reset") },
    { setting: "canvas_hotkey_fullscreen", usual: "S", name: "Fullscreen", press: (canvas) => canvas.press("fullscreen") },
  ];
  const isKey = (key, setting, usual) => key === String(paintbox.setting(setting, usual)).toLowerCase();
  const isMove = (key) => isKey(key, "canvas_hotkey_move", "F") && isOn("Moving canvas");
  const KEYS = {
    e: (canvas) => canvas.press("eraser"),
    "+": (canvas) => canvas.press("zoomIn"),
    "-": (canvas) => canvas.press("zoomOut"),
  };
  const TYPING = "textarea, select, [contenteditable=true], input:not([type=range], [type=color], [type=checkbox], [type=radio])";

  const actionOf = (key) => {
    const found = SET_KEYS.find(({ setting, usual, name }) => isKey(key, setting, usual) && isOn(name));
    return found ? found.press : KEYS[key];
  };

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
      } else if (isMove(key)) {
        canvas.isMoving = true;
      } else if (actionOf(key) && !event.altKey) {
        actionOf(key)(canvas);
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    };
    const up = (event) => {
      const canvas = current();
      if (canvas && isMove(event.key.toLowerCase())) canvas.isMoving = false;
    };
    // on the window and first, so that Escape leaves the full window before it interrupts a job
    window.addEventListener("keydown", down, true);
    window.addEventListener("keyup", up, true);
  };
})();
