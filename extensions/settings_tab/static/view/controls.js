/* One control for every kind of setting: {element, read(), show(value)}; `changed()` is called whenever the user changed it. */

import { make } from "./dom.js";
import { makePicker } from "./picker.js";

const MOST_RADIOS = 4;
const MOST_LETTERS = 60;
const WORDS = ["None", "Automatic"]; // among names, which are not translated

/** `id` is the field's, for its label; `groups`: the control consists of several fields and names them itself. */
export const makeControl = (setting, id, describedBy, changed) => {
  const facts = { setting, id, describedBy, changed, disabled: Boolean(setting.locked) };
  if (setting.control === "choice" && isShort(setting)) return radios(facts);
  return (MAKERS[setting.control] || text)(facts);
};

/** Few short choices, with the chosen one among them: a list can also show one that is not there any more. */
const isShort = ({ choices, refresh, optional, value }) =>
  !refresh && !optional && choices.some((choice) => choice.value === value) && choices.length <= MOST_RADIOS && choices.map((choice) => choice.label).join("").length <= MOST_LETTERS;

const shared = ({ id, describedBy, disabled }) => ({ id, "aria-describedby": describedBy, disabled });

const text = (facts) => {
  const field = make("input", { ...shared(facts), type: "text", spellcheck: "false", oninput: facts.changed });
  return { element: field, read: () => (facts.setting.optional && field.value === "" ? null : field.value), show: (value) => (field.value = value ?? "") };
};

const secret = (facts) => {
  const { setting, changed } = facts;
  const field = make("input", { ...shared(facts), type: "password", autocomplete: "new-password", oninput: changed });
  field.placeholder = setting.is_set ? "is set; it is not shown" : "is not set";
  return { element: field, read: () => field.value || null, show: () => (field.value = "") };
};

const checkbox = (facts) => {
  const field = make("input", { ...shared(facts), type: "checkbox", onchange: facts.changed });
  return { element: field, read: () => field.checked, show: (value) => (field.checked = Boolean(value)) };
};

const numberOf = (field) => (field.value.trim() === "" ? null : Number(field.value));

/** A number that is left becomes the nearest one that the setting can have. */
const clamped = (field, { lowest, highest }, changed) =>
  field.addEventListener("change", () => {
    const typed = numberOf(field);
    const fitting = typed === null ? null : Math.min(Math.max(typed, lowest ?? typed), highest ?? typed);
    if (fitting === typed) return;
    field.value = fitting;
    changed();
  });

const number = (facts) => {
  const { setting, changed } = facts;
  const step = setting.whole ? "1" : "any";
  const field = make("input", { ...shared(facts), type: "number", step, min: setting.lowest, max: setting.highest, oninput: changed });
  clamped(field, setting, changed);
  return { element: field, read: () => numberOf(field), show: (value) => (field.value = value ?? "") };
};

const slider = (facts) => {
  const { setting, changed, disabled } = facts;
  const exact = make("input", { ...shared(facts), type: "number", step: setting.whole ? "1" : "any" });
  const follow = () => {
    range.value = exact.value;
    changed();
  };
  const range = make("input", { type: "range", disabled, "aria-label": `${setting.label} (slider)`, tabIndex: -1 });
  Object.assign(range, { min: setting.lowest, max: setting.highest, step: setting.step });
  range.addEventListener("input", () => {
    exact.value = range.value;
    changed();
  });
  exact.addEventListener("input", follow);
  clamped(exact, setting, follow);
  const element = make("div", { class: "slider" }, range, exact);
  return { element, read: () => numberOf(exact), show: (value) => (exact.value = range.value = value ?? "") };
};

const color = (facts) => {
  const { setting, changed, disabled } = facts;
  const exact = make("input", { ...shared(facts), type: "text", spellcheck: "false" });
  const pick = make("input", { type: "color", disabled, "aria-label": `${setting.label} (pick)` });
  pick.addEventListener("input", () => {
    exact.value = pick.value;
    changed();
  });
  exact.addEventListener("input", () => {
    pick.value = exact.value;
    changed();
  });
  return { element: make("div", { class: "color" }, pick, exact), read: () => exact.value, show: (value) => (exact.value = pick.value = value) };
};

const radios = (facts) => {
  const { setting, id, describedBy, changed, disabled } = facts;
  const fields = setting.choices.map((choice, number) =>
    make("input", { id: `${id}_${number}`, type: "radio", name: id, disabled, onchange: changed, "aria-describedby": describedBy }),
  );
  const labels = fields.map((field, number) => make("label", {}, field, ` ${setting.choices[number].label}`));
  let shown = null; // stays the value while no choice is ticked
  return {
    element: make("div", { class: "radios", role: "radiogroup", "aria-label": setting.label, id }, ...labels),
    groups: true,
    read: () => setting.choices[fields.findIndex((field) => field.checked)]?.value ?? shown,
    show: (value) => {
      shown = value;
      fields.forEach((field, number) => (field.checked = setting.choices[number].value === value));
    },
  };
};

const choice = (facts) => {
  const { setting, changed } = facts;
  if (!setting.choices) return text(facts);
  const field = make("select", { ...shared(facts), onchange: changed });
  let values = [];
  const fill = (chosen) => {
    const listed = setting.optional ? [{ label: "–", value: null }, ...setting.choices] : setting.choices;
    const isMissing = !listed.some((each) => each.value === chosen);
    const all = isMissing ? [...listed, { label: `${chosen} (not found)`, value: chosen }] : listed;
    values = all.map((each) => each.value);
    const isWord = ({ label, value }) => WORDS.includes(label) || (isMissing && value === chosen);
    field.replaceChildren(...all.map((each) => make("option", { textContent: each.label, translate: isWord(each) ? "yes" : null })));
    field.selectedIndex = values.indexOf(chosen);
  };
  return { element: field, read: () => values[field.selectedIndex] ?? null, show: fill };
};

const choices = ({ setting, id, describedBy, changed, disabled }) =>
  makePicker({ id, label: setting.label, describedBy, choices: setting.choices, disabled, changed });

const MAKERS = { text, secret, checkbox, number, slider, color, choice, choices };
