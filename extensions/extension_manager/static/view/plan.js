/* The dialog of a plan: everything that an install would do, and the button that agrees to it. */

import { facts, fileSize, link, sentences } from "./parts.js";

const { paintbox } = window;
const { make } = paintbox;
const TITLES = { install: "Install this extension?", update: "Update this extension?", packages: "Install these packages?" };
const AGREE = { install: "Install", update: "Update", packages: "Install packages" };
const PERMISSIONS = { network: "asks other machines", files: "writes files", processes: "runs other programs" };
const CHANGES = { new: "new", changed: "changed", gone: "gone" };
const named = (permissions) => permissions.map((each) => PERMISSIONS[each]).join(", ");

/** Show a plan; agreeing carries it out and tells what came of it, everything else forgets it. Gives whether it was carried out. */
export const askConsent = (view, plan, tell = (outcome) => view.settle(outcome)) => {
  const dialog = paintbox.dialog("extension_plan", TITLES[plan.kind], () => {});
  const { heading, body, element } = dialog;
  heading.textContent = TITLES[plan.kind];
  let isDone = false;
  const scripts = plan.is_foreign && plan.files.some(({ path }) => /^(javascript\/.*\.m?js|style\.css)$/.test(path));
  const consent = make("input", { type: "checkbox", id: "extension_plan_javascript" });
  const agree = make("button", { type: "button", id: "extension_plan_agree", class: "ext-primary", disabled: plan.refusals.length > 0 }, AGREE[plan.kind]);
  const cancel = make("button", { type: "button", id: "extension_plan_cancel", onclick: () => dialog.close() }, "Cancel");
  agree.addEventListener("click", async () => {
    dialog.say("");
    agree.disabled = cancel.disabled = true;
    agree.textContent = "Working …";
    try {
      const outcome = await view.request("POST", `/plans/${plan.token}/install`, { javascript: consent.checked });
      isDone = true;
      await tell(outcome);
      dialog.close();
    } catch (error) {
      dialog.say(error.message, true);
      agree.textContent = AGREE[plan.kind];
      agree.disabled = cancel.disabled = false;
    }
  });
  const closed = new Promise((resolve) => {
    element.addEventListener(
      "close",
      () => {
        if (!isDone) view.request("DELETE", `/plans/${plan.token}`).catch(() => {});
        resolve(isDone);
      },
      { once: true },
    );
  });
  const allow = scripts ? make("label", { class: "ext-check" }, consent, "Let the page run its JavaScript as it is in this plan") : "";
  const buttons = make("div", { class: "ext-buttons" }, cancel, agree);
  body.replaceChildren(make("div", { class: "ext ext-plan" }, ...described(plan), allow, buttons));
  dialog.show();
  (plan.refusals.length ? cancel : agree).focus();
  return closed;
};

const described = (plan) => {
  const version = plan.version_now && plan.version_now !== plan.version ? `${plan.version_now} → ${plan.version}` : plan.version;
  const packages = plan.packages.map(({ name, version: each, source }) => `${name} ${each} (${source})`);
  return [
    make("h3", {}, plan.title || plan.name),
    plan.description ? make("p", {}, plan.description) : "",
    sentences("It cannot be installed:", plan.refusals, "is-problem"),
    facts(
      ["Folder", `extensions/${plan.name}`],
      ["Version", version],
      ["From", plan.source ? link(plan.source) : ""],
      ["Branch", plan.branch],
      ["Commit", plan.commit],
      ["Files", plan.file_count ? `${plan.file_count}, ${fileSize(plan.size_bytes)}` : ""],
      ["Hooks", plan.hooks.join(", ")],
      ["Requires", plan.requires.join(", ")],
      ["It declares", plan.kind === "packages" || plan.is_foreign || !plan.version ? "" : named(plan.permissions) || "nothing beside its hooks"],
    ),
    plan.undeclared.length ? make("p", { class: "ext-note is-problem" }, `Its code seems to do what it does not declare: ${named(plan.undeclared)}.`) : "",
    plan.kind === "packages" && !plan.packages.length && !plan.refusals.length ? make("p", {}, "Everything that it needs is there.") : "",
    sentences("Python packages that are added (Paintbox's own stay as they are):", packages),
    sentences("Notes", plan.remarks),
    changesOf(plan),
    filesOf(plan),
    plan.is_foreign || plan.kind === "packages" ? "" : make("p", { class: "ext-note" }, "An extension is a program: what it declares is not enforced, and it can do whatever you can. Install what you trust."),
  ];
};

const changesOf = (plan) => {
  if (!plan.changes.length) return plan.kind === "update" ? make("p", {}, "No file changes.") : "";
  const rows = plan.changes.map(({ path, change }) => make("li", { class: `is-${change}` }, `${CHANGES[change]}: ${path}`));
  return make("details", { open: true }, make("summary", {}, "Files that change"), make("ul", { class: "ext-files" }, ...rows));
};

const filesOf = (plan) => {
  if (!plan.files.length) return "";
  const rows = plan.files.map(({ path, size }) => make("li", {}, `${path} (${fileSize(size)})`));
  const left = plan.file_count - plan.files.length;
  if (left > 0) rows.push(make("li", {}, `and ${left} more`));
  return make("details", {}, make("summary", {}, "All files"), make("ul", { class: "ext-files" }, ...rows));
};
