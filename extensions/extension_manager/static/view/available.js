/* The page "Available": the index of extensions that can be had; loaded when somebody asks for it. */

import { changing } from "./view.js";
import { field, link, radios, select } from "./parts.js";
import { askConsent } from "./plan.js";

const { make } = window.paintbox;
const HIDDEN = ["ads", "localization", "installed"];
const SHOWN = 300;
const by = (key, direction = 1) => (one, other) => direction * String(one[key]).localeCompare(String(other[key]));
const ORDERS = [
  ["newest first", by("added", -1)],
  ["oldest first", by("added")],
  ["a-z", by("name")],
  ["z-a", by("name", -1)],
  ["internal order", () => 0],
  ["update time", by("updated", -1)],
  ["create time", by("created", -1)],
  ["stars", (one, other) => other.stars - one.stars],
];

export const availablePage = (view) => new AvailablePage(view);

class AvailablePage {
  constructor(view) {
    this.view = view;
    this.address = make("input", { type: "text", id: "available_extensions_index", autocomplete: "off", spellcheck: "false" });
    this.load = changing({ id: "refresh_available_extensions_button", class: "ext-primary", onclick: () => this.read() }, "Load from:");
    this.tags = make("fieldset", { class: "ext-radios", id: "available_extensions_tags" });
    this.order = select("available_extensions_order", ORDERS.map(([name]) => [name, name]), "newest first", () => this.draw());
    this.showing = radios("available_extensions_showing", "Showing type", [["hide", "hide"], ["show", "show"]], "hide", () => this.draw());
    this.filtering = radios("available_extensions_filtering", "Filtering type", [["or", "or"], ["and", "and"]], "or", () => this.draw());
    this.search = make("input", { type: "search", id: "available_extensions_search" });
    this.search.addEventListener("input", () => this.draw());
    this.list = make("div", { id: "available_extensions_html" }, make("p", {}, "The list is loaded from its address when you press the button; nothing is asked before."));
    this.filters = make("div", { hidden: true }, this.tags, make("div", { class: "ext-row" }, field("Order", this.order), this.showing.element, this.filtering.element, field("Search", this.search)));
    const where = make("div", { class: "ext-from" }, this.load, this.address);
    this.address.setAttribute("aria-label", "Extension index URL");
    this.element = make("div", {}, where, this.filters, this.list);
    view.changed.add((data) => {
      if (!this.address.value) this.address.value = data.index_address;
    });
  }

  async read() {
    const index = await this.view.during(this.load, "Loading …", () => this.view.request("POST", "/index", { address: this.address.value }));
    if (!index) return;
    this.index = index;
    const tags = Object.entries({ installed: "extensions that are installed", ...index.tags });
    const boxes = tags.map(([tag, about]) => make("label", { class: "ext-check", title: about }, make("input", { type: "checkbox", value: tag, checked: HIDDEN.includes(tag), onchange: () => this.draw() }), tag));
    this.tags.replaceChildren(make("legend", {}, "Extensions with these tags"), ...boxes);
    this.filters.hidden = false;
    this.view.say(index.skipped ? `${index.skipped} entries of the index could not be used.` : "");
    this.draw();
  }

  chosen() {
    const chosen = [...this.tags.querySelectorAll("input:checked")].map((box) => box.value);
    const words = this.search.value.trim().toLowerCase();
    const matches = ({ tags, is_installed }) => {
      const own = is_installed ? [...tags, "installed"] : tags;
      if (!chosen.length) return this.showing.value === "show";
      return this.filtering.value === "or" ? chosen.some((tag) => own.includes(tag)) : chosen.every((tag) => own.includes(tag));
    };
    const isFound = ({ name, description, url }) => !words || `${name} ${description} ${url}`.toLowerCase().includes(words);
    const wanted = this.showing.value === "show";
    const found = this.index.entries.filter((entry) => isFound(entry) && (wanted && !chosen.length ? true : matches(entry) === wanted));
    return found.sort(ORDERS.find(([name]) => name === this.order.value)[1]);
  }

  draw() {
    const found = this.chosen();
    const heads = ["Extension", "Description", "Action"].map((title) => make("th", { scope: "col" }, title));
    const rows = found.slice(0, SHOWN).map((entry) => this.row(entry));
    const count = make("p", { class: "ext-note" }, found.length > SHOWN ? `Extensions found: ${found.length}; the first ${SHOWN} are shown.` : `Extensions found: ${found.length} of ${this.index.entries.length}.`);
    this.list.replaceChildren(count, make("table", { id: "available_extensions" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
  }

  row(entry) {
    const install = changing({ class: "install_extension_button", onclick: () => this.plan(install, entry) }, entry.is_installed ? "Installed" : "Install …");
    install.disabled = entry.is_installed || !this.view.access.allowed;
    if (entry.is_installed) install.dataset.changes = "";
    const dates = [["Added", entry.added], ["Update", entry.updated], ["Create", entry.created]].filter(([, date]) => date).map(([label, date]) => `${label}: ${date}`);
    if (entry.stars) dates.push(`stars: ${entry.stars}`);
    return make(
      "tr",
      {},
      make("td", { "data-label": "Extension" }, link(entry.url, entry.name), make("div", { class: "ext-note" }, entry.tags.join(", "))),
      make("td", { "data-label": "Description" }, entry.description, make("div", { class: "ext-note" }, dates.join("  "))),
      make("td", { "data-label": "Action" }, install),
    );
  }

  async plan(button, { url }) {
    const plan = await this.view.during(button, "Fetching …", () => this.view.request("POST", "/plans", { url }));
    if (plan) askConsent(this.view, plan);
  }
}
