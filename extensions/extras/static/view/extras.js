/* The Extras tab: pictures at the left with what is done to them, buttons and results at the right. */

import { followJob } from "./job.js";
import { OperationList } from "./operations.js";
import { Results } from "./results.js";
import { Sources } from "./sources.js";

const { paintbox } = window;
const { make } = paintbox;
const MEMORY = "paintbox:extras:job";
const DRAFT = "paintbox/v1/drafts/extras";
const KEEP_MS = 500;
const ENDED = ["done", "failed", "cancelled", "interrupted"];

class ExtrasView {
  constructor(operations) {
    this.operations = operations;
    this.sources = new Sources();
    this.results = new Results();
    this.following = null;
    const button = (name, title, kind, act) => make("button", { type: "button", id: `extras_${name}`, class: kind, onclick: act }, title);
    this.generate = button("generate", "Generate", "tool-primary", () => this.send());
    this.interrupt = button("interrupt", "Interrupt", "tool-secondary", () => this.control("interrupt"));
    this.skip = button("skip", "Skip", "tool-secondary", () => this.control("skip"));
    this.interrupting = button("interrupting", "Interrupting...", "tool-secondary", () => this.control("interrupt", true));
    this.phase = "idle";
  }

  draw(place) {
    const box = make("div", { class: "tool-buttons", id: "extras_generate_box" }, this.generate, this.interrupt, this.skip, this.interrupting);
    const left = make("div", { class: "tool-form", id: "extras_settings" }, this.sources.element, this.operations.element);
    const right = make("div", { class: "tool-side", id: "extras_results" }, box, this.results.element);
    place.classList.add("tool", "extras");
    place.replaceChildren(make("div", { class: "tool-columns tool-halves" }, left, right));
    this.show("idle");
    place.closest("[role=tabpanel]")?.setAttribute("aria-busy", "false");
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("paste", (event) => this.paste(event));
    let kept = Promise.resolve(); // one after another, so that an older state never arrives last
    const put = () => paintbox.request("PUT", DRAFT, { operations: this.operations.draft }).catch(() => {});
    const keep = paintbox.debounce(KEEP_MS, () => (kept = kept.then(put)));
    for (const event of ["input", "change", "click"]) left.addEventListener(event, keep);
    this.comeBack();
  }

  get isSeen() {
    return this.generate.offsetParent !== null || this.interrupt.offsetParent !== null || this.interrupting.offsetParent !== null;
  }

  key(event) {
    if (!this.isSeen || event.defaultPrevented || event.target.closest?.("dialog")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Enter" && event.altKey) {
      event.preventDefault();
      this.control("skip");
    } else if (event.key === "Escape" && this.phase === "running") {
      this.control("interrupt");
    }
  }

  show(phase) {
    this.phase = phase;
    this.generate.hidden = phase !== "idle";
    this.interrupt.hidden = this.skip.hidden = phase !== "running";
    this.interrupting.hidden = phase !== "stopping";
  }

  async send() {
    if (this.phase !== "idle") return;
    this.operations.complain(null);
    this.results.clear();
    this.show("running");
    try {
      const body = { kind: "extras", source: "extras", request: { ...(await this.sources.request()), operations: this.operations.values } };
      const job = await paintbox.request("POST", "paintbox/v1/jobs", body);
      this.follow(job.id);
    } catch (error) {
      this.show("idle");
      this.refused(error.message, error.data?.field);
    }
  }

  refused(words, field = "") {
    const isShown = this.operations.complain(field, words) || this.sources.complain(field, words);
    this.results.complain(words);
    if (!isShown) this.generate.focus();
  }

  follow(job) {
    sessionStorage.setItem(MEMORY, job);
    this.show("running");
    this.results.begin();
    this.following = followJob(job, {
      progress: (told) => this.results.progress(told),
      image: (image) => this.results.add(image),
      ended: (known) => this.end(known),
    });
    paintbox.lookAtWorker();
  }

  end(known) {
    this.following = null;
    this.show("idle");
    this.results.show(known);
    if (known.state === "failed") this.refused(known.error, known.result.error_field);
    paintbox.lookAtWorker();
  }

  async control(action, force = false) {
    if (!this.following) return;
    if (action === "interrupt") this.show("stopping");
    try {
      const known = await paintbox.request("GET", `paintbox/v1/jobs/${this.following.job}`);
      if (known.state === "queued" && action === "interrupt") await paintbox.request("DELETE", `paintbox/v1/jobs/${this.following.job}`);
      else await paintbox.request("POST", `paintbox/v1/jobs/${this.following.job}/control`, { action, force });
    } catch (error) {
      this.results.complain(error.message);
    }
  }

  /** The job that this tab had asked for before the page was loaded anew. */
  async comeBack() {
    const job = sessionStorage.getItem(MEMORY);
    if (!job) return;
    try {
      const known = await paintbox.request("GET", `paintbox/v1/jobs/${job}`);
      if (this.following || this.phase !== "idle") return;
      if (ENDED.includes(known.state)) this.results.show(known);
      else this.follow(job);
    } catch (error) {
      sessionStorage.removeItem(MEMORY);
    }
  }

  /** A picture in the clipboard, while this tab is seen. */
  paste(event) {
    const files = [...(event.clipboardData?.files || [])].filter((each) => each.type.startsWith("image/"));
    if (!files.length || !this.isSeen || event.defaultPrevented) return;
    event.preventDefault();
    this.sources.takeOne(files[0]);
  }

  async take(file) {
    await this.sources.takeOne(file);
  }
}

/** Fill the place. */
export const open = async (place) => {
  const [listed, draft] = await Promise.all([
    paintbox.request("GET", "paintbox/v1/extras/operations"),
    paintbox.request("GET", DRAFT).catch((error) => {
      paintbox.announce(error.message, true);
      return {};
    }),
    paintbox.loadStyle("paintbox/assets/core/tools/tools.css"),
    paintbox.loadStyle("paintbox/assets/extras/view/extras.css"),
  ]);
  const fields = await import(paintbox.address("paintbox/assets/core/tools/fields.js"));
  const operations = new OperationList(listed, fields);
  operations.restore(draft.operations);
  const view = new ExtrasView(operations);
  view.draw(place);
  paintbox.extras.ready((file) => view.take(file));
};
