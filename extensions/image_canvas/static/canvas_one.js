/* One canvas: it shows the picture that stands in its form's fields, and puts there what is brought and painted. */
"use strict";

(() => {
  const { paintbox } = window;
  const SEND_AFTER_MS = 1000;
  const PROPORTIONS_MS = 2000;
  const MULTIPLE_PX = 8;
  const SIDES = ["left", "right", "up", "down"];
  const inputs = paintbox.canvasInputs;

  class Canvas {
    constructor(root) {
      const { name, form, kind, label, brush } = root.dataset;
      Object.assign(this, { root, name, form, kind, picture: "", painted: "", paper: null });
      this.parts = paintbox.canvasParts(root, { kind, label, brush, extends: Boolean(root.dataset.extends) });
      this.view = new paintbox.View(this.parts, kind === "mask");
      this.isErasing = this.isMoving = this.isUnsent = false;
      this.work = Promise.resolve();
      this.tasks = 0;
      this.keepDraft = paintbox.debounce(0, () => paintbox.keepDraft(form));
      this.hideProportions = paintbox.debounce(PROPORTIONS_MS, () => (this.parts.proportions.hidden = true));
      this.saveSoon = paintbox.debounce(SEND_AFTER_MS, () => this.saved().catch(() => {}));
      paintbox.canvasHands(this);
      paintbox.canvasTools(this);
      new ResizeObserver(() => this.resized()).observe(this.parts.stage);
      this.take();
    }

    get isSeen() {
      return this.root.getClientRects().length > 0;
    }

    get isFullscreen() {
      return this.root.classList.contains("fullscreen");
    }

    get brush() {
      const { tools } = this.parts;
      const colour = tools.querySelector(".colour");
      return { size: Number(tools.querySelector(".size").value), colour: colour ? colour.value : this.root.dataset.brush };
    }

    tell(words, isProblem = false) {
      this.parts.message.textContent = words;
      this.parts.message.classList.toggle("problem", isProblem);
    }

    /** Do things one after another; a failure is told, and thrown to whoever waits for it. */
    enqueue(task) {
      this.tasks += 1;
      const done = this.work.then(task).finally(() => (this.tasks -= 1));
      this.work = done.catch((error) => this.tell(error.message, true));
      return done;
    }

    /** Something is still to be sent or shown. */
    get isBusy() {
      return this.isUnsent || this.tasks > 0;
    }

    // --- the picture ---

    /** Bring a file. */
    bring(file) {
      this.enqueue(async () => {
        this.tell("Sending the picture …");
        const ref = await inputs.send(file, file.name);
        await this.show(ref);
        this.putAll(ref);
      }).catch(() => {});
    }

    /** Put a text into one of the form's fields, and into the draft. */
    put(field, text) {
      if (inputs.put(this.name, field, text)) this.keepDraft();
    }

    putAll(picture) {
      this.put("painted", "");
      this.put("extend", "");
      this.put("picture", picture);
      this.extendTo([0, 0, 0, 0]);
    }

    /** Show what stands in the form. */
    take() {
      this.enqueue(async () => {
        const picture = inputs.read(this.name, "picture");
        if (picture !== this.picture) await this.show(picture);
        const painted = this.paper ? inputs.read(this.name, "painted") : "";
        if (painted !== this.painted) await this.takePainted(painted);
        const sides = inputs.read(this.name, "extend").split(",").map(Number);
        this.extendTo(sides.length === SIDES.length ? sides : [0, 0, 0, 0]);
      }).catch((error) => error.isFinal && this.putAll(""));
    }

    async show(ref) {
      const { image } = this.parts;
      this.picture = this.painted = "";
      this.paper = null;
      this.isUnsent = false;
      if (ref) await inputs.loaded(image, ref);
      else image.removeAttribute("src");
      this.picture = ref;
      this.paper = ref && this.kind !== "picture" ? new paintbox.Paper(image.naturalWidth, image.naturalHeight) : null;
      this.root.classList.toggle("filled", Boolean(ref));
      this.view.extend = [0, 0, 0, 0];
      this.toggle("extend", false);
      this.sizeBrush();
      this.refresh();
      this.tell(ref ? `${image.naturalWidth}×${image.naturalHeight}` : "");
      this.root.dispatchEvent(new CustomEvent("paintbox:canvas", { bubbles: true }));
    }

    async takePainted(ref) {
      if (ref) {
        const image = await inputs.loaded(new Image(), ref);
        if (this.kind === "mask") this.paper.takeMask(image, this.root.dataset.brush);
        else this.paper.takeColours(image, this.parts.image);
      } else {
        this.paper.clear();
      }
      this.painted = ref;
      this.isUnsent = false;
      this.refresh();
    }

    // --- what is painted ---

    endStroke(undone) {
      this.paper.end(undone);
      this.changed();
    }

    changed() {
      this.isUnsent = true;
      this.refresh(false);
      this.saveSoon();
    }

    /** Everything brought and painted is at the server and in the form. */
    saved() {
      return this.enqueue(() => this.save());
    }

    async save() {
      const { paper } = this;
      if (!this.isUnsent || !paper) return;
      this.isUnsent = false;
      try {
        const isBlank = paper.isBlank;
        if (!isBlank && this.kind === "colour") await this.sendGround();
        const ref = isBlank ? "" : await inputs.send(await (this.kind === "mask" ? paper.mask() : paper.png(this.parts.image)));
        if (paper !== this.paper) return;
        this.painted = ref;
        this.put("painted", ref);
      } catch (error) {
        this.isUnsent = true;
        throw error;
      }
    }

    /** The picture as this browser decodes it, so that what differs from it is exactly what was painted. */
    async sendGround() {
      if (this.ground === this.picture) return;
      const { paper } = this;
      const ref = await inputs.send(await new paintbox.Paper(paper.width, paper.height).png(this.parts.image));
      if (paper !== this.paper) return;
      this.ground = this.picture = ref;
      this.put("picture", ref);
    }

    // --- the view ---

    refresh(isAll = true) {
      if (!this.picture) return this.parts.layer.getContext("2d").clearRect(0, 0, 1e5, 1e5);
      if (isAll) this.view.fit();
      this.redraw();
      const { tools } = this.parts;
      if (!this.paper) return undefined;
      tools.querySelector(".undo").disabled = !this.paper.past.length;
      tools.querySelector(".redo").disabled = !this.paper.future.length;
      return undefined;
    }

    /** Draw what is painted, or a rectangle of it, with the next frame. */
    redraw(rect = null) {
      this.root.classList.toggle("zoomed", !this.view.isFitted);
      if (!this.paper) return;
      if (!this.waiting) {
        this.waiting = { rect };
        requestAnimationFrame(() => {
          const wanted = this.waiting;
          this.waiting = null;
          if (this.paper) this.view.draw(this.paper, wanted.rect);
        });
      } else if (!rect || !this.waiting.rect) {
        this.waiting.rect = null;
      } else {
        const old = this.waiting.rect;
        this.waiting.rect = {
          left: Math.min(old.left, rect.left),
          top: Math.min(old.top, rect.top),
          right: Math.max(old.right, rect.right),
          bottom: Math.max(old.bottom, rect.bottom),
        };
      }
    }

    resized() {
      if (!this.picture || !this.isSeen) return;
      if (this.view.isFitted) this.view.fit();
      this.redraw();
    }

    zoomBy(factor, point) {
      this.view.zoomBy(factor, point);
      this.redraw();
      if (point) this.showRing(point.pointerType === "touch" || !point.type ? null : point);
    }

    pan(x, y) {
      this.view.pan(x, y);
      this.redraw();
    }

    // --- the brush ---

    /** A brush that suits the picture. */
    sizeBrush() {
      const size = this.parts.tools.querySelector(".size");
      if (!size || !this.paper) return;
      const longest = Math.max(this.paper.width, this.paper.height);
      size.max = Math.max(100, Math.round(longest / 3));
      size.value = Math.round(longest / 14);
    }

    growBrush(direction, event) {
      const size = this.parts.tools.querySelector(".size");
      if (!size) return;
      size.value = Number(size.value) + direction * Math.max(1, Math.round(Number(size.value) * 0.1));
      if (event) this.showRing(event);
    }

    showRing(event) {
      this.view.ring(this.paper && !this.isMoving ? event : null, this.paper ? this.brush.size : 0);
    }

    /** A frame around the part of the picture that has the proportions of width : height, for a moment. */
    showProportions(width, height) {
      const { proportions } = this.parts;
      if (!this.picture || !this.isSeen || !(width > 0 && height > 0)) return;
      this.view.frameProportions(width, height);
      paintbox.element("imageARPreview")?.removeAttribute("id"); // A1111's id, of the frame that is seen
      proportions.id = "imageARPreview";
      proportions.hidden = false;
      this.hideProportions();
    }

    // --- sides ---

    extendTo(sides) {
      const { extend } = this.parts;
      const isOther = String(sides) !== String(this.view.extend);
      this.view.extend = sides;
      const [left, right, up, down] = sides;
      const { width, height } = this.view.size;
      const words = sides.some(Boolean) ? `${width + left + right}×${height + up + down}` : "";
      extend.querySelector(".extended").textContent = words;
      if (words) this.toggle("extend", true);
      if (isOther) this.refresh();
    }

    extendBy(side) {
      const step = Math.max(MULTIPLE_PX, Math.round(Number(this.parts.extend.querySelector(".step").value) / MULTIPLE_PX) * MULTIPLE_PX);
      this.extendTo(this.view.extend.map((px, index) => (SIDES[index] === side ? px + step : px)));
      this.put("extend", this.view.extend.join(","));
    }

    // --- tools ---

    press(name) {
      const button = this.parts.tools.querySelector(`.${name}`);
      if (button) button.click();
    }

    toggle(name, isOn) {
      const button = this.parts.tools.querySelector(`.${name}`);
      if (button) button.setAttribute("aria-pressed", String(isOn));
      if (name === "extend") this.parts.extend.hidden = !isOn;
      return isOn;
    }
  }

  paintbox.Canvas = Canvas;
})();
