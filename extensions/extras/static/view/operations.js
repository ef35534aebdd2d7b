/* The operations of the Extras tab: a block with a tick for each, its controls as the server lists them. */

const { make } = window.paintbox;

class Operation {
  constructor(listed, makers) {
    this.listed = listed;
    this.fields = new Map();
    const { elem_id: id, title } = listed;
    this.tick = make("input", { type: "checkbox", id: `${id}-visible-checkbox`, checked: listed.is_on, onchange: () => this.open(this.tick.checked) });
    this.tick.checked = listed.is_on;
    this.arrow = make("button", { type: "button", class: "extras-arrow", "aria-controls": `${id}_body`, onclick: () => this.open(this.body.hidden) });
    this.body = make("div", { class: "extras-body", id: `${id}_body` });
    const head = make("div", { class: "extras-head" }, make("label", { class: "tool-check", for: this.tick.id }, this.tick, " ", title), this.arrow);
    this.element = make("div", { class: "extras-operation", id }, head, this.body);
    if (listed.note) this.body.append(make("p", { class: "tool-note" }, listed.note));
    this.drawFields(makers);
    this.open(listed.is_on);
  }

  open(isOpen) {
    this.body.hidden = !isOpen;
    this.arrow.setAttribute("aria-expanded", String(isOpen));
    this.arrow.setAttribute("aria-label", isOpen ? `Hide the controls of ${this.listed.title}` : `Show the controls of ${this.listed.title}`);
  }

  drawFields(makers) {
    const panels = new Map();
    for (const listed of this.listed.fields) {
      if (listed.kind === "tabs") {
        this.fields.set(listed.name, this.tabs(listed, panels));
        continue;
      }
      const field = makeField(listed, makers);
      this.fields.set(listed.name, field);
      const condition = Object.entries(listed.only_if)[0];
      const place = (condition && panels.get(`${condition[0]}=${condition[1]}`)) || this.body;
      place.append(field.element);
      if (listed.swap_with) place.append(this.swap(listed));
    }
  }

  /** One value of a few, each with a panel of its own. */
  tabs(listed, panels) {
    let value = listed.value;
    const shown = listed.tabs.map((tab) => {
      const panel = make("div", { class: "extras-panel", role: "tabpanel", id: tab.elem_id, "aria-labelledby": `${tab.elem_id}-button` });
      const button = make("button", { type: "button", role: "tab", id: `${tab.elem_id}-button`, "aria-controls": tab.elem_id, onclick: () => choose(tab.value) }, tab.title);
      panels.set(`${listed.name}=${tab.value}`, panel);
      return { ...tab, panel, button };
    });
    const choose = (wanted) => {
      value = wanted;
      for (const tab of shown) {
        tab.panel.hidden = tab.value !== value;
        tab.button.setAttribute("aria-selected", String(tab.value === value));
        tab.button.tabIndex = tab.value === value ? 0 : -1;
      }
    };
    const list = make("div", { class: "extras-tabs", role: "tablist", "aria-label": listed.title, onkeydown: (event) => walk(event, shown.map((tab) => tab.button)) }, ...shown.map((tab) => tab.button));
    this.body.append(make("div", { id: listed.elem_id }, list, ...shown.map((tab) => tab.panel)));
    choose(value);
    return { get value() { return value; }, show: choose, complain: () => {} };
  }

  swap(listed) {
    const exchange = () => {
      const [one, other] = [this.fields.get(listed.name), this.fields.get(listed.swap_with)];
      const kept = one.value;
      one.show(other.value);
      other.show(kept);
    };
    return make("button", { type: "button", class: "tool icon-swap", id: listed.swap_id, title: "Switch width and height", "aria-label": "Switch width and height", onclick: exchange }, "⇅");
  }

  get values() {
    return Object.fromEntries([...this.fields].map(([name, field]) => [name, field.value]));
  }

  /** The values that count: not those of a tab that is not chosen. */
  get used() {
    const isUsed = ({ only_if: wanted }) => Object.entries(wanted).every(([name, value]) => this.fields.get(name).value === value);
    return Object.fromEntries(this.listed.fields.filter(isUsed).map(({ name }) => [name, this.fields.get(name).value]));
  }

  /** Say what is wrong with a field, where it is seen; returns whether there is such a field. */
  complain(name, words) {
    const field = this.fields.get(name);
    if (!field) return false;
    this.open(true);
    const { only_if: wanted } = this.listed.fields.find((each) => each.name === name);
    for (const [other, value] of Object.entries(wanted)) this.fields.get(other)?.show(value);
    field.complain(words);
    return true;
  }

  /** What was set here before, as far as there are such controls still. */
  restore({ on, values }) {
    this.tick.checked = Boolean(on);
    this.open(this.tick.checked);
    for (const [name, value] of Object.entries(values || {})) {
      const field = this.fields.get(name);
      const isOffered = !field?.input?.options || [...field.input.options].some((option) => option.value === value);
      if (field && isOffered) field.show(value);
    }
  }
}

/** Arrow keys go from tab to tab. */
export const walk = (event, buttons) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
  next.focus();
  next.click();
};

const makeField = (listed, makers) => {
  const given = { id: listed.elem_id, name: listed.name, label: listed.title, note: listed.note, value: listed.value };
  if (listed.kind === "choice") return makers.selectField({ ...given, options: listed.choices });
  if (listed.kind === "tick") return makers.checkField(given);
  if (listed.kind === "number" && listed.most != null) return kept(listed, makers.sliderField({ ...given, min: listed.least, max: listed.most, step: listed.step || (Number.isInteger(listed.most) && listed.most > 1 ? 1 : 0.01) }));
  const field = makers.textField(given);
  field.input.value = listed.value;
  if (listed.kind !== "number") return field;
  Object.assign(field.input, { type: "number", min: listed.least ?? "", step: listed.step || 1 });
  return kept(listed, { ...field, get value() { return Number(field.input.value || 0); }, show: (value) => (field.input.value = value) });
};

/** A number that, once it is left, is one that the operation can have. */
const kept = (listed, field) => {
  field.input.addEventListener("change", () => {
    const { input } = field;
    const typed = input.value === "" ? listed.value : Number(input.value);
    const fitting = Math.min(Math.max(typed, listed.lowest ?? typed), listed.highest ?? typed);
    if (input.value === "" || fitting !== typed) field.show(fitting);
  });
  return field;
};

export class OperationList {
  constructor(listed, makers) {
    this.operations = new Map(listed.map((each) => [each.id, new Operation(each, makers)]));
    this.element = make("div", { class: "extras-operations" }, ...[...this.operations.values()].map((operation) => operation.element));
  }

  /** Parameters by operation, of those that are ticked. */
  get values() {
    return Object.fromEntries([...this.operations].filter(([, operation]) => operation.tick.checked).map(([id, operation]) => [id, operation.used]));
  }

  /** Ticks and values of all, to be kept. */
  get draft() {
    return Object.fromEntries([...this.operations].map(([id, { tick, values }]) => [id, { on: tick.checked, values }]));
  }

  restore(draft) {
    for (const [id, kept] of Object.entries(draft || {})) this.operations.get(id)?.restore(kept);
  }

  /** Show a sentence at the field `operations.<id>.<name>`; null takes all back. Returns whether there is such a field. */
  complain(place, words) {
    if (place === null) for (const operation of this.operations.values()) for (const field of operation.fields.values()) field.complain("");
    const [, id, name] = /^operations\.([^.]+)\.(.+)$/.exec(place || "") || [];
    return this.operations.get(id)?.complain(name, words) ?? false;
  }
}
