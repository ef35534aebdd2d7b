/* The whole Settings tab: reads the settings, collects what the user changed, sends that alone, and says what came of it. */

import { make } from "./dom.js";
import { Row } from "./row.js";
import { Sections } from "./sections.js";

const ADDRESS = "paintbox/v1/settings";
const SEARCH_MS = 120;
const { paintbox } = window;

class SettingsView {
  constructor(sections) {
    this.rows = new Map();
    const rowsOf = (section) => section.settings.map((setting) => this.row(setting));
    this.sections = new Sections(sections, rowsOf, (rows) => this.resetAll(rows));
    this.result = make("div", { id: "settings_result", role: "status", "aria-live": "polite" });
    this.undo = make("button", { type: "button", id: "settings_undo", textContent: "Undo", hidden: true, onclick: () => this.takeBack() });
    this.apply = make("button", { type: "button", id: "settings_submit", class: "primary", textContent: "Apply settings", onclick: () => this.send() });
    this.discard = make("button", { type: "button", id: "settings_discard", textContent: "Discard", hidden: true, onclick: () => this.forget() });
    this.search = make("input", { type: "search", id: "settings_search", placeholder: "Search settings", "aria-label": "Search settings" });
    this.changedOnly = make("input", { type: "checkbox", id: "settings_changed_only" });
    const find = () => this.sections.find(this.search.value, this.changedOnly.checked);
    this.search.addEventListener("input", paintbox.debounce(SEARCH_MS, find));
    this.changedOnly.addEventListener("change", find);
    this.tell();
  }

  row(setting) {
    const page = {
      changed: () => this.tell(),
      request: paintbox.request,
      isAtTop: (key) => Boolean(document.querySelector(`#quicksettings [id="setting_${key}"]`)),
    };
    const row = new Row(setting, page);
    this.rows.set(setting.key, row);
    return row;
  }

  draw(place) {
    const { sections } = this;
    const all = make("button", { type: "button", id: "settings_show_all_pages", textContent: "Show all pages" });
    const one = make("button", { type: "button", id: "settings_show_one_page", textContent: "Show one page", hidden: true });
    const showAll = (isAll) => {
      [all.hidden, one.hidden] = [isAll, !isAll];
      sections.showAll(isAll);
    };
    all.addEventListener("click", () => showAll(true));
    one.addEventListener("click", () => showAll(false));
    const reload = make("button", { type: "button", id: "settings_restart_gradio", textContent: "Reload UI", "data-reload-page": "" });
    const reset = make("button", { type: "button", id: "settings_reset_all", textContent: "Reset all", onclick: () => this.resetAll(this.rows.values()) });
    const changed = make("label", { class: "changed-only" }, this.changedOnly, make("span", { textContent: " Changed only" }));
    const buttons = make("div", { class: "settings-buttons" }, this.apply, reload, this.discard);
    const filters = make("div", { class: "settings-filters" }, this.search, changed, all, one, reset);
    const head = make("div", { class: "settings-head" }, buttons, filters, make("div", { class: "settings-message" }, this.result, this.undo));
    place.replaceChildren(head, make("div", { class: "settings-pages" }, sections.narrow, sections.menu, sections.element));
    this.reload = reload;
  }

  // --- changes that are not applied ---------------------------------------------------------------------------------

  pending() {
    return [...this.rows.values()].filter((row) => row.wish);
  }

  tell() {
    const count = this.pending().length;
    this.apply.textContent = count ? `Apply settings (${count})` : "Apply settings";
    this.discard.hidden = !count;
  }

  forget() {
    for (const row of this.pending()) row.discard();
    this.say("");
    this.tell();
  }

  resetAll(rows) {
    const wanted = [...rows].filter((row) => row.canReset);
    for (const row of wanted) row.toDefault();
    const count = wanted.length;
    if (count === 1) this.say("1 setting goes back to its default with Apply settings.");
    else this.say(count ? `${count} settings go back to their defaults with Apply settings.` : "Every setting has its default.");
  }

  lost() {
    const count = this.pending().length;
    if (count === 1) return "1 changed setting is not applied.";
    return count ? `${count} changed settings are not applied.` : "";
  }

  // --- the server ---------------------------------------------------------------------------------------------------

  async send() {
    const wishes = this.pending().map((row) => [row.key, row.wish]);
    const values = Object.fromEntries(wishes.filter(([, wish]) => !wish.reset).map(([key, wish]) => [key, wish.value]));
    const reset = wishes.filter(([, wish]) => wish.reset).map(([key]) => key);
    const seen = Object.fromEntries(wishes.map(([key]) => [key, this.rows.get(key).setting.value]));
    await this.change({ values, reset, seen }, true);
  }

  /** Bring back what was before the last change. */
  async takeBack() {
    await this.change(this.before, false);
  }

  async change(changes, canUndo) {
    this.apply.disabled = true;
    try {
      const answer = await paintbox.request("PATCH", ADDRESS, changes);
      for (const setting of answer.settings) this.rows.get(setting.key).update(setting, false, true);
      this.reload.classList.toggle("primary", Boolean(answer.needs.reload) || this.reload.classList.contains("primary"));
      this.say(answer.message);
      this.before = answer.undo;
      this.undo.hidden = !canUndo || !answer.changed.length;
      paintbox.press("settings_changed");
    } catch (error) {
      this.refused(error);
    } finally {
      this.apply.disabled = false;
      this.tell();
    }
  }

  refused(error) {
    const sentences = (error.data && error.data.fields) || {};
    const rows = Object.keys(sentences).map((key) => this.rows.get(key));
    for (const row of rows) row.complain(sentences[row.key]);
    this.say(error.message, true);
    if (rows.length) this.sections.goTo(rows[0]);
  }

  /** Take over what others have changed meanwhile; what is typed here stays. */
  async refresh() {
    const { sections } = await paintbox.request("GET", ADDRESS);
    for (const setting of sections.flatMap((section) => section.settings)) this.rows.get(setting.key)?.update(setting);
    this.tell();
  }

  say(words, isError = false) {
    this.result.textContent = words;
    this.result.classList.toggle("is-wrong", isError);
    this.undo.hidden = true;
  }
}

/** Fill the place; from then on the settings are read again whenever somebody comes back to them. */
export const openSettings = async (place) => {
  const { sections } = await paintbox.request("GET", ADDRESS);
  const view = new SettingsView(sections);
  view.draw(place);
  paintbox.beforeReload(() => view.lost());
  const refresh = () => view.refresh().catch((error) => view.say(`The settings could not be read again: ${error.message}`, true));
  const isShown = () => place.offsetParent !== null && !document.hidden;
  let wasShown = true;
  new IntersectionObserver(() => {
    if (isShown() && !wasShown) refresh();
    wasShown = isShown();
  }).observe(place);
  document.addEventListener("visibilitychange", () => isShown() && refresh());
  window.addEventListener("focus", () => isShown() && refresh());
  document.addEventListener("paintbox:settings", () => isShown() && refresh());
};
