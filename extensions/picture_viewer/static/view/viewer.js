/* The viewer: a dialog as large as the window with one picture of a gallery, its parameters, and buttons. */
import { makeSight } from "./sight.js";
import { drawTools } from "./tools.js";

const { paintbox } = window;
const { make } = paintbox;
const TALES = new Map(); // address -> infotext, or its promise

const taleOf = async (address) => {
  const known = paintbox.pictures.jobOf({ url: address });
  if (!known) return "";
  if (!TALES.has(address)) TALES.set(address, paintbox.pictures.ofJob(known.job, known.number).then((picture) => (picture ? picture.infotext : "")));
  return TALES.get(address).catch(() => "");
};

class Viewer {
  constructor() {
    paintbox.loadStyle("paintbox/assets/picture_viewer/view/viewer.css");
    this.prefix = "";
    this.place = 0;
    this.addresses = [];
    this.followsPreview = false;
    this.draw();
    this.listen();
  }

  draw() {
    this.image = make("img", { id: "modalImage", alt: "", draggable: "false" });
    this.stage = make("div", { class: "viewer-stage", tabindex: "-1" }, this.image);
    this.count = make("span", { class: "viewer-count", role: "status" });
    this.tools = make("div", { class: "viewer-tools", role: "toolbar", "aria-label": "Picture" });
    this.tale = make("p", { class: "viewer-tale", translate: "no", tabindex: "0", "aria-label": "Generation parameters" });
    this.message = make("p", { class: "viewer-message", role: "status" });
    const step = (by, id, label, sign) => make("button", { type: "button", id, class: "viewer-step", title: label, "aria-label": label, onclick: () => this.step(by) }, sign);
    this.steps = [step(-1, "modal_prev", "Previous picture", "‹"), step(1, "modal_next", "Next picture", "›")];
    this.root = make("dialog", { id: "lightboxModal", "aria-label": "Picture viewer" });
    this.root.append(make("header", {}, this.count, this.tools), make("div", { class: "viewer-middle" }, this.steps[0], this.stage, this.steps[1]));
    this.root.append(make("footer", {}, this.message, this.tale));
    this.sight = makeSight(this.stage, this.image, (by) => this.step(by));
    (document.querySelector(".gradio-container") || document.body).append(this.root);
  }

  listen() {
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("close", () => this.closed());
    this.stage.addEventListener("click", (event) => event.target === this.stage && !this.sight.wasDragged() && this.root.close());
    const mine = (call) => ({ detail }) => this.root.open && detail.form === this.prefix && call(detail);
    document.addEventListener("paintbox:preview", mine(({ address }) => this.followsPreview && this.look(address)));
    document.addEventListener("paintbox:shown", mine(() => this.refill()));
    document.addEventListener("paintbox:deleted", mine(() => this.refill()));
  }

  open(prefix, place) {
    Object.assign(this, { prefix, place, addresses: paintbox.pictures.inGallery(prefix) });
    if (!this.addresses.length) return;
    this.followsPreview = paintbox.setting("js_live_preview_in_modal_lightbox", false);
    this.root.style.setProperty("--viewer-bar", paintbox.setting("sd_webui_modal_lightbox_toolbar_opacity", 0.9));
    this.root.style.setProperty("--viewer-icon", paintbox.setting("sd_webui_modal_lightbox_icon_opacity", 1));
    this.sight.start(paintbox.setting("js_modal_lightbox_initially_zoomed", true));
    this.tools.replaceChildren(...drawTools(this));
    if (!this.root.open) this.root.showModal();
    this.stage.focus();
    this.show();
  }

  /** The gallery has other pictures by now. */
  refill() {
    setTimeout(() => {
      this.addresses = paintbox.pictures.inGallery(this.prefix);
      if (!this.addresses.length) return this.root.close();
      this.place = Math.max(0, paintbox.pictures.placeInGallery(this.prefix));
      return this.show();
    });
  }

  step(by) {
    const count = this.addresses.length;
    if (count < 2) return;
    this.place = (this.place + by + count) % count;
    this.show();
  }

  look(address) {
    this.sight.reset();
    this.image.src = address;
  }

  async show() {
    const address = this.addresses[this.place];
    this.look(address);
    this.say("");
    this.count.textContent = `${this.place + 1} / ${this.addresses.length}`;
    for (const button of this.steps) button.hidden = this.addresses.length < 2;
    const tale = await taleOf(address);
    if (this.addresses[this.place] !== address) return;
    this.image.alt = tale.split("\n")[0] || "Picture";
    this.tale.textContent = tale;
    this.tale.hidden = !tale;
  }

  say(words) {
    this.message.textContent = words;
    this.message.hidden = !words;
  }

  /** The picture as others take it in. */
  async picture() {
    const url = this.addresses[this.place];
    return { url, infotext: await taleOf(url), name: decodeURIComponent(new URL(url).pathname.split("/").pop()) };
  }

  /** Press one of the gallery's own buttons for this picture. */
  async press(id, words = "") {
    try {
      await paintbox.pictures.choose(this.prefix, this.place);
      paintbox.press(id);
      if (words) this.say(words);
    } catch (error) {
      this.say(error.message);
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      s: () => this.tool("modal_save"),
      z: () => this.sight.toggle(),
      "+": () => this.sight.zoom(1.25),
      "-": () => this.sight.zoom(0.8),
      0: () => this.sight.reset(),
      Delete: () => this.tool("modal_delete"),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  tool(id) {
    const button = this.tools.querySelector(`#${id}`);
    if (button) button.click();
  }

  /** The gallery selects what was looked at last, and its parameters follow. */
  closed() {
    paintbox.pictures.choose(this.prefix, this.place).catch(() => {});
    const large = document.querySelector(`[id="${this.prefix}_gallery"] .media-button`);
    if (large) large.focus({ preventScroll: true });
  }
}

export const viewer = new Viewer();
