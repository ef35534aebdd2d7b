/* The fields of scripts in one form: drawn from what the server says of them, kept by script in a hidden field of the form. */

import { areaField, checkField, radioField, row, selectField, sliderField, textField } from "../../core/tools/fields.js";
import { styled } from "../../core/tools/form.js";
import { chipsField } from "./chips.js";

const { paintbox } = window;
const { make } = paintbox;

/** The controls of one script. */
class ScriptView {
  constructor(form, script, changed) {
    this.form = form;
    this.script = script;
    this.changed = changed;
    this.fields = new Map(script.fields.map((facts) => [facts.name, makeField(facts)]));
    this.root = make("div", { class: "script-view", "data-script": script.id }, ...layout(script.fields, this.fields));
    for (const [name, field] of this.fields) field.changed(() => this.changed(this, name));
    this.decorated();
  }

  decorated() {
    const call = paintbox.scripts.decorators.get(this.script.id);
    if (call && !this.isDecorated) {
      this.isDecorated = true;
      call(this);
    }
  }

  /** The block of a field. */
  element(name) {
    return this.fields.get(name).element;
  }

  value(name) {
    return this.fields.get(name).value;
  }

  /** Put a value into a field as the user would. */
  set(name, value) {
    this.fields.get(name).show(value);
    this.changed(this, name);
  }

  get values() {
    return Object.fromEntries([...this.fields].map(([name, field]) => [name, field.value]));
  }

  /** Show values; fields that they do not name get their defaults. */
  fill(values) {
    for (const facts of this.script.fields) this.fields.get(facts.name).show(facts.name in values ? values[facts.name] : facts.default);
    if (this.filled) this.filled();
  }
}

/** All scripts of one form: the chosen one is shown. */
export class ScriptArea {
  constructor(form, place) {
    this.form = form;
    this.place = place;
    this.views = new Map();
    this.known = "";
    this.specs = Promise.all([paintbox.request("GET", `paintbox/v1/scripts?form=${encodeURIComponent(form)}`), styled()]);
  }

  get fieldId() {
    return `${this.form}_script_values`;
  }

  async show(title, values) {
    const [scripts] = await this.specs.catch((error) => {
      this.specs = Promise.all([paintbox.request("GET", `paintbox/v1/scripts?form=${encodeURIComponent(this.form)}`), styled()]);
      throw error;
    });
    const script = scripts.find((each) => each.title === title);
    const isOther = (values || "") !== this.known;
    if (script && !this.views.has(script.id)) {
      this.views.set(script.id, new ScriptView(this.form, script, () => this.keep()));
      this.place.append(this.views.get(script.id).root);
      this.views.get(script.id).fill(read(values)[script.id] || {});
    } else if (script && isOther) {
      this.views.get(script.id).fill(read(values)[script.id] || {});
    }
    this.known = values || "";
    for (const [id, view] of this.views) view.root.hidden = !script || id !== script.id;
    this.place.classList.toggle("is-empty", !script);
  }

  decorated(id) {
    const view = this.views.get(id);
    if (view) view.decorated();
  }

  keep() {
    const kept = read(paintbox.field(this.fieldId)?.value);
    for (const [id, view] of this.views) if (!view.root.hidden) kept[id] = view.values;
    this.known = JSON.stringify(kept);
    paintbox.setField(this.fieldId, this.known);
  }
}

const read = (text) => {
  try {
    return JSON.parse(text || "{}") || {};
  } catch (error) {
    return {};
  }
};

// --- fields -----------------------------------------------------------------------------------------------------------

/** A control whose value is of the field's type, whatever the browser makes of it. */
const makeField = (facts) => {
  const { kind, label, info, elem_id: id, name, choices } = facts;
  const given = { id, name, label, note: info };
  if (kind === "checkbox") return checkField({ ...given, value: facts.default });
  if (kind === "slider") return sliderField({ ...given, min: facts.minimum, max: facts.maximum, step: facts.step, value: facts.default });
  if (kind === "number") return numberField(given, facts);
  if (kind === "choices") return chipsField(given, choices || []);
  if (kind === "radio" || kind === "choice") return choiceField(given, kind, choices || [], facts.default);
  return facts.lines || facts.file ? longField(given, facts) : textField({ ...given, placeholder: facts.placeholder });
};

const numberField = (given, facts) => {
  const field = textField(given);
  field.input.type = "number";
  field.input.step = facts.step || (facts.whole ? 1 : "any");
  return {
    ...field,
    get value() {
      return field.input.value === "" ? null : Number(field.input.value);
    },
    show(value) {
      field.input.value = value ?? "";
    },
  };
};

/** One of several: what the server calls the value goes back to it, whatever its type. */
const choiceField = (given, kind, choices, value) => {
  const place = (wanted) => String(Math.max(0, choices.findIndex(([, each]) => each === wanted)));
  const options = choices.map(([label], index) => [String(index), label]);
  const field = kind === "radio" ? radioField({ ...given, options, value: place(value) }) : selectField({ ...given, options });
  return {
    ...field,
    get value() {
      return choices.length ? choices[Number(field.value)][1] : null;
    },
    show(wanted) {
      field.show(place(wanted));
    },
  };
};

/** Several lines of text, with a button that reads a file into them where the field says which files. */
const longField = (given, facts) => {
  const field = areaField({ ...given, rows: facts.lines || 3, placeholder: facts.placeholder });
  if (!facts.file) return field;
  const file = make("input", { type: "file", accept: facts.file, hidden: true, "aria-label": `File for ${given.label}` });
  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    field.input.value = await file.files[0].text();
    file.value = "";
    field.input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const choose = make("button", { type: "button", id: `${given.id}_file`, onclick: () => file.click() }, "Read from a file");
  field.input.after(make("div", { class: "tool-buttons" }, choose, file));
  return field;
};

/** Ticks side by side, everything else two in a row; long texts alone. */
const layout = (specs, fields) => {
  const rows = [];
  for (const facts of specs) {
    const sort = facts.kind === "checkbox" ? "ticks" : facts.lines || facts.file ? "long" : "others";
    const last = rows.at(-1);
    if (last && last.sort === sort && sort !== "long") last.elements.push(fields.get(facts.name).element);
    else rows.push({ sort, elements: [fields.get(facts.name).element] });
  }
  return rows.map(({ elements }) => row(null, ...elements));
};
