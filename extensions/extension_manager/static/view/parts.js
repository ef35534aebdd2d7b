/* Small parts that the pages of the Extensions tab have in common. */

const { make } = window.paintbox;

/** A link that leads out, for addresses over https alone; else plain words. */
export const link = (address, words = address) =>
  /^https:\/\//.test(address) ? make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words) : make("span", {}, words);

/** A labelled field. */
export const field = (label, input, note = "") => {
  const hint = note ? make("p", { class: "ext-note", id: `${input.id}_note` }, note) : "";
  if (note) input.setAttribute("aria-describedby", `${input.id}_note`);
  return make("div", { class: "ext-field" }, make("label", { for: input.id }, label), input, hint);
};

/** A drop-down of [value, words]. */
export const select = (id, options, value, changed = () => {}) => {
  const element = make("select", { id, onchange: changed }, ...options.map(([key, words]) => new Option(words, key)));
  element.value = value;
  return element;
};

/** Radio buttons of [value, words] in one line; `element.value` is the chosen one. */
export const radios = (id, label, options, value, changed = () => {}) => {
  const choices = options.map(([key, words]) => make("label", { class: "ext-check" }, make("input", { type: "radio", name: id, value: key, checked: key === value, onchange: changed }), words));
  const element = make("fieldset", { id, class: "ext-radios" }, make("legend", {}, label), ...choices);
  return {
    element,
    get value() {
      return element.querySelector("input:checked")?.value ?? value;
    },
    set value(key) {
      for (const input of element.querySelectorAll("input")) input.checked = input.value === key;
    },
  };
};

/** Lines of [label, content]; those without content are left out. */
export const facts = (...lines) => {
  const shown = lines.filter(([, content]) => content !== "" && content !== null && content !== undefined);
  return make("dl", { class: "ext-facts" }, ...shown.flatMap(([label, content]) => [make("dt", {}, label), make("dd", {}, content)]));
};

/** A list of sentences, or of the parts of each, with a heading; nothing where there are none. */
export const sentences = (heading, list, kind = "") =>
  list.length ? make("div", { class: `ext-list ${kind}` }, make("h4", {}, heading), make("ul", {}, ...list.map((each) => make("li", {}, ...[each].flat())))) : "";

/** "12 kB". */
export const fileSize = (bytes) => {
  const units = ["bytes", "kB", "MB", "GB"];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power ? (bytes / 1000 ** power).toFixed(1) : bytes} ${units[power]}`;
};
