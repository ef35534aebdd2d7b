/* The Extensions tab: its four pages, and what they share. */

import { installedPage } from "./installed.js";
import { availablePage } from "./available.js";
import { installPage } from "./install.js";
import { backupPage } from "./backup.js";

const { paintbox } = window;
const { make } = paintbox;
export const ADDRESS = "paintbox/v1/extensions";

class ExtensionsView {
  constructor() {
    this.message = make("div", { id: "extensions_message", class: "ext-message", role: "status", "aria-live": "polite" });
    this.reload = make("button", { type: "button", class: "ext-primary", "data-reload-page": "", hidden: true }, "Reload UI");
    this.changed = new Set();
    this.access = { allowed: true, reason: "" };
  }

  request(method, path, body) {
    return paintbox.request(method, `${ADDRESS}${path}`, body);
  }

  say(words, isError = false) {
    this.message.textContent = words;
    this.message.classList.toggle("is-problem", isError);
  }

  /** What went wrong on one page says nothing on the next; what was done, and may need a reload, stays. */
  forget() {
    if (this.message.classList.contains("is-problem")) this.say("");
  }

  /** Do something that takes a while: the button waits for it, and what goes wrong is told. Returns its result, or undefined. */
  async during(button, words, work) {
    const before = button.textContent;
    button.disabled = true;
    button.textContent = words;
    try {
      return await work();
    } catch (error) {
      this.say(error.message, true);
      return undefined;
    } finally {
      button.textContent = before;
      button.disabled = !this.access.allowed && button.dataset.changes === "true";
    }
  }

  /** Tell what came of a change, and read everything again. */
  async settle(outcome) {
    const problems = outcome.problems || [];
    this.say([outcome.message, ...problems].join(" "), problems.length > 0);
    if (outcome.reload) this.reload.hidden = false;
    await this.refresh();
  }

  async refresh() {
    this.data = await this.request("GET", "");
    this.access = this.data.access;
    for (const call of this.changed) call(this.data);
    for (const button of this.place.querySelectorAll("[data-changes=true]")) {
      button.disabled = !this.access.allowed;
      button.title = this.access.reason;
    }
    this.refusal.textContent = this.access.reason;
    this.refusal.hidden = this.access.allowed;
  }

  draw(place) {
    this.place = place;
    this.refusal = make("p", { class: "ext-note is-problem", hidden: true });
    const pages = [
      ["installed", "Installed", installedPage(this)],
      ["available", "Available", availablePage(this)],
      ["install_from_url", "Install from URL", installPage(this)],
      ["backup_restore", "Backup/Restore", backupPage(this)],
    ];
    const tabs = make("div", { role: "tablist", class: "ext-tabs", "aria-label": "Extensions" });
    const panels = pages.map(([id, title, page]) => {
      const tab = make("button", { type: "button", role: "tab", id: `extensions_${id}_tab`, "aria-controls": `extensions_${id}` }, title);
      const panel = make("div", { role: "tabpanel", id: `extensions_${id}`, "aria-labelledby": tab.id, class: "ext-page" }, page.element);
      const show = () => {
        for (const [other, each] of panels) {
          other.setAttribute("aria-selected", other === tab);
          other.tabIndex = other === tab ? 0 : -1;
          each.hidden = other !== tab;
        }
        if (page.shown) page.shown();
      };
      tab.addEventListener("click", () => {
        this.forget();
        show();
      });
      tabs.append(tab);
      return [tab, panel];
    });
    tabs.addEventListener("keydown", ({ key }) => {
      const place = panels.findIndex(([tab]) => tab === document.activeElement);
      const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: panels.length - 1 }[key];
      if (next === undefined || place < 0) return;
      const [tab] = panels[(next + panels.length) % panels.length];
      tab.focus();
      tab.click();
    });
    const told = make("div", { class: "ext-told" }, this.message, this.reload);
    const whole = make("div", { id: "tabs_extensions", class: "ext" }, tabs, this.refusal, told, ...panels.map(([, panel]) => panel));
    place.replaceChildren(whole);
    panels[0][0].click();
  }
}

/** Fill the place; what others have changed meanwhile is read whenever somebody comes back to it. */
export const open = async (place) => {
  await paintbox.loadStyle("paintbox/assets/extension_manager/view/manager.css");
  place.dataset.quiet = "";
  const view = new ExtensionsView();
  view.draw(place);
  await view.refresh();
  let wasShown = true;
  new IntersectionObserver(() => {
    const isShown = place.offsetParent !== null;
    if (isShown && !wasShown) view.refresh().catch((error) => view.say(error.message, true));
    wasShown = isShown;
  }).observe(place);
};

/** A button that changes something: it can be used by those who may. */
export const changing = (attributes, words) => make("button", { type: "button", "data-changes": "true", ...attributes }, words);

/** "2026-11-28 14:03". */
export const moment = (seconds) => {
  const date = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
};
