/* One setting on the page: its control, its help, where its value comes from, why it is locked, and what is wrong with what was typed. */

import { makeControl } from "./controls.js";
import { make, same } from "./dom.js";

const NEEDS = { reload: "A change works after Reload UI.", restart: "A change works after the next start of Paintbox." };
const EMPTY = "empty";
export const words = (value) => (value === "" || value === null ? EMPTY : Array.isArray(value) ? value.join(", ") || EMPTY : String(value));
/** Whether a place that shows `shown` may be translated: a value is the user's, unless there is none. */
export const translatable = (shown) => (shown === EMPTY ? "yes" : "no");

/** `page` has `changed(row)`, `request(method, path, body)` and `isAtTop(key)`. */
export class Row {
  constructor(setting, page) {
    this.page = page;
    this.key = setting.key;
    this.setting = setting;
    this.isReset = false;
    this.element = make("div", { class: "setting", "data-key": setting.key });
    this.draw();
  }

  /** Draw it all: at first, and when its choices or its lock are others now. */
  draw() {
    const { setting, key } = this;
    const id = `setting_${key}_field`;
    this.error = make("p", { class: "setting-error", role: "alert", id: `${id}_error`, hidden: true });
    this.source = make("span", { class: "setting-source" });
    this.facts = make("p", { class: "setting-facts", id: `${id}_facts` });
    this.reset = make("button", {
      type: "button",
      class: "setting-reset",
      textContent: "↺",
      title: "Back to the default",
      "aria-label": `Reset ${setting.label} to the default`,
      onclick: () => this.toDefault(),
    });
    const isAtTop = this.page.isAtTop(key);
    const described = `${id}_facts ${id}_error`;
    this.control = isAtTop ? elsewhere(key) : makeControl(setting, id, described, () => this.edited());
    const label = this.control.groups
      ? make("span", { class: "setting-label", textContent: setting.label })
      : make("label", { class: "setting-label", htmlFor: id, textContent: setting.label });
    const names = setting.refresh ? "no" : null; // of files and the like: no words to translate
    const place = make("div", { class: "setting-control", translate: names, id: isAtTop ? null : `setting_${key}` }, this.control.element, this.refresh(isAtTop));
    if (setting.control === "checkbox" && !isAtTop) place.append(label);
    this.element.classList.toggle("is-locked", Boolean(setting.locked));
    this.element.replaceChildren(
      make("div", { class: "setting-head" }, place.contains(label) ? place : label, make("code", { textContent: key }), this.source, this.reset),
      ...(place.contains(label) ? [] : [place]),
      ...(setting.help ? [make("p", { class: "setting-help", textContent: setting.help })] : []),
      this.facts,
      this.error,
    );
    this.control.show(setting.value);
    this.tell();
  }

  refresh(isAtTop) {
    if (!this.setting.refresh || isAtTop) return null;
    const look = async () => {
      try {
        this.update(await this.page.request("POST", `paintbox/v1/settings/${encodeURIComponent(this.key)}/refresh`), true);
      } catch (error) {
        this.complain(error.message);
      }
    };
    const label = `Look anew for what ${this.setting.label} can be`;
    return make("button", { type: "button", id: `refresh_${this.key}`, textContent: "🔄", title: "Refresh", "aria-label": label, translate: "yes", onclick: look });
  }

  // --- values -------------------------------------------------------------------------------------------------------

  /** What the user wants and has not applied: {value}, {reset: true}, or null. */
  get wish() {
    if (this.isReset) return { reset: true };
    const value = this.control.read();
    return same(value, this.setting.control === "secret" ? null : this.setting.value) ? null : { value };
  }

  get isChanged() {
    return Boolean(this.wish) || this.setting.is_set;
  }

  get canReset() {
    return !this.setting.locked && (this.setting.is_set || this.setting.source !== "");
  }

  edited() {
    this.isReset = false;
    this.complain("");
    this.tell();
    this.page.changed();
  }

  toDefault() {
    if (this.setting.locked) return;
    this.control.show(this.setting.default);
    this.isReset = this.canReset;
    this.complain("");
    this.tell();
    this.page.changed();
  }

  discard() {
    this.isReset = false;
    this.control.show(this.setting.value);
    this.complain("");
    this.tell();
  }

  /** The server's word on the setting; what was typed here and not applied stays unless it is `applied`. */
  update(setting, keepsWish = false, applied = false) {
    const before = this.setting;
    const wish = applied ? null : this.wish;
    this.setting = setting;
    const isOther = ["choices", "locked", "control", "is_set"].some((name) => !same(before[name], setting[name]));
    if (applied) this.isReset = false;
    if (isOther || this.page.isAtTop(this.key) !== Boolean(this.control.isElsewhere)) this.draw();
    if (wish && !wish.reset) this.control.show(wish.value);
    else if (!wish) this.control.show(setting.value);
    const isOvertaken = wish && !keepsWish && !same(before.value, setting.value);
    this.complain(isOvertaken ? `It was changed elsewhere meanwhile, to: ${words(setting.value)}.` : "");
    this.tell();
  }

  // --- words --------------------------------------------------------------------------------------------------------

  complain(sentence) {
    this.error.textContent = sentence;
    this.error.hidden = !sentence;
    this.element.classList.toggle("is-wrong", Boolean(sentence));
  }

  tell() {
    const { setting } = this;
    const wish = this.wish;
    const facts = [];
    if (wish) facts.push(wish.reset ? "Not applied yet: back to the default." : "Not applied yet.");
    if (setting.locked) facts.push(`Locked: ${setting.locked}.`);
    else if (setting.source) facts.push(`From ${setting.source}.`);
    if (setting.is_set && setting.control !== "secret") facts.push(`Default: ${words(setting.default)}.`);
    if (setting.needs) facts.push(NEEDS[setting.needs]);
    if (setting.problem) facts.push(setting.problem);
    this.source.textContent = setting.source || "default";
    this.source.title = setting.control === "secret" ? "" : `Default: ${words(setting.default)}.`;
    this.facts.replaceChildren(...facts.flatMap((fact, number) => [number ? " " : "", make("span", { textContent: fact })]));
    this.facts.hidden = !facts.length;
    this.reset.hidden = !this.canReset && !wish;
    this.element.classList.toggle("is-pending", Boolean(wish));
    this.element.classList.toggle("is-set", setting.is_set);
  }

  focus() {
    this.element.scrollIntoView({ block: "center" });
    const field = document.getElementById(`setting_${this.key}_field`) || this.element.querySelector("input, button");
    field.focus({ preventScroll: true });
  }

  /** Whether it has all the (lower-case) words of a search, in English or in the page's language. */
  matches(searched, section) {
    const { translate } = window.paintbox;
    const shown = [this.setting.label, this.setting.help, section];
    const named = [this.key, this.setting.infotext, ...shown, ...shown.map(translate)];
    const text = named.join(" ").toLowerCase();
    return searched.every((word) => text.includes(word));
  }
}

/** In place of a control that stands at the top of the page. */
const elsewhere = (key) => {
  const go = () => document.querySelector(`#quicksettings [id="setting_${key}"] :is(input, textarea, button)`)?.focus();
  const shown = make("output", {});
  let value = null;
  return {
    element: make("div", { class: "elsewhere" }, shown, make("button", { type: "button", translate: "yes", textContent: "at the top of the page", onclick: go })),
    groups: true,
    isElsewhere: true,
    read: () => value,
    show: (next) => {
      value = next;
      shown.setAttribute("translate", translatable(words(next)));
      shown.textContent = words(next);
    },
  };
};
