/* The page of profiles, export and import: sets of settings that are kept, looked at, applied, and files that go out and come in. */

import { makeComparison } from "./comparison.js";
import { make } from "./dom.js";

const { paintbox } = window;
const SETTINGS = "paintbox/v1/settings";
const PROFILES = "paintbox/v1/settings-profiles";
const FILE = "paintbox/v1/settings-file";
const LARGEST_BYTES = 2_000_000;
const address = (name) => `${PROFILES}/${encodeURIComponent(name)}`;
const button = (id, textContent, onclick, kind = null) => make("button", { type: "button", id, class: kind, textContent, onclick });

/** What a file says; an Error in words for people where it is no JSON. */
const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error("This is no settings file: it cannot be read as JSON.");
  }
};

class Keeping {
  constructor(place) {
    this.told = make("p", { role: "status", class: "settings-told" });
    this.list = make("div", { class: "settings-profiles" });
    this.review = make("div", { id: "settings_review", hidden: true });
    this.name = make("input", { type: "text", id: "settings_profile_name", placeholder: "Name of a new profile", "aria-label": "Name of a new profile" });
    this.others = make("input", { type: "checkbox", id: "settings_profile_resets" });
    this.all = make("input", { type: "checkbox", id: "settings_export_all" });
    this.file = make("input", { type: "file", id: "settings_import_file", accept: ".json,application/json", onchange: () => this.guard(() => this.take()) });
    place.replaceChildren(...this.parts());
  }

  parts() {
    const row = (...parts) => make("div", { class: "settings-row" }, ...parts);
    const tick = (field, words) => make("label", { class: "settings-tick" }, field, make("span", { textContent: words }));
    const help = (textContent) => make("p", { class: "setting-help", textContent });
    const exporting = button("settings_export", "Export settings", () => this.export());
    return [
      this.told,
      this.review,
      make("h4", { textContent: "Profiles" }),
      help("A profile keeps the settings that are not the defaults at this moment. Before it is applied, you see what would change."),
      row(this.name, button("settings_profile_save", "Save profile", () => this.guard(() => this.save()), "primary")),
      tick(this.others, "Settings that a profile does not name go back to their defaults"),
      this.list,
      make("h4", { textContent: "Export" }),
      help("A file like config.json. Passwords and other secrets are not in it."),
      row(exporting, tick(this.all, "With the settings that have their defaults")),
      make("h4", { textContent: "Import" }),
      help("An exported file, or the config.json of A1111. The differences are shown first; keys that belong to no setting are named and kept aside."),
      make("label", { htmlFor: "settings_import_file", textContent: "Settings file" }),
      row(this.file, button("settings_aside", "What was kept aside", () => this.guard(() => this.lookAside()))),
    ];
  }

  async guard(act) {
    this.say("");
    try {
      await act();
    } catch (error) {
      this.say(error.message, true);
    }
  }

  say(words, isError = false, undo = null) {
    const again = undo && button(null, "Undo", () => this.guard(undo));
    this.told.replaceChildren(make("span", { textContent: words }), ...(again ? [" ", again] : []));
    this.told.classList.toggle("is-wrong", isError);
  }

  // --- profiles -------------------------------------------------------------------------------------------------------

  async show() {
    const profiles = await paintbox.request("GET", PROFILES);
    this.list.replaceChildren(...profiles.map((profile) => this.entry(profile)));
    if (!profiles.length) this.list.append(make("p", { class: "setting-help", textContent: "There is no profile yet." }));
  }

  entry({ name, count, written }) {
    const told = make("span", { class: "setting-help", textContent: count === 1 ? "1 setting" : `${count} settings` });
    const when = make("span", { class: "setting-help", translate: "no", textContent: new Date(written).toLocaleString() });
    const act = (words, label, call) => make("button", { type: "button", textContent: words, "aria-label": label, onclick: () => this.guard(call) });
    return make(
      "div",
      { class: "settings-row settings-profile" },
      make("strong", { translate: "no", textContent: name }),
      told,
      when,
      act("Apply …", `Apply ${name} …`, () => this.preview(name)),
      act("Replace", `Replace ${name}`, () => this.save(name)),
      act("Delete", `Delete ${name}`, () => this.delete(name)),
    );
  }

  async save(replaced = "") {
    const name = replaced || this.name.value.trim();
    if (!name) {
      this.name.focus();
      throw new Error("Give the profile a name.");
    }
    if (name.includes("/")) throw new Error("The name of a profile has no slash: it is the name of a file."); // in an address it would part folders
    await paintbox.request("PUT", address(name), { replaces: Boolean(replaced) });
    this.name.value = "";
    await this.show();
    this.say(`Saved: ${name}`);
  }

  async preview(name) {
    const comparison = await paintbox.request("GET", `${address(name)}?resets_others=${this.others.checked}`);
    this.compare(`Apply the profile ${name}`, comparison);
  }

  async delete(name) {
    const { values } = await paintbox.request("DELETE", address(name));
    await this.show();
    this.say(`Deleted: ${name}`, false, async () => {
      await paintbox.request("PUT", address(name), { values });
      await this.show();
      this.say(`${name} is back.`);
    });
  }

  // --- files ----------------------------------------------------------------------------------------------------------

  export() {
    make("a", { href: paintbox.address(`${FILE}?all=${this.all.checked}`), download: "paintbox-settings.json" }).click();
  }

  async take() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    this.close();
    if (file.size > LARGEST_BYTES) throw new Error("The file is too large to be one of settings.");
    const values = parsed(await file.text());
    if (values === null || typeof values !== "object" || Array.isArray(values)) throw new Error("The file does not hold a JSON object.");
    const comparison = await paintbox.request("POST", `${FILE}/compare`, { values });
    const unknown = Object.fromEntries(comparison.unknown.map(({ key }) => [key, values[key]]));
    this.compare(`Import ${file.name}`, comparison, { values, unknown });
  }

  async lookAside() {
    const comparison = await paintbox.request("GET", `${FILE}/aside`);
    if (!comparison.changes.length && !comparison.unknown.length) throw new Error("Nothing is kept aside.");
    this.compare("Values that were kept aside", comparison);
  }

  // --- looking before changing ------------------------------------------------------------------------------------------

  compare(title, comparison, { values = null, unknown = {} } = {}) {
    const shown = makeComparison(comparison, values);
    const apply = button("settings_review_apply", "Apply these changes", () => this.guard(() => this.apply(shown.wishes(), unknown)), "primary");
    const cancel = button("settings_review_cancel", "Cancel", () => this.close());
    const buttons = make("div", { class: "settings-row" }, apply, cancel);
    apply.disabled = !comparison.changes.length && !Object.keys(unknown).length;
    this.review.replaceChildren(make("h4", { textContent: title }), shown.element, buttons);
    this.review.hidden = false;
    this.review.scrollIntoView({ block: "nearest" });
    apply.focus({ preventScroll: true });
  }

  close() {
    this.review.hidden = true;
    this.review.replaceChildren();
  }

  async apply(wishes, unknown) {
    const names = Object.keys(unknown);
    if (names.length) await paintbox.request("POST", `${FILE}/aside`, { values: unknown });
    const answer = await this.change(wishes);
    this.close();
    const aside = names.length ? `Kept aside: ${names.join(", ")}` : "";
    this.say([answer.message, aside].filter(Boolean).join(" "), false, answer.changed.length ? () => this.undo(answer.undo) : null);
  }

  async undo(before) {
    const answer = await this.change(before);
    this.say(answer.message);
  }

  async change(wishes) {
    const answer = await paintbox.request("PATCH", SETTINGS, wishes);
    paintbox.press("settings_changed");
    document.dispatchEvent(new CustomEvent("paintbox:settings"));
    return answer;
  }
}

export const open = async (place) => {
  const keeping = new Keeping(place);
  await keeping.show();
};
