/* A tool's form: fields at the left; button, progress and result of its job at the right. The job goes on when the page is closed. */

import { fileSize } from "./fields.js";

const { paintbox } = window;
const { make } = paintbox;
const ENDED = ["done", "failed", "cancelled", "interrupted"];
const RETRY_MS = 1500;

/** Load the look of tools, once. */
export const styled = () => paintbox.loadStyle("paintbox/assets/core/tools/tools.css");

export class ToolForm {
  /**
   * `id` for memory and elements; `fields` of fields.js; `layout` what is drawn of them; `address` takes `body(values)`; `label` of the button;
   * `ids`: {button, result, results, container}; `done(job)` is called after the job's end; `describe(job)` gives elements for the result.
   */
  constructor(given) {
    this.given = given;
    const ids = given.ids || {};
    this.fields = new Map(given.fields.map((field) => [field.name, field]));
    this.button = make("button", { type: "button", class: "tool-primary", id: ids.button || `${given.id}_run`, onclick: () => this.send() }, given.label);
    this.cancel = make("button", { type: "button", class: "tool-secondary", id: `${given.id}_cancel`, hidden: true, onclick: () => this.stop() }, "Cancel");
    this.fill = make("div", { class: "tool-fill", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": given.label });
    this.words = make("div", { class: "tool-words" });
    this.bar = make("div", { class: "tool-progress", hidden: true }, this.fill, this.words);
    this.result = make("div", { class: "tool-result", id: ids.result || `${given.id}_result`, role: "status", "aria-live": "polite" });
    this.outlook = make("p", { class: "tool-outlook", id: `${given.id}_outlook`, hidden: true });
    this.job = "";
    this.source = null;
  }

  draw(place) {
    const { ids = {}, layout, id } = this.given;
    const panel = make("div", { class: "tool-panel", id: ids.results || `${id}_results` }, this.bar, this.outlook, this.result);
    const side = make("div", { class: "tool-side", id: ids.container }, make("div", { class: "tool-buttons" }, this.button, this.cancel), panel);
    const form = make("form", { class: "tool-form", novalidate: true, onsubmit: (event) => event.preventDefault() }, ...layout);
    place.classList.add("tool");
    place.replaceChildren(make("div", { class: "tool-columns" }, form, side));
    this.comeBack();
    this.askWhetherAllowed();
  }

  /** All tools write model files, which on a shared machine not everybody may; then the page says so before anything is filled in. */
  async askWhetherAllowed() {
    const access = await paintbox.request("GET", "paintbox/v1/models/access").catch(() => null);
    if (!access || access.allowed) return;
    this.isRefused = true;
    this.button.disabled = true;
    this.button.title = access.reason;
    this.say(access.reason, "problem");
  }

  get values() {
    return Object.fromEntries([...this.fields].map(([name, field]) => [name, field.value]));
  }

  /** A quiet line below the button: what would come of it. A problem that is told elsewhere in the form already is not told again. */
  foresee(words, isProblem = false) {
    const isTold = isProblem && [this.result.textContent, ...[...this.fields.values()].map((field) => field.told?.())].includes(words);
    this.outlook.textContent = isTold ? "" : words;
    this.outlook.hidden = !words || isTold;
    this.outlook.classList.toggle("is-problem", isProblem);
  }

  // --- asking -------------------------------------------------------------------------------------------------------

  async send() {
    if (this.job) return;
    for (const field of this.fields.values()) field.complain("");
    this.result.replaceChildren();
    this.button.disabled = true;
    try {
      const { job } = await paintbox.request("POST", this.given.address, this.given.body(this.values));
      this.follow(job);
    } catch (error) {
      this.button.disabled = false;
      this.refused(error);
    }
  }

  refused(error) {
    const { name, words } = blamed(error);
    this.foresee("");
    this.blame(name, words);
  }

  /** Tell what is wrong, once: at its field, or in place of the result where it is no field's. */
  blame(name, words) {
    const field = this.fields.get(name);
    if (!field) return this.say(words, "problem");
    field.element.closest("details")?.setAttribute("open", "");
    field.complain(words);
  }

  async stop() {
    this.words.textContent = "Cancelling …";
    try {
      if (this.job) await paintbox.request("DELETE", `paintbox/v1/jobs/${this.job}`);
    } catch (error) {
      this.say(error.message, "problem");
    }
  }

  say(words, kind = "") {
    this.result.replaceChildren(make("p", { class: kind && `tool-${kind}` }, make("span", {}, words)));
  }

  // --- following ----------------------------------------------------------------------------------------------------

  get memory() {
    return `paintbox:tool:${this.given.id}:job`;
  }

  /** The job that this tab had asked for before the page was loaded anew. */
  async comeBack() {
    const job = sessionStorage.getItem(this.memory);
    if (!job) return;
    try {
      const known = await paintbox.request("GET", `paintbox/v1/jobs/${job}`);
      if (!ENDED.includes(known.state)) this.follow(job);
    } catch (error) {
      sessionStorage.removeItem(this.memory);
    }
  }

  follow(job) {
    this.job = job;
    sessionStorage.setItem(this.memory, job);
    this.button.disabled = true;
    this.cancel.hidden = false;
    this.show({ fraction: 0, text: "Waiting …" });
    const source = (this.source = new EventSource(paintbox.address(`paintbox/v1/jobs/${job}/events`)));
    const on = (name, take) => source.addEventListener(name, (event) => this.source === source && take(JSON.parse(event.data)));
    on("snapshot", (snapshot) => {
      if (ENDED.includes(snapshot.job.state)) this.end();
      else if (snapshot.progress) this.show(snapshot.progress);
      else if (snapshot.position) this.show({ fraction: 0, text: `In queue: ${snapshot.position + 1}` });
    });
    on("progress", (event) => this.show(event));
    for (const name of ["done", "failed", "cancelled"]) on(name, () => this.end());
    source.onerror = () => source.readyState === EventSource.CLOSED && setTimeout(() => this.source === source && this.end(), RETRY_MS);
    paintbox.lookAtWorker();
  }

  show({ fraction, text }) {
    const percent = Math.min(100, Math.round(fraction * 100));
    this.bar.hidden = false;
    this.fill.style.width = `${percent}%`;
    this.fill.setAttribute("aria-valuenow", percent);
    this.words.replaceChildren(make("span", {}, text || "Working"), percent ? ` ${percent}%` : "");
  }

  async end() {
    const job = this.job;
    this.source.close();
    this.source = null;
    let known;
    try {
      known = await paintbox.request("GET", `paintbox/v1/jobs/${job}`);
      if (!ENDED.includes(known.state)) return this.follow(job);
    } catch (error) {
      known = { state: "failed", error: error.message, result: { info: {}, comments: [], networks: [] } };
    }
    this.job = "";
    sessionStorage.removeItem(this.memory);
    this.button.disabled = Boolean(this.isRefused);
    this.cancel.hidden = true;
    this.bar.hidden = true;
    this.report(known);
    paintbox.lookAtWorker();
    if (known.state === "done") {
      await lookForFiles();
      paintbox.press("settings_changed"); // controls that list model files look again
      if (this.given.done) this.given.done(known);
    }
  }

  report(job) {
    const comments = job.result.comments.map((words) => make("li", {}, words));
    if (job.state === "done") {
      const { name, size_bytes: size, sha256 } = job.result.info;
      const parts = [make("p", { class: "tool-success" }, "Saved ", make("strong", {}, name), `, ${fileSize(size)}`)];
      if (sha256) parts.push(make("p", { class: "tool-hash" }, "sha256 ", make("code", {}, sha256)));
      if (comments.length) parts.push(make("ul", { class: "tool-comments" }, ...comments));
      this.result.replaceChildren(...parts, ...(this.given.describe ? this.given.describe(job) : []));
    } else if (job.state === "failed" || job.state === "interrupted") {
      this.blame(job.error ? job.result.error_field : "", job.error || "The program ended while this ran; nothing was written.");
    } else {
      this.say("Cancelled; nothing was written.");
    }
  }
}

/** Have the server look at the disk again, however lately it did: the worker has just written there. */
const lookForFiles = async () => {
  try {
    await paintbox.request("GET", "paintbox/v1/model-index?refresh=true");
  } catch (error) {
    paintbox.announce(error.message, true);
  }
};

/** The field at fault and a sentence, of a refusal or of a value that is not of the field's type. */
const blamed = (error) => {
  const { data } = error;
  const detail = data && data.detail;
  if (Array.isArray(detail) && detail.length) return { name: String(detail[0].loc.at(-1)), words: detail[0].msg };
  return { name: (data && data.field) || "", words: error.message };
};
