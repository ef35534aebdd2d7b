/* The page "Inspect": what a model file holds. Names and notes of files are hostile: everything is put in as text. */

const { paintbox } = window;
const { make } = paintbox;
const TOOLS = paintbox.address("paintbox/assets/core/tools/");
const ADDRESS = "paintbox/v1/models/inspect";
const PAGE = 200;
const WAIT_MS = 200;

class Inspector {
  constructor({ selectField, textField, fileSize, modelOptions }) {
    Object.assign(this, { fileSize, modelOptions });
    this.kind = selectField({ id: "model_inspection_folder", name: "folder_kind", label: "Folder" });
    this.model = selectField({ id: "model_inspection_model", name: "model", label: "Model", refresh: () => this.list(true), refreshId: "refresh_model_inspection" });
    this.search = textField({ id: "model_inspection_search", name: "search", label: "Search keys", placeholder: "attn2 to_k" });
    this.facts = make("div", { class: "inspect-facts", id: "model_inspection_facts", role: "status" });
    this.notes = make("div", { class: "inspect-notes", id: "model_inspection_metadata" });
    this.count = make("p", { class: "tool-note", role: "status" });
    this.rows = make("tbody");
    this.more = make("button", { type: "button", hidden: true, onclick: () => this.look(this.shown) }, "Show more");
    this.kind.changed(() => this.list(false));
    this.model.changed(() => this.look(0));
    this.search.input.addEventListener("input", paintbox.debounce(WAIT_MS, () => this.look(0)));
    this.shown = 0;
  }

  draw(place) {
    const head = make("thead", {}, make("tr", {}, ...["Key", "Shape", "Format"].map((title) => make("th", { scope: "col" }, title))));
    this.keys = make("div", { class: "inspect-keys", hidden: true }, this.search.element, this.count, make("table", { id: "model_inspection_keys" }, head, this.rows), this.more);
    place.classList.add("tool");
    place.replaceChildren(make("div", { class: "tool-row" }, this.kind.element, this.model.element), this.facts, this.notes, this.keys);
  }

  async list(refresh) {
    const folders = await paintbox.request("GET", `paintbox/v1/model-index${refresh ? "?refresh=true" : ""}`);
    const kinds = Object.entries(folders).filter(([, folder]) => folder.models.length);
    this.kind.options(kinds.map(([name, folder]) => [name, folder.title]));
    const chosen = folders[this.kind.value];
    this.model.options(this.modelOptions(chosen ? chosen.models : [], "Choose …"));
    await this.look(0);
  }

  /** Ask for the keys from `offset` on; an answer that comes late is dropped. */
  async look(offset) {
    const turn = (this.turn = {});
    const model = this.model.value;
    if (!model) return this.clear("");
    const query = new URLSearchParams({ folder_kind: this.kind.value, model, search: this.search.value, offset, limit: PAGE });
    try {
      const told = await paintbox.request("GET", `${ADDRESS}?${query}`);
      if (this.turn === turn) this.show(told);
    } catch (error) {
      if (this.turn === turn) this.clear(error.message);
    }
  }

  clear(words) {
    this.keys.hidden = true;
    this.notes.replaceChildren();
    this.facts.replaceChildren(...(words ? [make("p", { class: "tool-problem" }, words)] : []));
  }

  show(told) {
    const rows = told.tensors.map(({ name, dtype, shape }) => make("tr", {}, make("td", {}, make("code", {}, name)), make("td", {}, shape.join(" × ") || "number"), make("td", {}, dtype)));
    if (told.offset) this.rows.append(...rows);
    else {
      this.rows.replaceChildren(...rows);
      this.facts.replaceChildren(this.summary(told));
      this.notes.replaceChildren(...this.metadata(told));
    }
    this.shown = told.offset + rows.length;
    this.more.hidden = this.shown >= told.found;
    this.keys.hidden = false;
    const all = told.found === told.total ? `${told.total} keys` : `${told.found} of ${told.total} keys`;
    this.count.textContent = this.shown < told.found ? `${all}, the first ${this.shown} are shown` : all;
  }

  summary(told) {
    const known = told.recognised;
    const is = known.kind ? `${known.title || known.kind}${known.variant && known.variant !== "base" ? `, ${known.variant}` : ""}${known.prediction_type ? `, predicts ${known.prediction_type}` : ""}` : "not recognised";
    const sum = (groups) => groups.map((group) => `${group.name}: ${group.tensors} (${this.fileSize(group.size_bytes)})`).join(", ");
    const parameters = told.formats.reduce((total, group) => total + group.parameters, 0);
    const facts = {
      "Recognised as": known.reason ? `${is}. ${known.reason}` : is,
      Problem: told.problem,
      File: `${told.container}, ${this.fileSize(told.size_bytes)}`,
      Weights: `${parameters.toLocaleString("en")} in ${told.total} tensors`,
      "Number formats": sum(told.formats),
      Parts: sum(told.parts.slice(0, 12)) + (told.parts.length > 12 ? ", …" : ""),
      sha256: told.sha256 || "not computed yet",
      AutoV3: told.autov3,
    };
    const rows = Object.entries(facts).filter(([, words]) => words);
    return make("table", {}, make("tbody", {}, ...rows.map(([title, words]) => make("tr", {}, make("th", { scope: "row" }, title), make("td", {}, words)))));
  }

  metadata(told) {
    const entries = Object.entries(told.metadata);
    if (!entries.length) return [make("p", { class: "tool-note" }, "The file has no metadata.")];
    const text = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
    const row = ([key, value]) => make("tr", {}, make("th", { scope: "row" }, key), make("td", {}, make("pre", {}, text(value) + (told.shortened.includes(key) ? " …" : ""))));
    const table = make("table", {}, make("tbody", {}, ...entries.map(row)));
    const isOpen = Boolean(this.notes.querySelector("details[open]")) || entries.some(([key]) => key === "sd_merge_recipe");
    return [make("details", { class: "tool-accordion", open: isOpen }, make("summary", {}, `Metadata (${entries.length})`), table)];
  }
}

/** Fill the place. */
export const open = async (place) => {
  const [fields, { styled }] = await Promise.all([import(`${TOOLS}fields.js`), import(`${TOOLS}form.js`)]);
  await styled();
  const page = new Inspector(fields);
  page.draw(place);
  await page.list(false);
  if ([...page.kind.input.options].some((option) => option.value === "checkpoint")) page.kind.show("checkpoint");
  await page.list(false);
};
