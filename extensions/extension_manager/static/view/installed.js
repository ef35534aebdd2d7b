/* The page "Installed": a table of all extensions; what is ticked is enabled, and each row opens to tell everything else. */

import { changing, moment } from "./view.js";
import { details } from "./details.js";
import { link, radios } from "./parts.js";
import { askConsent } from "./plan.js";

const { paintbox } = window;
const { make } = paintbox;
const STATES = { quarantined: "failed", "failed in part": "failed in part", "written for A1111": "written for A1111" };
const UPDATES = { latest: "latest", "new commits": "new commits", unknown: "unknown" };

export const installedPage = (view) => new InstalledPage(view);

class InstalledPage {
  constructor(view) {
    this.view = view;
    this.updates = new Map();
    this.unwanted = new Set(); // updates whose ticks were taken away
    this.boxes = new Map();
    this.open = new Set();
    this.apply = changing({ id: "extensions_apply", class: "ext-primary", onclick: () => this.send() }, "Apply and restart UI");
    this.check = changing({ id: "extensions_check", onclick: () => this.lookForUpdates() }, "Check for updates");
    const refresh = make("button", { type: "button", id: "extensions_refresh", onclick: () => view.during(refresh, "Loading …", () => view.refresh()) }, "Refresh");
    const omitted = [["none", "none"], ["extra", "extra"], ["all", "all"]];
    this.omitted = radios("extensions_disable_all", "Disable all extensions", omitted, "none", () => this.tell());
    this.search = make("input", { type: "search", id: "extensions_search", placeholder: "Search extensions", "aria-label": "Search extensions" });
    this.search.addEventListener("input", () => this.filter());
    this.table = make("div", { id: "extensions_installed_html" });
    this.disabledList = jsonList("extensions_disabled_list");
    this.updateList = jsonList("extensions_update_list");
    const head = make("div", { id: "extensions_installed_top", class: "ext-row" }, this.apply, this.check, refresh, this.omitted.element, this.search);
    this.element = make("div", {}, head, this.disabledList.element, this.updateList.element, this.table);
    view.changed.add((data) => this.draw(data));
  }

  draw({ extensions, omitted }) {
    this.extensions = extensions;
    this.before = omitted;
    this.omitted.value = omitted;
    this.boxes.clear();
    const all = make("input", { type: "checkbox", "aria-label": "Enable all extensions of this list", onchange: () => this.toggle(all.checked) });
    const titles = ["Extension", "URL", "Branch", "Version", "Date", "Update"];
    const heads = [make("th", {}, all), ...titles.map((title) => make("th", { scope: "col" }, title))];
    const groups = [
      ["Installed by you", extensions.filter((each) => !each.is_builtin)],
      ["Built-in", extensions.filter((each) => each.is_builtin)],
    ];
    const rows = groups.filter(([, group]) => group.length).flatMap(([title, group]) => [heading(title, group), ...group.flatMap((each) => this.rows(each))]);
    this.table.replaceChildren(make("table", { id: "extensions" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
    this.filter();
    this.all = all;
    this.tell();
  }

  rows(extension) {
    const { id } = extension;
    const box = make("input", { type: "checkbox", name: `enable_${id}`, id: `enable_${id}`, checked: extension.enabled, "aria-label": `Enable ${extension.title}`, onchange: () => this.tell() });
    this.boxes.set(id, box);
    const inside = make("td", { colspan: 7 });
    const below = make("tr", { class: "ext-details", hidden: !this.open.has(id) }, inside);
    const more = make("button", { type: "button", class: "ext-more", "aria-expanded": this.open.has(id) }, extension.title);
    const fill = () => inside.replaceChildren(details(this.view, extension, () => this.isUpdated(id)));
    more.addEventListener("click", () => {
      below.hidden = !below.hidden;
      more.setAttribute("aria-expanded", !below.hidden);
      if (below.hidden) this.open.delete(id);
      else this.open.add(id);
      if (!below.hidden) fill();
    });
    if (!below.hidden) fill();
    const row = make(
      "tr",
      { "data-extension": id, class: STATES[extension.state] && extension.state !== "written for A1111" ? "is-failed" : "" },
      cell("", box),
      cell("Extension", more, ...badges(extension)),
      cell("URL", extension.is_builtin ? "built-in" : extension.remote ? link(extension.remote) : ""),
      cell("Branch", extension.branch),
      cell("Version", versionOf(extension)),
      cell("Date", extension.date ? moment(extension.date) : ""),
      cell("Update", ...this.updateOf(extension)),
    );
    below.dataset.below = id;
    return [row, below];
  }

  isUpdated(id) {
    this.updates.delete(id);
    this.draw({ extensions: this.extensions, omitted: this.before });
  }

  updateOf({ id, title, remote, is_builtin }) {
    const state = this.updates.get(id);
    if (is_builtin || !remote) return [""];
    if (!state) return [UPDATES.unknown];
    if (state.status !== "new commits") return [make("span", { title: state.reason }, UPDATES[state.status])];
    const choose = ({ target }) => {
      if (target.checked) this.unwanted.delete(id);
      else this.unwanted.add(id);
      this.tell();
    };
    const box = make("input", { type: "checkbox", name: `update_${id}`, id: `update_${id}`, checked: !this.unwanted.has(id), "aria-label": `Update ${title}`, onchange: choose });
    return [make("label", { class: "ext-check ext-new" }, box, UPDATES[state.status])];
  }

  filter() {
    const words = this.search.value.trim().toLowerCase();
    for (const { id, title, description } of this.extensions || []) {
      const isFound = !words || `${id} ${title} ${description}`.toLowerCase().includes(words);
      const [row, below] = [this.table.querySelector(`[data-extension="${CSS.escape(id)}"]`), this.table.querySelector(`[data-below="${CSS.escape(id)}"]`)];
      if (row) row.hidden = !isFound;
      if (below) below.hidden = !isFound || !this.open.has(id);
    }
  }

  toggle(isOn) {
    for (const [id, box] of this.boxes) {
      const row = this.table.querySelector(`[data-extension="${CSS.escape(id)}"]`);
      if (!row.hidden && id !== "extension_manager") box.checked = isOn;
    }
    this.tell();
  }

  wishes() {
    const changed = this.extensions.filter(({ id, enabled }) => this.boxes.get(id).checked !== enabled);
    const enabled = Object.fromEntries(changed.map(({ id }) => [id, this.boxes.get(id).checked]));
    return { enabled, omitted: this.omitted.value === this.before ? null : this.omitted.value };
  }

  /** Ids of the extensions whose update is ticked, in the order of the table. */
  ticked() {
    const isNew = (id) => (this.updates.get(id) || {}).status === "new commits";
    return [...this.boxes.keys()].filter((id) => isNew(id) && !this.unwanted.has(id));
  }

  tell() {
    const boxes = [...this.boxes.values()];
    this.all.checked = boxes.every((box) => box.checked);
    this.disabledList.show([...this.boxes].filter(([, box]) => !box.checked).map(([id]) => id));
    this.updateList.show(this.ticked());
    this.all.indeterminate = !this.all.checked && boxes.some((box) => box.checked);
    const { enabled, omitted } = this.wishes();
    const count = Object.keys(enabled).length + Number(omitted !== null) + this.ticked().length;
    this.apply.textContent = count ? `Apply and restart UI (${count})` : "Apply and restart UI";
  }

  /** The ticked updates one after another, each after a look at its plan; then what is enabled. */
  async send() {
    const [ids, wishes] = [this.ticked(), this.wishes()];
    const outcomes = await this.view.during(this.apply, "Applying …", () => this.changes(ids, wishes));
    if (!outcomes) return;
    const all = (name) => outcomes.flatMap((outcome) => outcome[name] || []);
    const outcome = { message: outcomes.map(({ message }) => message).join(" "), reload: outcomes.some(({ reload }) => reload), restart: all("restart"), problems: all("problems") };
    await this.view.settle(outcome);
    if (outcome.reload && !outcome.restart.length && !outcome.problems.length) await paintbox.reloadPage().catch((error) => this.view.say(error.message, true));
  }

  async changes(ids, wishes) {
    const outcomes = [];
    for (const id of ids) {
      try {
        const plan = await this.view.request("POST", `/installed/${encodeURIComponent(id)}/update`);
        if (await askConsent(this.view, plan, (outcome) => outcomes.push(outcome))) this.updates.delete(id);
      } catch (error) {
        outcomes.push({ message: "", problems: [error.message] });
      }
    }
    const isMore = Object.keys(wishes.enabled).length || wishes.omitted !== null;
    if (isMore || !ids.length) outcomes.push(await this.view.request("POST", "/apply", wishes));
    return outcomes;
  }

  async lookForUpdates() {
    const found = await this.view.during(this.check, "Checking …", () => this.view.request("POST", "/updates"));
    if (!found) return;
    this.unwanted.clear();
    for (const state of found) this.updates.set(state.id, state);
    const count = found.filter(({ status }) => status === "new commits").length;
    this.view.say(count ? `Extensions with new commits: ${count}. Those ticked are updated with Apply and restart UI; you see first what would change.` : "There is nothing newer.");
    this.draw({ extensions: this.extensions, omitted: this.before });
  }
}

/** One of A1111's hidden fields with a list as JSON, for scripts that read it. */
const jsonList = (id) => {
  const field = make("textarea", { readonly: true, "aria-label": id, translate: "no" }, "[]");
  return { element: make("div", { id, hidden: true }, field), show: (list) => (field.value = JSON.stringify(list)) };
};

const cell = (label, ...content) => make("td", label ? { "data-label": label } : {}, ...content);

const heading = (title, group) => make("tr", { class: "ext-group" }, make("th", { colspan: 7, scope: "colgroup" }, `${title} (${group.length})`));

const versionOf = ({ remote, commit, version }) => {
  if (!commit) return version;
  return /^https:\/\/github\.com\//.test(remote) ? link(`${remote.replace(/(\.git)?\/?$/, "")}/commit/${commit}`, commit.slice(0, 8)) : commit.slice(0, 8);
};

const badges = (extension) => {
  const found = [];
  if (extension.conflicts.length) found.push("conflict");
  else if (extension.missing_packages.length) found.push("needs packages");
  else if (STATES[extension.state]) found.push(STATES[extension.state]);
  if (extension.enabled && extension.state === "disabled") found.push("not in use");
  if (extension.scripts === "not allowed") found.push("JavaScript not allowed");
  if (extension.state === "active" && (extension.problems.length || extension.warnings.length)) found.push("warnings");
  return found.map((words) => make("span", { class: "ext-badge" }, words));
};
