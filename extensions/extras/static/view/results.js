/* The results of the Extras tab: progress, the pictures, what was done to the selected one, and where it can go. */

const { paintbox } = window;
const { make } = paintbox;
const NOTHING = "Results appear here.";
const UNSEEN = "The results are saved; they are not shown, as the form says.";
const FOLDER = "paintbox/v1/open-folder";
const SENDS = [
  { name: "send_to_img2img", target: "img2img", icon: "image", title: "Send the selected picture to img2img" },
  { name: "send_to_inpaint", target: "inpaint", icon: "palette", title: "Send the selected picture to inpaint" },
  { name: "send_to_extras", target: "extras", icon: "enlarge", title: "Work on the selected picture" },
];

export class Results {
  constructor() {
    this.images = [];
    this.selected = 0;
    this.fill = make("div", { class: "tool-fill", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": "Progress" });
    this.words = make("div", { class: "tool-words" });
    this.bar = make("div", { class: "tool-progress", hidden: true }, this.fill, this.words);
    this.large = make("img", { alt: "The selected result" });
    this.link = make("a", { class: "extras-large", target: "_blank", rel: "noopener", hidden: true, title: "Open the picture in a tab of its own" }, this.large);
    this.link.addEventListener("click", (event) => this.enlarge(event));
    /* the viewer finds the pictures of a gallery by these classes */
    this.row = make("div", { class: "extras-thumbnails grid-container", role: "group", "aria-label": "Results", onkeydown: (event) => this.key(event) });
    this.empty = make("p", { class: "tool-note extras-empty" }, NOTHING);
    this.gallery = make("div", { class: "extras-gallery", id: "extras_gallery" }, this.empty, this.link, this.row);
    this.folder = make("button", { type: "button", class: "tool icon-folder", id: "extras_open_folder", title: "Open the folder of the results", "aria-label": "Open the folder of the results", hidden: true, onclick: () => this.openFolder() });
    this.buttons = make("div", { class: "extras-buttons", id: "image_buttons_extras" }, this.folder, ...SENDS.map((send) => this.sendButton(send)));
    this.facts = make("div", { class: "extras-facts", id: "html_info_x_extras" });
    this.infotext = make("pre", { class: "extras-infotext", id: "html_info_extras", hidden: true });
    this.log = make("div", { class: "tool-result", id: "html_log_extras", role: "status", "aria-live": "polite" });
    this.problem = make("p", { class: "tool-problem", id: "extras_problem", role: "alert", hidden: true }); // above the pictures, so that it is seen
    this.element = make("div", { class: "tool-panel", id: "extras_results_panel" }, this.problem, this.bar, this.gallery, this.buttons, this.facts, this.infotext, this.log);
    this.buttons.hidden = true;
    this.offerFolder();
  }

  /** 📂 is there for who sits at the server's machine. */
  async offerFolder() {
    const known = await paintbox.request("GET", FOLDER).catch(() => null);
    this.folder.hidden = !known || !known.allowed;
  }

  async openFolder() {
    const image = this.images[this.selected];
    const { job, number } = (image && paintbox.pictures.jobOf({ url: paintbox.address(image.url) })) || {};
    try {
      await paintbox.request("POST", FOLDER, { job: job || "", number: Number(number || 0), form: "extras" });
    } catch (error) {
      this.complain(error.message);
    }
  }

  enlarge(event) {
    if (!paintbox.viewer || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    paintbox.viewer.open({ prefix: "extras" });
  }

  sendButton({ name, target, icon, title }) {
    const send = () => {
      const image = this.images[this.selected];
      const picture = image && { url: paintbox.address(image.url), infotext: image.infotext, name: image.file };
      return paintbox.pictures.send(target, picture);
    };
    return make("button", { type: "button", class: `tool icon-${icon}`, id: `extras_${name}`, title, "aria-label": title, onclick: send });
  }

  clear() {
    this.log.replaceChildren();
    this.complain("");
  }

  begin() {
    this.images = [];
    this.empty.textContent = NOTHING;
    this.draw();
    this.facts.replaceChildren();
    this.clear();
    this.progress({ fraction: 0, text: "" });
  }

  progress({ fraction, text }) {
    const percent = Math.min(100, Math.round(fraction * 100));
    this.bar.hidden = false;
    this.fill.style.width = `${percent}%`;
    this.fill.setAttribute("aria-valuenow", percent);
    this.words.textContent = percent ? `${text || "Working"} ${percent}%` : text || "Waiting …";
  }

  add(image) {
    this.images.push(image);
    this.selected = this.images.length - 1;
    this.draw();
  }

  /** What became of a job that has ended. */
  show(job) {
    this.bar.hidden = true;
    this.images = job.result.images;
    this.selected = Math.min(this.selected, Math.max(0, this.images.length - 1));
    this.draw();
    const { html_info: facts } = job.result.info;
    this.empty.textContent = facts && !this.images.length && job.state === "done" ? UNSEEN : NOTHING;
    const isTold = this.images.some((image) => image.infotext === facts);
    this.facts.replaceChildren(...(facts && !isTold ? [make("p", {}, facts)] : []));
    const told = [...new Set([...job.result.alerts, ...job.result.comments])];
    const parts = told.length ? [make("ul", { class: "tool-comments" }, ...told.map((words) => make("li", {}, words)))] : [];
    const isBroken = job.state === "failed" || job.state === "interrupted";
    this.complain(isBroken ? job.error || "The program ended while this ran." : "");
    if (job.state === "cancelled") parts.unshift(make("p", {}, "Cancelled."));
    if (job.result.stopped === "interrupt") parts.unshift(make("p", {}, "Interrupted; these pictures were done until then."));
    if (job.started && job.finished && job.state === "done") parts.push(make("p", { class: "tool-note" }, `Time taken: ${(job.finished - job.started).toFixed(1)} sec.`));
    this.log.replaceChildren(...parts);
  }

  draw() {
    const image = this.images[this.selected];
    this.empty.hidden = Boolean(image);
    this.link.hidden = !image;
    this.buttons.hidden = !image;
    this.infotext.hidden = !image || !image.infotext;
    if (image) {
      this.large.src = this.link.href = paintbox.address(image.url);
      this.large.alt = image.file;
      this.infotext.textContent = image.infotext;
    }
    this.row.hidden = this.images.length < 2;
    this.row.replaceChildren(...this.images.map((each, number) => this.thumbnail(each, number)));
  }

  thumbnail(image, number) {
    const isChosen = number === this.selected;
    const shown = make("img", { src: paintbox.address(image.url), alt: "", loading: "lazy" });
    return make("button", { type: "button", class: `thumbnail-item${isChosen ? " selected" : ""}`, "aria-pressed": String(isChosen), "aria-label": image.file, title: image.file, onclick: () => this.choose(number) }, shown);
  }

  choose(number) {
    this.selected = number;
    this.draw();
    this.row.children[number]?.focus();
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !this.images.length) return;
    event.preventDefault();
    this.choose((this.selected + step + this.images.length) % this.images.length);
  }

  /** Say what went wrong; "" takes that back. */
  complain(words) {
    this.problem.textContent = words;
    this.problem.hidden = !words;
    if (!words) return;
    this.bar.hidden = true;
    this.problem.scrollIntoView({ block: "nearest" });
  }
}
