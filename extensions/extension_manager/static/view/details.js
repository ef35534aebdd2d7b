/* What a row of the installed extensions opens to: facts, problems with their tracebacks, and what can be done. */

import { changing } from "./view.js";
import { facts, sentences } from "./parts.js";
import { askConsent } from "./plan.js";

const { make } = window.paintbox;
const USES = { used: "used", "after consent": "used when you allow it", "not run": "not run", "not installed": "not installed" };

/** The content of the row below an extension; `updated()` hears that it has been updated. */
export const details = (view, extension, updated) => {
  const { id, hooks, requires, problems, warnings } = extension;
  const time = extension.state === "active" ? `${extension.load_time_ms} ms` : "";
  return make(
    "div",
    { class: "ext-inside" },
    extension.description ? make("p", {}, extension.description) : "",
    facts(["Folder", id], ["State", extension.state], ["Hooks used", hooks.join(", ")], ["Requires", requires.join(", ")], ["Load time", time]),
    extension.error && !problems.length ? make("p", {}, extension.error) : "",
    ...problems.map(problem),
    sentences("Warnings", warnings),
    extension.is_foreign ? foreignPlace(view, id) : "",
    actions(view, extension, updated),
  );
};

const problem = ({ where, error, traceback }) =>
  make("div", { class: "ext-list is-problem" }, make("p", {}, where ? `Failed in ${where}: ${error}` : error), traceback ? make("details", {}, make("summary", {}, "Traceback"), make("pre", { tabindex: 0 }, traceback)) : "");

/** The report is read when somebody wants to see it: it takes going through all programs of the extension. */
const foreignPlace = (view, id) => {
  const place = make("div", { class: "ext-foreign" }, make("p", { role: "status" }, "Reading …"));
  const show = (...content) => place.replaceChildren(...content);
  view.request("GET", `/installed/${encodeURIComponent(id)}/report`).then(
    (report) => show(foreignReport(report)),
    (error) => show(make("p", { class: "is-problem" }, error.message)),
  );
  return place;
};

const foreignReport = (report) => {
  const parts = report.parts.map(({ what, count, use }) => `${what} (${count}): ${USES[use]}`);
  const callbacks = report.callbacks.map(({ name, here }) => (here ? `${name}: an extension of Paintbox would use ${here}` : `${name}: there is nothing for it`));
  const missing = report.page_functions.filter(({ here }) => !here).map(({ name }) => name);
  return make(
    "div",
    { class: "ext-foreign" },
    make("h4", {}, "Written for A1111"),
    make("p", {}, report.works ? "It works here: nothing of it needs to be run as Python." : "Its Python code is not run here. What of it is no program is used."),
    sentences("What it brings", parts),
    sentences("Callbacks of A1111 that it uses", callbacks),
    facts(["Script classes", report.script_classes.join(", ")], ["Modules of A1111", report.modules.join(", ")]),
    missing.length ? make("p", { class: "ext-note is-problem" }, `Its JavaScript calls what there is not here: ${missing.join(", ")}.`) : "",
  );
};

const actions = (view, extension, updated) => {
  const { id } = extension;
  const at = `/installed/${encodeURIComponent(id)}`;
  const planned = (button, words, path) => async () => {
    const plan = await view.during(button(), words, () => view.request("POST", `${at}/${path}`));
    return Boolean(plan) && askConsent(view, plan);
  };
  const buttons = [];
  const add = (words, attributes, call) => {
    const button = changing(attributes, words);
    button.addEventListener("click", call(() => button));
    button.disabled = !view.access.allowed;
    buttons.push(button);
  };
  if (extension.missing_packages.length) add("Install packages …", { class: "ext-primary", id: `packages_${id}` }, (button) => planned(button, "Resolving …", "packages"));
  if (extension.remote && !extension.is_builtin) {
    add("Update …", { id: `update_now_${id}` }, (button) => async () => {
      if (await planned(button, "Fetching …", "update")()) updated();
    });
  }
  const settled = (words, method, path, body) => (button) => async () => {
    const outcome = await view.during(button(), words, () => view.request(method, `${at}${path}`, body));
    if (outcome) await view.settle(outcome);
  };
  if (extension.scripts === "not allowed") add("Allow its JavaScript", { class: "ext-primary", id: `allow_${id}` }, settled("Allowing …", "POST", "/javascript", { allowed: true }));
  if (extension.scripts === "allowed") add("Forbid its JavaScript", { id: `forbid_${id}` }, settled("Forbidding …", "POST", "/javascript", { allowed: false }));
  if (extension.is_removable) {
    add("Remove", { id: `remove_${id}` }, (button) => async () => {
      if (confirm(`Remove ${extension.title}? Backup/Restore can bring it back.`)) await settled("Removing …", "DELETE", "")(button)();
    });
  }
  return buttons.length ? make("div", { class: "ext-buttons" }, ...buttons) : "";
};
