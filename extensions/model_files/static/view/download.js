/* The dialog for downloads: an address, and the jobs that fetch what is there. */

import { ask, button, labelled, listItem, make, paintbox, placeChoice, readable, refreshCards, wait } from "./parts.js";
import { toast } from "./toast.js";

const ACTIVE = ["queued", "running"];
const SHOWN = 20;
const LOOK_MS = 1000;
const HIDDEN = "paintbox:downloads:hidden";
const MOST_HIDDEN = 100;
const rows = new Map(); // job id -> { row, state }
let isWatching = false;
let view = null;

export const openDownload = async (place) => {
  const folders = await ask("GET", "folders");
  view ||= draw(folders);
  view.place = place;
  view.dialog.show();
  view.url.focus();
  await look();
  watch();
};

const draw = (folders) => {
  const url = make("input", { type: "text", id: "model_download_url", inputmode: "url", autocomplete: "off", spellcheck: "false", placeholder: "https://" });
  const name = make("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: "as the server calls it" });
  const sha256 = make("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: "checked when it is given" });
  const choice = placeChoice(folders, "By what it is");
  const list = make("ul", { class: "model-list", "aria-label": "Downloads" });
  const dialog = paintbox.dialog("model_download", "Download a model file", ({ body }) => {
    const go = button("Download", () => begin(), { class: "primary", id: "model_download_begin" });
    url.addEventListener("keydown", (event) => event.key === "Enter" && begin());
    const hint = "A page of a file on Hugging Face, a page of a model on Civitai, or any other https address of a file.";
    const more = make("details", {}, make("summary", {}, "Where to, name and hash"));
    more.append(make("div", { class: "dialog-row" }, ...choice.elements), make("div", { class: "dialog-row" }, labelled("Name", name, { class: "grow" })));
    more.append(labelled("SHA-256", sha256));
    body.append(make("div", { class: "dialog-row" }, labelled("Address", url, { class: "grow" }), go), make("p", { class: "dialog-hint" }, hint), more, list);
  });
  return { dialog, url, name, sha256, choice, list, place: null };
};

const begin = async () => {
  const { url, name, sha256, choice, dialog } = view;
  const request = { url: url.value.trim(), name: name.value.trim(), sha256: sha256.value.trim(), folder_kind: choice.kind, folder: choice.folder };
  try {
    await ask("POST", "downloads", request);
    url.value = name.value = sha256.value = "";
    dialog.say("");
    await look();
    watch();
  } catch (error) {
    dialog.say(error.message, true);
  }
};

const look = async () => {
  const jobs = await paintbox.request("GET", `paintbox/v1/jobs?source=model_files&limit=${SHOWN}`);
  const hidden = hiddenJobs();
  for (const job of [...jobs].reverse()) {
    if (!hidden.includes(job.id)) show(job);
  }
  return jobs.some((job) => ACTIVE.includes(job.state));
};

/** Downloads that the user has put away; the journal of jobs keeps them. */
const hiddenJobs = () => JSON.parse(localStorage.getItem(HIDDEN) || "[]");

const hide = (job, row) => {
  localStorage.setItem(HIDDEN, JSON.stringify([job.id, ...hiddenJobs()].slice(0, MOST_HIDDEN)));
  row.element.remove();
};

/** Follow the downloads, also while the dialog is closed, until none is left. */
const watch = async () => {
  if (isWatching) return;
  isWatching = true;
  try {
    do await wait(LOOK_MS);
    while (await look().catch(() => true));
  } finally {
    isWatching = false;
  }
};

/** The last part of an address without what may be secret in it. */
const shortName = (job) => {
  if (job.result.info.name) return job.result.info.name;
  if (job.request.name) return job.request.name;
  try {
    const { hostname, pathname } = new URL(job.request.url);
    return decodeURIComponent(pathname.split("/").filter(Boolean).pop() || hostname);
  } catch (error) {
    return "Download";
  }
};

const show = (job) => {
  if (!rows.has(job.id)) {
    const row = listItem(shortName(job));
    rows.set(job.id, { row, state: "" });
    view.list.prepend(row.element);
  }
  const known = rows.get(job.id);
  const before = known.state;
  const isNews = before !== job.state;
  known.state = job.state;
  if (ACTIVE.includes(job.state)) showActive(known.row, job, isNews);
  else if (isNews) showEnded(known.row, job, ACTIVE.includes(before));
};

const showActive = (row, job, isNews) => {
  const fraction = job.progress ? job.progress.fraction : 0;
  row.bar(fraction);
  const left = job.progress && job.progress.eta_s != null ? `, ${timeLeft(job.progress.eta_s)} left` : "";
  row.say(job.state === "queued" ? "Waiting for other downloads" : `${(job.progress && job.progress.text) || "Beginning"}${left}`);
  if (isNews) row.more.replaceChildren(button("Cancel", () => cancel(job, row)));
};

const timeLeft = (seconds) => (seconds < 90 ? `${Math.ceil(seconds)} s` : seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`);

const cancel = async (job, row) => {
  try {
    await paintbox.request("DELETE", `paintbox/v1/jobs/${job.id}`);
  } catch (error) {
    row.say(error.message, true);
  }
};

const showEnded = (row, job, wasActive) => {
  row.bar(null);
  if (job.state === "done" && !job.result.stopped) {
    const { info, comments } = job.result;
    row.note(readable(info.size_bytes));
    row.say([`${info.recognised.title} ${info.name} was added.`, ...comments].join(" "));
    row.more.replaceChildren(button("Remove from the list", () => hide(job, row)));
    if (wasActive) {
      refreshCards(info.folder_kind);
      if (!view.dialog.element.open) toast(`${info.name} was downloaded.`);
    }
    return;
  }
  row.say(job.error || "It was stopped. What has arrived is kept for some days.", job.state === "failed");
  row.more.replaceChildren(button("Try again", () => again(job, row)), button("Discard", () => discard(job, row)));
};

const again = async (job, row) => {
  try {
    await ask("POST", "downloads", job.request);
    hide(job, row);
    await look();
    watch();
  } catch (error) {
    row.say(error.message, true);
  }
};

const discard = async (job, row) => {
  try {
    await ask("DELETE", `downloads/${job.id}`);
    hide(job, row);
  } catch (error) {
    row.say(error.message, true);
  }
};
