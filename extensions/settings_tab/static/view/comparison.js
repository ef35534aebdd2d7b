/* What a set of values would change, as a table with a tick for each line, and what of it cannot be. */

import { make } from "./dom.js";
import { translatable, words } from "./row.js";

const HEADS = ["", "Setting", "Now", "Then"];
const HIDDEN = "hidden";

/** {element, wishes()}: `wishes()` are the ticked lines as {values, reset}; `values` is the set itself. */
export const makeComparison = (comparison, values) => {
  const { changes, same, unknown, refused } = comparison;
  const ticks = new Map();
  const element = make("div", { class: "settings-comparison" });
  if (!changes.length) element.append(make("p", { textContent: "Nothing would change." }));
  else element.append(table(changes, ticks));
  if (same) element.append(make("p", { class: "setting-help", textContent: same === 1 ? "1 value is the same already." : `${same} values are the same already.` }));
  element.append(...named("These keys belong to no setting here:", unknown), ...named("These values cannot be set:", refused));
  const wishes = () => {
    const ticked = changes.filter(({ key, is_secret: isSecret }) => ticks.get(key).checked && (values || !isSecret));
    const reset = ticked.filter((change) => change.is_reset).map(({ key }) => key);
    const chosen = ticked.filter((change) => !change.is_reset).map((change) => [change.key, values ? values[change.key] : change.then]);
    return { values: Object.fromEntries(chosen), reset };
  };
  return { element, wishes };
};

const table = (changes, ticks) => {
  const rows = changes.map((change) => {
    const tick = make("input", { type: "checkbox", checked: true, "aria-label": change.label });
    ticks.set(change.key, tick);
    const shown = (value) => make("td", change.is_secret ? { textContent: HIDDEN } : { translate: translatable(words(value)), textContent: words(value) });
    const name = make("td", {}, make("span", { textContent: change.label }), make("code", { textContent: change.key }));
    if (change.remark) name.append(make("p", { class: "setting-help", textContent: change.remark }));
    return make("tr", {}, make("td", {}, tick), name, shown(change.now), shown(change.then));
  });
  const head = make("tr", {}, ...HEADS.map((textContent) => make(textContent ? "th" : "td", { textContent, scope: textContent ? "col" : null })));
  return make("table", { class: "settings-table" }, make("thead", {}, head), make("tbody", {}, ...rows));
};

const named = (title, entries) =>
  entries.length
    ? [
        make("h5", { textContent: title }),
        make("ul", {}, ...entries.map(({ key, why }) => make("li", {}, make("code", { textContent: key }), " ", make("span", { textContent: why })))),
      ]
    : [];
