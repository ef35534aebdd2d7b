/* How a canvas is seen: zoom and pan, the picture, what is painted over it, the frame of the extended picture, the ring of the brush. */
"use strict";

(() => {
  const NEAREST = 32; // most screen pixels a picture's pixel takes
  const FARTHEST = 0.25; // of the size at which the whole picture is seen
  const MASK_OPACITY = 0.65;
  const OUTLINE = 3; // px around a mask that are darkened, so that a white one is seen on a bright picture

  /** Draw only the dark outline of what `paint` draws. */
  const outlined = (pen, width, paint) => {
    Object.assign(pen, { shadowColor: "#000000", shadowBlur: width });
    paint();
    paint(); // twice as dark
    Object.assign(pen, { shadowColor: "transparent", globalCompositeOperation: "destination-out" });
    paint();
    pen.globalCompositeOperation = "source-over";
  };

  class View {
    /** `parts`: elements stage, image, layer (a canvas), frame, proportions, ring. */
    constructor(parts, isMask) {
      this.parts = parts;
      this.opacity = isMask ? MASK_OPACITY : 1;
      this.outline = isMask ? OUTLINE : 0;
      this.zoom = 1;
      this.x = 0;
      this.y = 0;
      this.isFitted = true;
      this.extend = [0, 0, 0, 0];
    }

    get size() {
      return { width: this.parts.image.naturalWidth, height: this.parts.image.naturalHeight };
    }

    // --- where things are ---

    /** From a pointer's place in the window to the picture's pixels. */
    toPicture(event) {
      const box = this.parts.stage.getBoundingClientRect();
      return { x: (event.clientX - box.left - this.x) / this.zoom, y: (event.clientY - box.top - this.y) / this.zoom };
    }

    fittingZoom() {
      const { stage } = this.parts;
      const [left, right, up, down] = this.extend;
      const { width, height } = this.size;
      return Math.min(stage.clientWidth / (width + left + right), stage.clientHeight / (height + up + down)) || 1;
    }

    /** Show the whole picture with its extended sides. */
    fit() {
      const { stage } = this.parts;
      const [left, right, up, down] = this.extend;
      const { width, height } = this.size;
      this.zoom = this.fittingZoom();
      this.x = (stage.clientWidth - (width + left + right) * this.zoom) / 2 + left * this.zoom;
      this.y = (stage.clientHeight - (height + up + down) * this.zoom) / 2 + up * this.zoom;
      this.isFitted = true;
      this.place();
    }

    /** Zoom so that what is at `point` (clientX, clientY; the middle if not given) stays there. */
    zoomBy(factor, point) {
      const box = this.parts.stage.getBoundingClientRect();
      const x = point ? point.clientX - box.left : box.width / 2;
      const y = point ? point.clientY - box.top : box.height / 2;
      const fitting = this.fittingZoom();
      const zoom = Math.min(Math.max(NEAREST, fitting), Math.max(fitting * FARTHEST, this.zoom * factor));
      this.x = x - ((x - this.x) * zoom) / this.zoom;
      this.y = y - ((y - this.y) * zoom) / this.zoom;
      this.zoom = zoom;
      this.isFitted = false;
      this.place();
    }

    pan(x, y) {
      this.x += x;
      this.y += y;
      this.isFitted = false;
      this.place();
    }

    /** Put picture and frame where they belong. */
    place() {
      const { image, frame } = this.parts;
      const { width, height } = this.size;
      const [left, right, up, down] = this.extend;
      image.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.zoom})`;
      frame.hidden = !this.extend.some(Boolean);
      Object.assign(frame.style, {
        left: `${this.x - left * this.zoom}px`,
        top: `${this.y - up * this.zoom}px`,
        width: `${(width + left + right) * this.zoom}px`,
        height: `${(height + up + down) * this.zoom}px`,
      });
    }

    /** Put the red frame around the largest part of the picture, in its middle, with the proportions of width : height. */
    frameProportions(width, height) {
      const { size, zoom } = this;
      const scale = Math.min(size.width / width, size.height / height) * zoom;
      Object.assign(this.parts.proportions.style, {
        left: `${this.x + (size.width * zoom - width * scale) / 2}px`,
        top: `${this.y + (size.height * zoom - height * scale) / 2}px`,
        width: `${width * scale}px`,
        height: `${height * scale}px`,
      });
    }

    ring(event, size) {
      const { ring, stage } = this.parts;
      ring.hidden = !event;
      if (!event) return;
      const box = stage.getBoundingClientRect();
      const side = Math.max(3, size * this.zoom);
      Object.assign(ring.style, { width: `${side}px`, height: `${side}px` });
      ring.style.transform = `translate(${event.clientX - box.left - side / 2}px, ${event.clientY - box.top - side / 2}px)`;
    }

    // --- what is painted ---

    /** Draw the paper, or only a rectangle of it (in the picture's pixels). */
    draw(paper, rect) {
      const { stage, layer } = this.parts;
      const density = window.devicePixelRatio || 1;
      const wide = Math.round(stage.clientWidth * density);
      const high = Math.round(stage.clientHeight * density);
      if (layer.width !== wide || layer.height !== high) Object.assign(layer, { width: wide, height: high });
      const pen = layer.getContext("2d");
      const zoom = this.zoom * density;
      const seen = rect || { left: -this.x / this.zoom, top: -this.y / this.zoom, right: Infinity, bottom: Infinity };
      const outline = this.outline * density;
      const margin = Math.ceil((2 + 2 * outline) / zoom) + 1; // so that no rounding leaves a gap, and no outline is cut off
      const left = Math.max(0, Math.floor(seen.left) - margin);
      const top = Math.max(0, Math.floor(seen.top) - margin);
      const right = Math.min(paper.width, Math.ceil(Math.min(seen.right, (stage.clientWidth - this.x) / this.zoom)) + margin);
      const bottom = Math.min(paper.height, Math.ceil(Math.min(seen.bottom, (stage.clientHeight - this.y) / this.zoom)) + margin);
      if (!rect) pen.clearRect(0, 0, wide, high);
      if (right <= left || bottom <= top) return;
      const place = [this.x * density + left * zoom, this.y * density + top * zoom, (right - left) * zoom, (bottom - top) * zoom];
      const cut = { left: left && outline, top: top && outline, right: right < paper.width && outline, bottom: bottom < paper.height && outline };
      const whole = [
        Math.ceil(place[0] + cut.left),
        Math.ceil(place[1] + cut.top),
        Math.floor(place[2] - cut.left - cut.right),
        Math.floor(place[3] - cut.top - cut.bottom),
      ]; // without the rim in which the outlines of what lies further out are missing
      pen.save();
      pen.beginPath();
      pen.rect(...whole);
      pen.clip();
      pen.clearRect(...whole);
      pen.imageSmoothingEnabled = zoom < 3;
      const paint = () => pen.drawImage(paper.canvas, left, top, right - left, bottom - top, ...place);
      if (outline) outlined(pen, outline, paint);
      pen.globalAlpha = this.opacity;
      paint();
      pen.restore();
    }
  }

  window.paintbox.View = View;
})();
