/* Which pictures the Extras tab works on: one, several, or those of a folder on the server's machine. */

import { dropZone } from "../../core/tools/drop_zone.js";
import { walk } from "./operations.js";

const { paintbox } = window;
const { make } = paintbox;
const SHOWN = 12;

const send = async (file) => ({ ...(await paintbox.pictures.bring(file, file.name)), name: file.name });

/** Whether no other file could be sent either: no connection, not logged in, no room. */
const stopsAll = ({ status }) => status === undefined || [401, 403, 507].includes(status) || status >= 502;

/** Only what a file may be called on any machine: a name with no folder. */
const bare = (name) => name.split(/[\\/]/).pop() || "picture";

/** A sentence with the name of the file that it is about, once. */
const naming = (name, words) => (words.startsWith(`${name} `) ? words : `${name}: ${words}`);

/** Say something below the pictures of a tab. */
const say = (tab, words, isProblem = false) => {
  tab.message.replaceChildren(...[words].flat().flatMap((sentence, number) => (number ? [make("br"), sentence] : [sentence])));
  tab.message.className = isProblem ? "tool-problem" : "tool-note";
};

const textRow = (id, label, note) => {
  const input = make("input", { type: "text", id: `${id}_field`, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}_note` });
  const problem = make("p", { class: "tool-problem", hidden: true });
  const element = make("div", { class: "tool-field", id }, make("label", { for: input.id }, label), input, make("p", { class: "tool-note", id: `${id}_note` }, note), problem);
  const complain = (words) => {
    problem.textContent = words;
    problem.hidden = !words;
    if (words) input.focus();
  };
  return { element, input, complain };
};

export class Sources {
  constructor() {
    this.single = null;
    this.batch = [];
    this.pending = Promise.resolve();
    this.tabs = [
      { id: "extras_single_tab", title: "Single Image", panel: this.drawSingle() },
      { id: "extras_batch_process_tab", title: "Batch Process", panel: this.drawBatch() },
      { id: "extras_batch_directory_tab", title: "Batch from Directory", panel: this.drawDirectory() },
    ];
    for (const tab of this.tabs) {
      tab.button = make("button", { type: "button", role: "tab", id: `${tab.id}-button`, "aria-controls": tab.id, onclick: () => this.choose(tab) }, tab.title);
      tab.message = make("p", { class: "tool-note", role: "status" });
      tab.panel.append(tab.message);
      tab.panel.id = tab.id;
      tab.panel.setAttribute("role", "tabpanel");
      tab.panel.setAttribute("aria-labelledby", tab.button.id);
    }
    const list = make("div", { class: "extras-tabs", role: "tablist", "aria-label": "Pictures", onkeydown: (event) => walk(event, this.tabs.map((tab) => tab.button)) }, ...this.tabs.map((tab) => tab.button));
    this.element = make("div", { id: "mode_extras" }, list, ...this.tabs.map((tab) => tab.panel));
    this.choose(this.tabs[0]);
  }

  choose(chosen) {
    this.chosen = chosen;
    for (const tab of this.tabs) {
      tab.panel.hidden = tab !== chosen;
      tab.button.setAttribute("aria-selected", String(tab === chosen));
      tab.button.tabIndex = tab === chosen ? 0 : -1;
    }
  }

  // --- one picture ----------------------------------------------------------------------------------------------------

  drawSingle() {
    const { zone, choose } = dropZone({ id: "extras_image", label: "Drop a picture here, or click to choose one", taken: ([file]) => this.takeOne(file) });
    this.picture = make("img", { alt: "The picture to work on", hidden: true });
    this.size = make("p", { class: "tool-note" });
    this.remove = make("button", { type: "button", class: "tool icon-clear", hidden: true, title: "Remove the picture", "aria-label": "Remove the picture", onclick: () => this.showOne(null) }, "×");
    this.chooseOne = choose;
    zone.append(this.picture, this.remove);
    return make("div", {}, zone, this.size);
  }

  /** Take a file in as the one picture, and open its tab. */
  takeOne(file) {
    this.choose(this.tabs[0]);
    return this.take([file], (sent) => this.showOne(sent));
  }

  showOne(sent) {
    this.single = sent;
    this.picture.hidden = this.remove.hidden = !sent;
    this.chooseOne.hidden = Boolean(sent);
    this.size.textContent = sent ? `${sent.name}, ${sent.width}×${sent.height}` : "";
    if (sent) this.picture.src = paintbox.address(`paintbox/v1/inputs/${sent.ref}`);
    else this.picture.removeAttribute("src");
  }

  // --- several --------------------------------------------------------------------------------------------------------

  drawBatch() {
    const { zone } = dropZone({
      id: "extras_image_batch",
      label: "Drop pictures here, or click to choose them",
      isMultiple: true,
      taken: (files) => this.take(files, (sent) => this.batch.push(sent)),
    });
    this.list = make("ul", { class: "extras-files" });
    this.clear = make("button", { type: "button", class: "tool-secondary", hidden: true, onclick: () => this.clearBatch() }, "Remove all");
    return make("div", {}, zone, this.list, this.clear);
  }

  clearBatch() {
    this.batch = [];
    this.showBatch();
  }

  showBatch() {
    this.list.replaceChildren(...this.batch.slice(0, SHOWN).map((each) => make("li", {}, each.name)));
    if (this.batch.length > SHOWN) this.list.append(make("li", {}, `and ${this.batch.length - SHOWN} more`));
    this.clear.hidden = !this.batch.length;
  }

  // --- a folder -------------------------------------------------------------------------------------------------------

  drawDirectory() {
    this.input = textRow("extras_batch_input_dir", "Input directory", "A directory on the same machine where the server is running.");
    this.output = textRow("extras_batch_output_dir", "Output directory", "Leave blank to save images to the default path.");
    this.showResults = make("input", { type: "checkbox", id: "extras_show_extras_results_field" });
    this.showResults.checked = true;
    const tick = make("div", { class: "tool-field", id: "extras_show_extras_results" }, make("label", { class: "tool-check", for: this.showResults.id }, this.showResults, " Show result images"));
    return make("div", {}, this.input.element, this.output.element, tick);
  }

  // --- for the request ------------------------------------------------------------------------------------------------

  /** Send files to the server one after another; `kept(sent)` for each, and a sentence for each that cannot be used. */
  take(files, kept) {
    const tab = this.chosen;
    this.pending = this.pending.then(async () => {
      say(tab, "");
      const problems = [];
      for (const [number, file] of files.entries()) {
        if (files.length > 1) say(tab, `Sending ${number + 1} of ${files.length} …`);
        try {
          kept(await send(new File([file], bare(file.name), { type: file.type })));
        } catch (error) {
          problems.push(naming(file.name, error.message));
          if (stopsAll(error)) break;
        }
      }
      say(tab, problems, problems.length > 0);
      this.showBatch();
    });
    return this.pending;
  }

  async request() {
    await this.pending;
    const upload = ({ ref, name }) => ({ ref, name });
    if (this.chosen === this.tabs[0]) return { uploads: this.single ? [upload(this.single)] : [] };
    if (this.chosen === this.tabs[1]) return { uploads: this.batch.map(upload), is_batch: true };
    this.input.complain("");
    this.output.complain("");
    return { input_dir: this.input.input.value.trim(), output_dir: this.output.input.value.trim(), show_results: this.showResults.checked, is_batch: true };
  }

  /** Show a sentence at a field; returns whether there is such a field. */
  complain(field, words) {
    const row = { input_dir: this.input, output_dir: this.output }[field];
    if (row && this.chosen === this.tabs[2]) row.complain(words);
    else if (field === "uploads" && this.chosen === this.tabs[2]) this.input.complain(words);
    else return false;
    return true;
  }
}
