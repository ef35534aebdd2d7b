/* The paper of a canvas: what is painted on a picture, stroke by stroke, with undo; it knows pixels of the picture and nothing of the window. */
"use strict";

(() => {
  const TILE = 256;
  const MOST_KEPT = 192 * 1024 * 1024; // bytes of old pixels that undo may keep
  const RIM = 3; // px by which the eraser is wider than the brush, so that it leaves no rim of its stroke
  const LIGHTEST = 0.3; // width of a stroke without pressure, as a part of the brush

  const blank = (width, height) => Object.assign(document.createElement("canvas"), { width, height });

  /** A rectangle around points, `margin` px larger. */
  const around = (points, margin) => {
    const xs = points.map((point) => point.x);
    const ys = points.map((point) => point.y);
    return { left: Math.min(...xs) - margin, top: Math.min(...ys) - margin, right: Math.max(...xs) + margin, bottom: Math.max(...ys) + margin };
  };

  class Paper {
    constructor(width, height) {
      this.canvas = blank(width, height);
      this.brush = this.canvas.getContext("2d", { willReadFrequently: true });
      this.past = [];
      this.future = [];
      this.before = null;
    }

    get width() {
      return this.canvas.width;
    }

    get height() {
      return this.canvas.height;
    }

    // --- strokes ---

    begin({ colour, size, erase }) {
      this.before = new Map();
      this.last = null;
      this.size = size + (erase ? RIM : 0);
      Object.assign(this.brush, { lineCap: "round", lineJoin: "round", strokeStyle: colour });
      this.brush.globalCompositeOperation = erase ? "destination-out" : "source-over";
    }

    /** Paint on to `point` ({x, y, pressure 0..1}); returns the rectangle that changed. */
    to(point) {
      const from = this.last || point;
      const width = Math.max(1, this.size * (LIGHTEST + (1 - LIGHTEST) * point.pressure));
      const rect = around([from, point], width / 2 + 2);
      this.keep(rect);
      this.brush.lineWidth = width;
      this.brush.beginPath();
      this.brush.moveTo(from.x, from.y);
      this.brush.lineTo(point.x, point.y);
      this.brush.stroke();
      this.last = point;
      return rect;
    }

    /** The stroke is done, or (`undone`) never was. */
    end(undone = false) {
      if (!this.before) return;
      const tiles = this.before;
      this.before = null;
      this.brush.globalCompositeOperation = "source-over";
      if (undone) this.swap(tiles);
      else if (tiles.size) this.remember(tiles);
    }

    clear() {
      this.before = new Map();
      this.keep({ left: 0, top: 0, right: this.width, bottom: this.height });
      this.brush.clearRect(0, 0, this.width, this.height);
      this.end();
    }

    // --- undo ---

    /** Keep the tiles below a rectangle as they are, unless this stroke has done so already. */
    keep({ left, top, right, bottom }) {
      const columns = Math.ceil(this.width / TILE);
      const last = { column: columns - 1, row: Math.ceil(this.height / TILE) - 1 };
      for (let row = Math.max(0, Math.floor(top / TILE)); row <= Math.min(last.row, Math.floor(bottom / TILE)); row += 1) {
        for (let column = Math.max(0, Math.floor(left / TILE)); column <= Math.min(last.column, Math.floor(right / TILE)); column += 1) {
          const number = row * columns + column;
          if (!this.before.has(number)) this.before.set(number, this.tile(number));
        }
      }
    }

    place(number) {
      const columns = Math.ceil(this.width / TILE);
      return [(number % columns) * TILE, Math.floor(number / columns) * TILE];
    }

    tile(number) {
      return this.brush.getImageData(...this.place(number), TILE, TILE);
    }

    /** Put tiles back; returns what was there. */
    swap(tiles) {
      const there = new Map();
      for (const [number, pixels] of tiles) {
        there.set(number, this.tile(number));
        this.brush.putImageData(pixels, ...this.place(number));
      }
      return there;
    }

    remember(tiles) {
      this.past.push(tiles);
      this.future = [];
      let kept = this.past.reduce((sum, each) => sum + each.size * TILE * TILE * 4, 0);
      while (kept > MOST_KEPT && this.past.length > 1) kept -= this.past.shift().size * TILE * TILE * 4;
    }

    undo() {
      if (this.past.length) this.future.push(this.swap(this.past.pop()));
    }

    redo() {
      if (this.future.length) this.past.push(this.swap(this.future.pop()));
    }

    // --- in and out ---

    get isBlank() {
      const pixels = new Uint32Array(this.brush.getImageData(0, 0, this.width, this.height).data.buffer);
      return !pixels.some((pixel) => pixel !== 0);
    }

    /** A PNG: what is painted over an image. */
    png(ground) {
      return this.sheet((pen) => {
        pen.drawImage(ground, 0, 0, this.width, this.height);
        pen.drawImage(this.canvas, 0, 0);
      });
    }

    /** A PNG: white where something is painted, in whatever colour, on black. */
    mask() {
      return this.sheet((pen) => {
        pen.drawImage(this.canvas, 0, 0);
        for (const [operation, colour] of [["source-in", "#ffffff"], ["destination-over", "#000000"]]) {
          pen.globalCompositeOperation = operation;
          pen.fillStyle = colour;
          pen.fillRect(0, 0, this.width, this.height);
        }
      });
    }

    sheet(draw) {
      const sheet = blank(this.width, this.height);
      draw(sheet.getContext("2d", { willReadFrequently: true }));
      return new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
    }

    /** Take in a mask: as opaque as it is bright, in the colour of the brush, "#rrggbb". */
    takeMask(image, colour) {
      const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
      this.take(image, (pixels) => {
        for (let at = 0; at < pixels.length; at += 4) {
          pixels[at + 3] = pixels[at];
          [pixels[at], pixels[at + 1], pixels[at + 2]] = [red, green, blue];
        }
      });
    }

    /** Take in a picture that was painted on: the pixels that differ from `ground`. */
    takeColours(image, ground) {
      const sheet = blank(this.width, this.height).getContext("2d", { willReadFrequently: true });
      sheet.drawImage(ground, 0, 0, this.width, this.height);
      const plain = new Uint32Array(sheet.getImageData(0, 0, this.width, this.height).data.buffer);
      this.take(image, (pixels) => {
        const painted = new Uint32Array(pixels.buffer);
        for (let at = 0; at < painted.length; at += 1) if (painted[at] === plain[at]) painted[at] = 0;
      });
    }

    take(image, change) {
      this.brush.clearRect(0, 0, this.width, this.height);
      this.brush.drawImage(image, 0, 0, this.width, this.height);
      const whole = this.brush.getImageData(0, 0, this.width, this.height);
      change(whole.data);
      this.brush.putImageData(whole, 0, 0);
      this.past = [];
      this.future = [];
    }
  }

  window.paintbox.Paper = Paper;
})();
