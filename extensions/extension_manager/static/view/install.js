/* The page "Install from URL": a repository's address, or an archive from this computer; both lead to a plan first. */

import { changing } from "./view.js";
import { field } from "./parts.js";
import { askConsent } from "./plan.js";

const { paintbox } = window;
const { make } = paintbox;

export const installPage = (view) => {
  const input = (id, attributes = {}) => make("input", { type: "text", id, autocomplete: "off", spellcheck: "false", ...attributes });
  const url = input("extension_install_url", { type: "url", placeholder: "https://" });
  const branch = input("extension_install_branch");
  const name = input("extension_install_name");
  const archive = make("input", { type: "file", id: "extension_install_archive", accept: ".zip,.tar,.tgz,.gz,.bz2,.xz" });
  const archiveName = input("extension_archive_name");
  const result = make("p", { id: "extension_install_result", role: "status", "aria-live": "polite" });
  const complain = (words) => {
    result.textContent = words;
    result.classList.toggle("is-problem", Boolean(words));
  };
  const plan = async (button, words, ask) => {
    complain("");
    const found = await view.during(button, words, () => ask().catch((error) => complain(error.message)));
    if (found) askConsent(view, found);
  };
  const install = changing({ id: "install_extension_url", class: "ext-primary", onclick: () => plan(install, "Fetching …", fetchPlan) }, "Install …");
  const fetchPlan = () => view.request("POST", "/plans", { url: url.value, branch: branch.value, name: name.value });
  const upload = changing({ id: "install_extension_archive", class: "ext-primary", onclick: () => plan(upload, "Unpacking …", send) }, "Install archive …");
  const send = async () => {
    const [file] = archive.files;
    if (!file) throw new Error("Choose a zip or tar archive first.");
    const query = new URLSearchParams({ file_name: file.name, name: archiveName.value });
    const answer = await fetch(paintbox.address(`paintbox/v1/extensions/archives?${query}`), { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
    const data = await answer.json();
    if (!answer.ok) throw new Error(typeof data.detail === "string" ? data.detail : answer.statusText);
    return data;
  };
  url.addEventListener("keydown", (event) => event.key === "Enter" && install.click());
  const fromUrl = make(
    "section",
    { class: "ext-box" },
    make("h3", {}, "From a git repository"),
    field("URL for extension's git repository", url, "Nothing is installed yet: you see first what it would do."),
    field("Specific branch name", branch, "Leave empty for default main branch"),
    field("Local directory name", name, "Leave empty for auto"),
    make("div", { class: "ext-buttons" }, install),
  );
  const fromArchive = make(
    "section",
    { class: "ext-box" },
    make("h3", {}, "From an archive"),
    field("Zip or tar archive", archive),
    field("Local directory name", archiveName, "Leave empty for auto"),
    make("div", { class: "ext-buttons" }, upload),
  );
  return { element: make("div", {}, result, make("div", { class: "ext-columns" }, fromUrl, fromArchive)) };
};
