/* The page "Backup/Restore": snapshots, in what each differs from now, and the way back. */

import { changing, moment } from "./view.js";
import { field, radios, select } from "./parts.js";

const { make } = window.paintbox;
const KINDS = { extension: "Extension", package: "Package", setting: "Setting" };
const EXPLAINED = "extensions: their files, packages and which are enabled. webui: the settings. The program itself stays as it is.";

export const backupPage = (view) => new BackupPage(view);

class BackupPage {
  constructor(view) {
    this.view = view;
    this.saved = select("extension_backup_saved_configs", [["", "Current"]], "", () => this.compare());
    this.refresh = make("button", { type: "button", id: "refresh_config_states", class: "tool icon-refresh", title: "Look again", "aria-label": "Look again", onclick: () => this.shown() }, "🔄");
    this.scope = radios("extension_backup_restore_type", "State to restore", [["extensions", "extensions"], ["webui", "webui"], ["both", "both"]], "extensions");
    this.back = changing({ id: "extension_backup_restore", class: "ext-primary", onclick: () => this.restore() }, "Restore Selected Config");
    this.remove = changing({ id: "extension_backup_delete", onclick: () => this.drop() }, "Delete");
    this.name = make("input", { type: "text", id: "extension_backup_name", placeholder: "Config name", "aria-label": "Config name" });
    this.save = changing({ id: "extension_backup_save", onclick: () => this.take() }, "Save Current Config");
    this.table = make("div", { id: "extension_backup_table", "aria-live": "polite" });
    const choice = make("div", { class: "ext-from" }, this.saved, this.refresh);
    this.element = make(
      "div",
      {},
      make("div", { id: "extensions_backup_top_row", class: "ext-row" }, labelled("Saved Configs", this.saved, choice), this.scope.element, this.back, this.remove),
      make("p", { class: "ext-note" }, EXPLAINED),
      make("div", { class: "ext-from" }, this.name, this.save),
      this.table,
    );
    view.changed.add(() => this.element.offsetParent !== null && this.shown());
  }

  async shown() {
    if (!this.view.access.allowed) return;
    try {
      const snapshots = await this.view.request("GET", "/snapshots");
      const before = this.saved.value;
      const options = snapshots.map(({ file, name, created_at }) => new Option(`${moment(created_at)}  ${name}`, file));
      this.saved.replaceChildren(new Option("Current", ""), ...options);
      if (snapshots.some(({ file }) => file === before)) this.saved.value = before;
      await this.compare();
    } catch (error) {
      this.view.say(error.message, true);
    }
  }

  get address() {
    return `/snapshots/${encodeURIComponent(this.saved.value)}`;
  }

  async compare() {
    const file = this.saved.value;
    for (const button of [this.back, this.remove]) button.disabled = !file || !this.view.access.allowed;
    if (!file) return this.table.replaceChildren();
    const found = await this.view.request("GET", this.address).catch((error) => this.view.say(error.message, true));
    if (!found || file !== this.saved.value) return undefined;
    if (!found.length) return this.table.replaceChildren(make("p", {}, "Nothing differs from now."));
    const heads = ["", "Name", "Now", "In the snapshot"].map((title) => make("th", { scope: "col" }, title));
    const rows = found.map(({ what, name, now, then }) => make("tr", {}, make("td", {}, KINDS[what]), make("td", {}, name), make("td", {}, now || (what === "setting" ? "another value" : "not there")), make("td", { class: "ext-new" }, then || (what === "setting" ? "another value" : "not there"))));
    return this.table.replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
  }

  async restore() {
    if (!this.saved.value || !confirm("Restore this snapshot? How things are now is written down first.")) return;
    const outcome = await this.view.during(this.back, "Restoring …", () => this.view.request("POST", `${this.address}/restore`, { scope: this.scope.value }));
    if (outcome) await this.view.settle(outcome);
  }

  async take() {
    const taken = await this.view.during(this.save, "Saving …", () => this.view.request("POST", "/snapshots", { name: this.name.value }));
    if (!taken) return;
    this.name.value = "";
    this.view.say(`Saved as ${taken.file}.`);
    await this.shown();
  }

  async drop() {
    if (!this.saved.value || !confirm("Delete this snapshot?")) return;
    await this.view.during(this.remove, "Deleting …", () => this.view.request("DELETE", this.address));
    await this.shown();
  }
}

const labelled = (label, input, whole) => make("div", { class: "ext-field" }, make("label", { for: input.id }, label), whole);
