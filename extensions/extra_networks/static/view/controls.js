/* The row above the cards: search, order, folders, refresh, and the buttons of other scripts. */

import { tool } from "./card.js";

const { make } = window.paintbox;
const SEARCH_MS = 40;
const SORTS = [
  ["path", "Sort by path"],
  ["name", "Sort by name"],
  ["date_created", "Sort by date created"],
  ["date_modified", "Sort by date modified"],
];

/** Calls at once, and after `wait` ms again if it was wanted in between: the last wish is never forgotten. */
export const throttled = (wait, call) => {
  let timer = 0;
  let isWanted = false;
  const go = () => {
    isWanted = false;
    timer = setTimeout(() => {
      timer = 0;
      if (isWanted) go();
    }, wait);
    call();
  };
  return () => {
    isWanted = true;
    if (!timer) go();
  };
};

export class Controls {
  /** `told`: what is called: `searched()`, `sorted(name)`, `turned()`, `toggled()` for the folders, `refresh()`. */
  constructor(id, told) {
    this.id = id;
    const look = throttled(SEARCH_MS, told.searched);
    this.search = make("input", { type: "search", id: `${id}_extra_search`, class: "network-search", placeholder: "Search", "aria-label": "Search path, hash and description", oninput: look });
    this.sorts = SORTS.map(([name, words]) =>
      tool(`sort-${name.replace("_", "-")}`, words, () => told.sorted(name), { id: `${id}_extra_sort_${name}`, "data-sort": name }),
    );
    this.direction = tool("ascending", "", told.turned, { id: `${id}_extra_sort_dir` });
    this.folders = tool("folders", "Show folders", told.toggled, { id: `${id}_extra_tree_view` });
    const refresh = tool("refresh", "Look for new and removed files", told.refresh, { id: `${id}_extra_refresh` });
    const pressedByScripts = make("button", { type: "button", id: `${id}_extra_refresh_internal`, hidden: true, onclick: told.refresh });
    this.tools = make("div", { class: "network-tools" });
    const sorting = make("div", { class: "network-sorts", role: "group", "aria-label": "Order" }, ...this.sorts, this.direction);
    this.element = make("div", { id: `${id}_controls`, class: "network-controls" }, this.search, sorting, this.folders, refresh, pressedByScripts, this.tools);
  }

  get text() {
    return this.search.value;
  }

  set text(words) {
    this.search.value = words;
  }

  showOrder(sort, isDescending) {
    for (const button of this.sorts) button.setAttribute("aria-pressed", String(button.dataset.sort === sort));
    const words = isDescending ? "Descending" : "Ascending";
    Object.assign(this.direction, { title: `${words}: click to turn the order`, className: `tool icon-${words.toLowerCase()}` });
    this.direction.setAttribute("aria-label", this.direction.title);
    this.direction.dataset.sortdir = words;
  }

  showFolders(isShown) {
    this.folders.setAttribute("aria-pressed", String(Boolean(isShown)));
  }

  /** A button of another script; `run()`. */
  add({ id, icon, label }, run) {
    this.tools.append(tool(icon, label, run, { id: `${this.id}_${id}` }));
  }
}
