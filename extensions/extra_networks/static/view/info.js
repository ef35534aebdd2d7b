/* What a file says of itself: facts, trigger words and the words of its training, which go into the prompt; below, everything as it stands. */

const { paintbox } = window;
const { make } = paintbox;
const MOST_ROWS = 200;
const UNKNOWN = "not computed yet"; // no value of a file's own
const SIZES = [0.8, 1.15];

/** [[what, value], ...] as a table. */
export const factsTable = (facts) =>
  make("table", { class: "network-facts" }, make("tbody", {}, ...facts.map(([name, value]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", { translate: value === UNKNOWN ? "yes" : "no" }, value)))));

/** Words, each the larger the more often it was there; `take(word, button)`. */
export const wordCloud = (words, take, more = {}) => {
  const most = Math.max(1, ...words.map(([, count]) => count));
  const button = ([word, count]) => {
    const size = SIZES[0] + (SIZES[1] - SIZES[0]) * Math.sqrt(count / most);
    return make("button", { type: "button", translate: "no", style: `font-size: ${size.toFixed(2)}rem`, title: `${count} times`, "data-word": word, onclick: ({ currentTarget }) => take(word, currentTarget) }, word);
  };
  return make("div", { class: "network-words", role: "group", ...more }, ...words.map(button));
};

/** Trigger words as buttons. */
export const triggerButtons = (triggers, take) =>
  make("div", { class: "network-words", role: "group", "aria-label": "Trigger words" }, ...triggers.map((word) => make("button", { type: "button", translate: "no", "data-word": word, onclick: ({ currentTarget }) => take(word, currentTarget) }, word)));

/** Any JSON as a table in tables; long ones are shown in part until somebody asks. */
const nested = (value) => {
  if (value === null || typeof value !== "object") return make("span", {}, String(value));
  const rows = Array.isArray(value) ? value.map((each, index) => [String(index), each]) : Object.entries(value);
  if (!rows.length) return make("span", {}, Array.isArray(value) ? "[]" : "{}");
  if (Array.isArray(value) && value.every((each) => each === null || typeof each !== "object")) return make("span", {}, value.slice(0, MOST_ROWS).join(", ") + (value.length > MOST_ROWS ? " …" : ""));
  const body = make("tbody", {});
  const draw = ([name, each]) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, nested(each)));
  body.append(...rows.slice(0, MOST_ROWS).map(draw));
  const table = make("table", { class: "network-nested" }, body);
  if (rows.length <= MOST_ROWS) return table;
  const rest = make("button", { type: "button" }, `Show ${rows.length - MOST_ROWS} more`);
  rest.addEventListener("click", () => {
    body.append(...rows.slice(MOST_ROWS).map(draw));
    rest.remove();
  });
  return make("div", {}, table, rest);
};

const titled = (words, ...parts) => make("section", {}, make("h3", {}, words), ...parts);

const drawInfo = (pane, dialog, details, metadata) => {
  const { facts, triggers, words } = details;
  const parts = [titled("The file", factsTable(facts))];
  const say = (word) => dialog.say(`In the prompt: ${word}`);
  if (triggers.length) {
    const take = (word) => {
      pane.addWords(word);
      say(word);
    };
    parts.push(titled("Trigger words", make("p", { class: "dialog-hint" }, "A click puts them at the end of the prompt."), triggerButtons(triggers, take)));
  }
  if (words.length) {
    const chosen = new Set();
    const use = make("button", { type: "button", class: "primary", disabled: true }, "Use these tags");
    const toggle = (word, button) => {
      chosen.delete(word) || chosen.add(word);
      button.classList.toggle("is-chosen", chosen.has(word));
      button.setAttribute("aria-pressed", String(chosen.has(word)));
      use.disabled = !chosen.size;
    };
    use.addEventListener("click", () => {
      pane.addWords([...chosen].join(", "));
      say([...chosen].join(", "));
    });
    const cloud = wordCloud(words, toggle, { "aria-label": "Tags of the training's pictures" });
    parts.push(titled("Tags of the training's pictures", make("p", { class: "dialog-hint" }, "Choose some, then put them into the prompt."), cloud, make("div", { class: "dialog-row" }, use)));
  }
  const raw = make("details", { class: "network-raw" }, make("summary", {}, "All metadata of the file"));
  raw.addEventListener("toggle", () => raw.childElementCount === 1 && raw.append(nested(metadata)));
  parts.push(raw);
  dialog.body.replaceChildren(...parts);
};

/** Open the dialog for a card. */
export const showInfo = async (pane, card) => {
  const dialog = paintbox.dialog(`${pane.id}_info`, "", ({ element }) => element.classList.add("network-dialog"));
  dialog.heading.textContent = card.title;
  dialog.body.replaceChildren();
  dialog.show();
  dialog.wanted = card.name;
  const ask = (what) => paintbox.request("GET", `${pane.route}/${what}?name=${encodeURIComponent(card.name)}`);
  try {
    const [details, metadata] = await Promise.all([ask("details"), ask("metadata")]);
    if (dialog.wanted === card.name) drawInfo(pane, dialog, details, metadata);
  } catch (error) {
    dialog.say(error.message, true);
  }
};
