/* The pages of the settings: a list of them by category at the side (a drop-down on narrow screens), one page or all of them shown. */

import { make } from "./dom.js";
import { extraPages, fillPage } from "./pages.js";

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export class Sections {
  /** `sections` as the server lists them; `rowsOf(section)` gives the rows of one; `reset(rows)` marks them to get their defaults. */
  constructor(sections, rowsOf, reset) {
    this.reset = reset;
    const extra = extraPages().map((section) => ({ section, rows: [], isFound: true }));
    this.pages = [...sections.map((section) => ({ section, rows: rowsOf(section), isFound: true })), ...extra];
    this.isAll = false;
    this.search = { words: [], changedOnly: false };
    this.menu = make("div", { class: "settings-menu", role: "tablist", "aria-orientation": "vertical", "aria-label": "Pages of settings" });
    this.narrow = make("select", { class: "settings-narrow-menu", "aria-label": "Page of settings" });
    this.narrow.addEventListener("change", () => this.open(this.narrow.value));
    this.menu.addEventListener("keydown", (event) => this.walk(event));
    this.nothing = make("p", { role: "status", textContent: "No setting is like that.", hidden: true });
    this.element = make("div", { id: "settings" }, make("h2", { class: "visually-hidden", textContent: "Settings" }), this.nothing, ...this.pages.map((page) => this.draw(page)));
    this.open(sections[0].id);
  }

  draw(page) {
    const { id, title, category } = page.section;
    const number = this.pages.indexOf(page);
    if (number === 0 || this.pages[number - 1].section.category !== category) {
      this.menu.append(make("div", { class: "settings-category", role: "presentation", textContent: category }));
      this.narrow.append(make("optgroup", { label: category }));
    }
    page.button = make("button", {
      type: "button",
      role: "tab",
      id: `settings_${id}-button`,
      "aria-controls": `settings_${id}`,
      textContent: title,
      onclick: () => this.open(id),
    });
    this.menu.append(page.button);
    this.narrow.lastChild.append(make("option", { value: id, textContent: title }));
    const column = make("div", { id: `column_settings_${id}`, class: "settings-column" }, ...page.rows.map((row) => row.element));
    const head = make("div", { class: "settings-page-head" }, make("h3", { textContent: title }), this.resetButton(page));
    page.element = make("section", { id: `settings_${id}`, role: "tabpanel", "aria-labelledby": `settings_${id}-button` }, head, column);
    return page.element;
  }

  /** ↺ of a whole page of settings. */
  resetButton(page) {
    if (!page.rows.length) return null;
    const title = "Reset this page to the defaults";
    return make("button", { type: "button", class: "settings-page-reset", title, "aria-label": title, textContent: "↺", onclick: () => this.reset(page.rows) });
  }

  /** Show one page; while a search is on, all that have something of it stay shown. */
  open(id) {
    this.opened = id;
    this.show();
    const { element } = this.page(id);
    if (this.isMany || element.getBoundingClientRect().top < 0) element.scrollIntoView({ block: "start" });
  }

  page(id) {
    return this.pages.find((page) => page.section.id === id);
  }

  get isMany() {
    return this.isAll || this.search.words.length > 0 || this.search.changedOnly;
  }

  showAll(isAll) {
    this.isAll = isAll;
    this.show();
  }

  find(text, changedOnly) {
    this.search = { words: text.toLowerCase().split(/[\s_]+/).filter(Boolean), changedOnly };
    this.show();
  }

  show() {
    const { words, changedOnly } = this.search;
    for (const page of this.pages) {
      page.isFound = !page.rows.length && !words.length && !changedOnly;
      for (const row of page.rows) {
        const isFound = row.matches(words, page.section.title) && (!changedOnly || row.isChanged);
        row.element.hidden = !isFound;
        page.isFound = page.isFound || isFound;
      }
      const isOpen = page.section.id === this.opened;
      page.element.hidden = this.isMany && page.rows.length ? !page.isFound : !isOpen || (this.isMany && !this.isAll && !page.rows.length);
      if (!page.element.hidden) fillPage(page);
      page.button.setAttribute("aria-selected", String(isOpen));
      page.button.tabIndex = isOpen ? 0 : -1;
      page.button.classList.toggle("is-empty", !page.isFound);
    }
    this.narrow.value = this.opened;
    this.nothing.hidden = this.pages.some((page) => page.isFound) || !this.isMany;
  }

  /** Open the page of a row and go to it. */
  goTo(row) {
    const page = this.pages.find((each) => each.rows.includes(row));
    if (page.element.hidden || row.element.hidden) this.find("", false);
    this.open(page.section.id);
    row.focus();
  }

  walk(event) {
    const number = this.pages.findIndex((page) => page.section.id === this.opened);
    const target = { Home: 0, End: this.pages.length - 1 }[event.key] ?? number + (STEPS[event.key] || 0);
    if (target === number || !this.pages[target]) return;
    event.preventDefault();
    this.open(this.pages[target].section.id);
    this.pages[target].button.focus();
  }
}
