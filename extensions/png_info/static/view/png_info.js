/* The PNG Info tab: a picture at the left, what its file says at the right. */

import { dropZone } from "../../core/tools/drop_zone.js";

const { paintbox } = window;
const { make } = paintbox;
const SENDS = [
  { id: "txt2img_tab", target: "txt2img", title: "Send to txt2img" },
  { id: "img2img_tab", target: "img2img", title: "Send to img2img" },
  { id: "inpaint_tab", target: "inpaint", title: "Send to inpaint" },
  { id: "extras_tab", target: "extras", title: "Send to extras" },
];

class PngInfo {
  constructor() {
    this.file = null;
    this.url = "";
    this.info = null;
    this.turn = 0;
    const place = { id: "pnginfo_image", label: "Drop a picture here, or click to choose one", name: "Source", taken: ([file]) => this.take(file) };
    Object.assign(this, dropZone(place));
    this.picture = make("img", { alt: "The picture", hidden: true });
    this.picture.addEventListener("error", () => this.unseen());
    this.remove = make("button", { type: "button", class: "tool icon-clear", hidden: true, title: "Remove the picture", "aria-label": "Remove the picture", onclick: () => this.clear() }, "×");
    this.zone.append(this.picture, this.remove);
    this.about = make("p", { class: "tool-note", role: "status" });
    this.buttons = SENDS.map(({ id, target, title }) => make("button", { type: "button", id, "data-target": target, disabled: true, onclick: () => this.send(target) }, title));
    this.result = make("div", { class: "pnginfo-result", id: "pnginfo_result" });
    this.hidden = make("textarea", { id: "pnginfo_generation_info", hidden: true, readonly: true, "aria-label": "Generation info" });
  }

  draw(place) {
    const left = make("div", { class: "tool-form" }, this.zone, this.about);
    const right = make("div", { class: "tool-form" }, make("div", { class: "pnginfo-sends" }, ...this.buttons), this.result, this.hidden);
    place.classList.add("tool", "pnginfo");
    place.replaceChildren(make("div", { class: "tool-columns tool-halves" }, left, right));
    document.addEventListener("paste", (event) => this.paste(event));
    this.clear();
  }

  paste(event) {
    const file = [...(event.clipboardData?.files || [])].find((each) => each.type.startsWith("image/"));
    if (!file || this.zone.offsetParent === null) return;
    event.preventDefault();
    this.take(file);
  }

  clear() {
    this.turn += 1;
    this.forget();
    this.file = this.info = null;
    this.picture.hidden = this.remove.hidden = true;
    this.choose.hidden = false;
    this.about.textContent = "";
    this.hidden.value = "";
    this.result.replaceChildren(make("p", { class: "tool-note" }, "What the picture's file says appears here."));
    this.offer();
  }

  /** The browser cannot show it; what its file says may be read all the same. */
  unseen() {
    if (!this.url) return;
    this.picture.hidden = true;
    this.choose.hidden = false;
  }

  forget() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = "";
    this.picture.removeAttribute("src");
  }

  async take(file) {
    if (!file) return;
    this.clear();
    const turn = this.turn;
    this.file = file;
    this.url = URL.createObjectURL(file);
    this.picture.src = this.url;
    this.picture.hidden = this.remove.hidden = false;
    this.choose.hidden = true;
    this.about.textContent = "Reading …";
    try {
      const answer = await fetch(paintbox.address(`paintbox/v1/picture-info?name=${encodeURIComponent(file.name)}`), { method: "POST", body: file });
      const data = await answer.json().catch(() => ({}));
      if (turn !== this.turn) return;
      if (!answer.ok) throw new Error(typeof data.detail === "string" ? data.detail : `The picture could not be read (${answer.status}).`);
      this.show(data);
    } catch (error) {
      if (turn !== this.turn) return;
      this.about.textContent = "";
      this.result.replaceChildren(make("p", { class: "tool-problem", role: "alert" }, error.message));
    }
  }

  show(info) {
    this.info = info;
    this.hidden.value = info.infotext;
    this.about.textContent = `${this.file.name}, ${info.width}×${info.height}`;
    this.result.replaceChildren(...parametersOf(info), ...info.chunks.map((chunk, number) => chunkOf(chunk, !info.infotext && number < 3)));
    this.offer();
  }

  /** The buttons that can be used now: places that are there, and parameters only where there are some. */
  offer() {
    for (const button of this.buttons) {
      const { target } = button.dataset;
      button.hidden = !paintbox.pictures.targets.has(target);
      button.disabled = !this.info || (target === "txt2img" && !this.info.infotext);
    }
  }

  send(target) {
    return paintbox.pictures.send(target, { url: this.url, infotext: this.info.infotext, name: this.file.name });
  }
}

const copyButton = (text) => {
  const button = make("button", { type: "button", class: "pnginfo-copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch (error) {
      button.textContent = "This browser does not allow it";
    }
  });
  return button;
};

const block = (title, text) => make("section", { class: "pnginfo-block" }, make("h3", {}, title), make("p", { class: "pnginfo-text" }, text));

const parametersOf = (info) => {
  if (!info.infotext) {
    const words = info.chunks.length ? "No generation parameters were found. These are the texts in the file:" : "The file says nothing of how the picture was made.";
    return [make("p", { class: "tool-note" }, words)];
  }
  const rows = info.fields.map(({ name, value }) => [make("dt", {}, name), make("dd", {}, value)]).flat();
  const source = info.software ? make("p", { class: "tool-note" }, `Written by ${info.software}; shown as parameters of this program.`) : "";
  const unread = info.unread.length ? make("ul", { class: "tool-comments" }, ...info.unread.map((words) => make("li", {}, words))) : "";
  return [
    make("div", { class: "pnginfo-head" }, make("h2", {}, "Parameters"), copyButton(info.infotext)),
    source,
    ...(info.prompt ? [block("Prompt", info.prompt)] : []),
    ...(info.negative_prompt ? [block("Negative prompt", info.negative_prompt)] : []),
    rows.length ? make("dl", { class: "pnginfo-fields" }, ...rows) : "",
    unread,
    make("h2", {}, "Texts in the file"),
  ].filter(Boolean);
};

const chunkOf = ({ name, text, form, cut }, isOpen) => {
  const more = cut ? [make("p", { class: "tool-note" }, `${cut} more characters are not shown.`)] : [];
  return make("details", { class: "tool-accordion", open: isOpen }, make("summary", {}, name), copyButton(text), make("pre", { class: `pnginfo-${form}`, tabindex: 0 }, text), ...more);
};

/** Fill the place. */
export const open = async (place) => {
  await Promise.all([paintbox.loadStyle("paintbox/assets/core/tools/tools.css"), paintbox.loadStyle("paintbox/assets/png_info/view/png_info.css")]);
  const view = new PngInfo();
  view.draw(place);
  document.addEventListener("paintbox:pictures", () => view.offer());
};
