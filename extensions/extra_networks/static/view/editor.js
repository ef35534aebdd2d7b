/* The dialog in which people write what they know of a file, and give it a preview; what is not saved yet stays when it is closed. */

import { drawCard, tool } from "./card.js";
import { factsTable, triggerButtons, wordCloud } from "./info.js";
import { randomPromptPart } from "./random_prompt.js";

const { paintbox } = window;
const { make } = paintbox;
const A1111_TAGS = 24;
const LABELS = {
  description: "Description",
  sd_version: "Stable Diffusion version",
  activation_text: "Activation text",
  preferred_weight: "Preferred weight",
  negative_text: "Negative prompt",
  vae: "Preferred VAE",
  notes: "Notes",
};
const LONG = ["description", "notes", "activation_text", "negative_text"];
const HINTS = {
  preferred_weight: "Preferred weight (0: the weight of the settings)",
  activation_text: "Activation text (goes into the prompt with the card)",
};

/** Put a word into a list with commas, or take it out. */
const toggledWord = (text, word) => {
  const words = text.split(",").map((each) => each.trim()).filter(Boolean);
  const rest = words.filter((each) => each !== word);
  return (rest.length < words.length ? rest : [...words, word]).join(", ");
};

export class Editor {
  constructor(pane) {
    this.pane = pane;
    this.id = `${pane.id}_edit_user_metadata`;
    this.typed = new Map(); // by file: what is not saved yet
  }

  async open(card) {
    this.dialog = paintbox.dialog(this.id, "", ({ element }) => element.classList.add("network-dialog"));
    this.card = card;
    this.dialog.heading.textContent = card.title;
    this.dialog.body.replaceChildren();
    this.dialog.show();
    await this.attempt(() => this.load());
  }

  async load() {
    const { name } = this.card;
    const details = await paintbox.request("GET", `${this.pane.route}/details?name=${encodeURIComponent(name)}`);
    if (name === this.card.name) this.draw(details);
  }

  draw(details) {
    this.details = details;
    this.card = details.card;
    this.fields = new Map();
    const fields = ["description", ...details.fields, "notes"].map((name) => this.field(name));
    const after = details.fields.indexOf("activation_text") + 2;
    if (after > 1) fields.splice(after, 0, ...this.words());
    if (after > 1 && details.words.length) fields.splice(-1, 0, randomPromptPart(this.id, details.words, (text) => this.toPrompt(text)));
    const left = make("div", { class: "editor-fields" }, ...fields);
    const right = make("div", { class: "editor-side" }, this.preview(), factsTable(details.facts));
    const save = make("button", { type: "button", class: "primary", id: `${this.id}_save`, onclick: () => this.attempt(() => this.save()) }, "Save");
    const cancel = make("button", { type: "button", onclick: () => this.cancel() }, "Cancel");
    const extra = this.pane.actions(this.card).map(({ icon, label, run }) => tool(icon, label, run));
    this.dialog.body.replaceChildren(make("div", { class: "editor-columns" }, left, right), make("div", { class: "dialog-row editor-buttons" }, save, cancel, ...extra));
    this.dialog.say(details.problem || (this.typed.has(this.card.name) ? "Not saved yet." : ""), Boolean(details.problem));
    this.mark();
  }

  field(name) {
    const { user, choices } = this.details;
    const value = this.typed.get(this.card.name)?.[name] ?? user[name];
    const id = `${this.id}_${name}`;
    const typing = () => this.remember();
    let field;
    if (choices[name]?.length) {
      const values = choices[name].includes(value) ? choices[name] : [...choices[name], value];
      field = make("select", { id, onchange: typing }, ...values.map((each) => make("option", { value: each }, each || "Not told")));
    } else if (name === "preferred_weight") field = make("input", { id, type: "number", min: "-10", max: "10", step: "0.01", oninput: typing });
    else if (LONG.includes(name)) field = make("textarea", { id, rows: name.endsWith("text") ? "2" : "3", spellcheck: "false", oninput: typing });
    else field = make("input", { id, type: "text", spellcheck: "false", oninput: typing });
    field.value = value;
    this.fields.set(name, field);
    const parts = [make("span", {}, HINTS[name] ?? LABELS[name] ?? name), field];
    if (name !== "preferred_weight") return make("label", {}, ...parts);
    const slide = make("input", { type: "range", min: "0", max: "2", step: "0.01", "aria-label": LABELS[name] });
    slide.value = value;
    slide.addEventListener("input", () => {
      field.value = slide.value;
      typing();
    });
    field.addEventListener("input", () => (slide.value = field.value));
    return make("div", {}, make("label", {}, ...parts), slide);
  }

  /** Trigger words and tags, which a click puts into the activation text. */
  words() {
    const { triggers, words } = this.details;
    const take = (word) => {
      const field = this.fields.get("activation_text");
      field.value = toggledWord(field.value, word);
      this.remember();
      this.mark();
    };
    const parts = [];
    if (triggers.length) parts.push(make("div", {}, make("p", { class: "dialog-hint" }, "Trigger words: a click puts them into the activation text."), triggerButtons(triggers, take)));
    if (words.length) parts.push(make("div", {}, make("p", { class: "dialog-hint" }, "Training dataset tags"), wordCloud(words.slice(0, A1111_TAGS), take, { "aria-label": "Training dataset tags" })));
    return parts;
  }

  toPrompt(text) {
    this.pane.addWords(text);
    this.dialog.say("It stands at the end of the prompt now.");
  }

  mark() {
    const text = this.fields.get("activation_text")?.value ?? "";
    const there = text.split(",").map((each) => each.trim());
    for (const button of this.dialog.body.querySelectorAll("[data-word]")) {
      const isIn = there.includes(button.dataset.word);
      button.classList.toggle("is-chosen", isIn);
      button.setAttribute("aria-pressed", String(isIn));
    }
  }

  preview() {
    const shown = drawCard(this.card, { click() {}, isChosen: () => false, options: {} });
    const picture = make("div", { class: "editor-preview" }, shown.querySelector(".card-preview, .card-empty"));
    const replace = make("button", { type: "button", id: `${this.id}_replace_preview`, onclick: () => this.attempt(() => this.replacePreview()) }, "Replace preview");
    replace.title = "With the selected picture of the gallery";
    const undo = make("button", { type: "button", id: `${this.id}_undo_preview`, hidden: !this.details.can_undo_preview, onclick: () => this.attempt(() => this.undoPreview()) }, "Undo");
    undo.title = "Bring back what was there before";
    return make("div", {}, picture, make("div", { class: "dialog-row" }, replace, undo));
  }

  // --- changes ------------------------------------------------------------------------------------------------------

  values() {
    const { user } = this.details;
    const told = [...this.fields].map(([name, { value }]) => [name, typeof user[name] === "number" ? Number(value) : value]);
    return Object.fromEntries(told.filter(([name, value]) => value !== user[name]));
  }

  remember() {
    const values = this.values();
    const isChanged = Object.keys(values).length > 0;
    if (isChanged) this.typed.set(this.card.name, values);
    else this.typed.delete(this.card.name);
    this.dialog.say(isChanged ? "Not saved yet." : "");
    this.mark();
  }

  async save() {
    const values = this.values();
    if (!Object.keys(values).length) return this.dialog.close();
    const card = await paintbox.request("PUT", `${this.pane.route}/notes`, { name: this.card.name, values });
    this.typed.delete(this.card.name);
    this.pane.changed(card);
    this.pane.say(`Saved what you wrote of ${card.title}.`);
    return this.dialog.close();
  }

  cancel() {
    this.typed.delete(this.card.name);
    this.dialog.close();
  }

  async replacePreview() {
    const { form } = this.pane;
    const job = paintbox.field(`${form}_shown_job`)?.value ?? "";
    const number = Number(paintbox.field(`${form}_selected`)?.value) || 0;
    await this.previewed(paintbox.request("POST", `${this.pane.route}/preview`, { name: this.card.name, job, number }), "The preview is the selected picture now.");
  }

  async undoPreview() {
    await this.previewed(paintbox.request("POST", `${this.pane.route}/preview/undo`, { name: this.card.name }), "What was there before is back.");
  }

  async previewed(asking, words) {
    const card = await asking;
    this.pane.changed(card);
    await this.load();
    this.dialog.say(words);
  }

  async attempt(call) {
    try {
      await call();
    } catch (error) {
      this.dialog.say(error.message, true);
    }
  }
}
