/* How the viewer's picture is seen: fitting or in its own size, enlarged around the pointer, moved by dragging, swiped to the next, tiled. */

const LARGEST = 16;
const SWIPE_PX = 60;
const MOVED_PX = 6;

/** `step(by)` goes to another picture; returns what the viewer's buttons and keys do. */
export const makeSight = (stage, image, step) => {
  let [scale, x, y] = [1, 0, 0];
  let isFitting = true;
  let isTiled = false;
  let drag = null;
  let wasDragged = false;
  let pinch = 0;
  const fingers = new Map();

  const apply = () => {
    stage.classList.toggle("natural", !isFitting);
    stage.classList.toggle("enlarged", scale > 1);
    image.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
  };
  const drawTiles = () => {
    stage.classList.toggle("tiled", isTiled);
    stage.style.backgroundImage = isTiled ? `url("${image.src}")` : "";
  };
  image.addEventListener("load", drawTiles);

  /** Enlarge around a place of the window: what is there stays there. */
  const zoom = (by, at = null) => {
    const wanted = Math.min(LARGEST, Math.max(1, scale * by));
    const box = stage.getBoundingClientRect();
    const [fromX, fromY] = at ? [at.clientX - box.left - box.width / 2, at.clientY - box.top - box.height / 2] : [0, 0];
    x = fromX - ((fromX - x) * wanted) / scale;
    y = fromY - ((fromY - y) * wanted) / scale;
    scale = wanted;
    if (scale === 1) [x, y] = [0, 0];
    apply();
  };
  const reset = () => {
    [scale, x, y] = [1, 0, 0];
    apply();
  };
  const toggle = () => {
    isFitting = !isFitting;
    reset();
  };

  const spread = () => {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  };

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event);
  });
  stage.addEventListener("dblclick", toggle);
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) pinch = spread();
    wasDragged = false;
    drag = { startX: event.clientX, startY: event.clientY, x, y };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!drag) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) {
      zoom(spread() / pinch, event);
      pinch = spread();
      wasDragged = true;
      return;
    }
    const [movedX, movedY] = [event.clientX - drag.startX, event.clientY - drag.startY];
    wasDragged ||= Math.hypot(movedX, movedY) > MOVED_PX;
    if (scale > 1 && wasDragged) {
      [x, y] = [drag.x + movedX, drag.y + movedY];
      apply();
    }
  });
  const ended = (event) => {
    const isLast = fingers.size === 1;
    fingers.delete(event.pointerId);
    const moved = drag ? event.clientX - drag.startX : 0;
    if (drag && isLast && !pinch && scale === 1 && event.pointerType === "touch" && Math.abs(moved) > SWIPE_PX) step(moved < 0 ? 1 : -1);
    if (!fingers.size) [drag, pinch] = [null, 0];
  };
  stage.addEventListener("pointerup", ended);
  stage.addEventListener("pointercancel", ended);

  return {
    start: (fits) => {
      isFitting = fits;
      reset();
    },
    reset,
    zoom,
    toggle,
    isTiled: () => isTiled,
    tile: () => {
      isTiled = !isTiled;
      drawTiles();
      return isTiled;
    },
    /** Whether the last press moved: then it was no click. */
    wasDragged: () => wasDragged,
  };
};
