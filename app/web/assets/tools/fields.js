/* Fields of a tool's form: {name, title, element, value, show(value), complain(words), options(list)}; `id` names the block as A1111's pages do. */

const { paintbox } = window;
const { make } = paintbox;

const wrap = ({ id, name, label, note, title = label }, control, input) => {
  const problem = make("p", { class: "tool-problem", role: "alert", hidden: true, id: `${id}_problem` });
  const hint = note ? make("p", { class: "tool-note", id: `${id}_note` }, note) : null;
  const parts = [label === null ? null : make("label", { for: input.id }, label), control, hint, problem].filter(Boolean);
  const element = make("div", { class: "tool-field", id }, ...parts);
  if (hint) input.setAttribute("aria-describedby", hint.id);
  return {
    name,
    title,
    input,
    element,
    /** What was said to be wrong with it. */
    told: () => problem.textContent,
    /** Say what is wrong with it; "" takes that back. */
    complain(words) {
      problem.textContent = words;
      problem.hidden = !words;
      if (words) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (words) input.focus();
    },
    changed: (call) => element.addEventListener("input", () => call()),
  };
};

const asText = (field) => ({
  ...field,
  get value() {
    return field.input.value;
  },
  show(value) {
    field.input.value = value;
  },
});

/** One line of text. */
export const textField = (given) => asText(wrap(given, ...twice(make("input", { type: "text", id: `${given.id}_field`, placeholder: given.placeholder, autocomplete: "off", spellcheck: "false" }))));

/** Several lines of text. */
export const areaField = (given) => {
  const area = make("textarea", { id: `${given.id}_field`, rows: given.rows || 3, placeholder: given.placeholder, spellcheck: "false" });
  area.value = given.value || "";
  return asText(wrap(given, ...twice(area)));
};

const twice = (element) => [element, element];

/** A choice; `options` are texts or [value, text]; `refresh` adds a button that looks for new ones. */
export const selectField = (given) => {
  const select = make("select", { id: `${given.id}_field`, translate: given.refresh ? "no" : null }); // what can be refreshed are names
  const refresh = given.refresh && make("button", { type: "button", class: "tool icon-refresh", id: given.refreshId, title: "Look for new files", "aria-label": "Look for new files", onclick: given.refresh }, "🔄");
  const field = asText(wrap(given, make("div", { class: "tool-with-icon" }, ...[select, refresh].filter(Boolean)), select));
  /** Offer others; what was chosen stays, as far as it is there. */
  field.options = (list) => {
    const before = select.value;
    const pairs = list.map((option) => (Array.isArray(option) ? option : [option, option]));
    const words = (value) => (value === "" || value === "None" ? "yes" : null); // "None", "Choose …": no name
    select.replaceChildren(...pairs.map(([value, text]) => make("option", { value, translate: words(value) }, text)));
    if ([...select.options].some((option) => option.value === before)) select.value = before;
  };
  field.options(given.options || []);
  if (given.value !== undefined) select.value = given.value;
  return field;
};

/** A number with a slider. */
export const sliderField = (given) => {
  const { min, max, step, value } = given;
  const number = make("input", { type: "number", id: `${given.id}_field`, min, max, step, value });
  const slider = make("input", { type: "range", min, max, step, value, "aria-label": given.label, tabindex: -1 });
  number.addEventListener("input", () => (slider.value = number.value));
  slider.addEventListener("input", () => (number.value = slider.value));
  const field = wrap(given, make("div", { class: "tool-slider" }, slider, number), number);
  return {
    ...field,
    get value() {
      return number.value === "" ? null : Number(number.value);
    },
    show(shown) {
      number.value = slider.value = shown;
    },
  };
};

/** A tick. */
export const checkField = (given) => {
  const box = make("input", { type: "checkbox", id: `${given.id}_field`, checked: Boolean(given.value) });
  const field = wrap({ ...given, title: given.label, label: null }, make("label", { class: "tool-check", for: box.id }, box, " ", given.label), box);
  return {
    ...field,
    get value() {
      return box.checked;
    },
    show(shown) {
      box.checked = shown;
    },
  };
};

/** One of a few; `options` as [value, text, why it cannot be chosen]. */
export const radioField = (given) => {
  const options = given.options.map(([value, text, why]) => {
    const input = make("input", { type: "radio", name: `${given.id}_choice`, value, checked: value === given.value, disabled: Boolean(why) });
    return make("label", { class: "tool-check", title: why || "" }, input, " ", text);
  });
  const group = make("div", { class: "tool-radios", role: "radiogroup", "aria-label": given.label, id: `${given.id}_field`, tabindex: -1 }, ...options);
  const field = wrap({ ...given, title: given.label, label: null }, make("div", {}, make("span", { class: "tool-label", "aria-hidden": "true" }, given.label), group), group);
  return {
    ...field,
    get value() {
      return group.querySelector("input:checked")?.value ?? "";
    },
    show(shown) {
      for (const input of group.querySelectorAll("input")) input.checked = input.value === String(shown);
    },
  };
};

/** A block that opens. */
export const accordion = (title, id, ...children) => make("details", { class: "tool-accordion", id }, make("summary", {}, title), ...children);

/** Fields side by side, as many as there is room for. */
export const row = (id, ...children) => make("div", { class: "tool-row", id }, ...children);

/** "2.13 GB". */
export const fileSize = (bytes) => {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power ? (bytes / 1000 ** power).toFixed(2) : bytes} ${units[power]}`;
};

/** The files of kinds of model folders: {kind: [{name, title, ...}]}. */
export const modelFiles = async (kinds, refresh = false) => {
  const query = kinds.map((kind) => `kind=${encodeURIComponent(kind)}`).join("&");
  const folders = await paintbox.request("GET", `paintbox/v1/model-index?${query}${refresh ? "&refresh=true" : ""}`);
  return Object.fromEntries(kinds.map((kind) => [kind, folders[kind] ? folders[kind].models : []]));
};

/** Models as what a choice offers. */
export const modelOptions = (models, first) => [...(first ? [["", first]] : []), ...models.map((model) => [model.name, model.title])];
