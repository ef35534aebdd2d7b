/* The dialog for uploads: files are sent one after another, said what they are, and put where the user wants them. */

import { ask, button, labelled, listItem, make, paintbox, placeChoice, readable, refreshCards } from "./parts.js";
import { markOf, sendFile } from "./sending.js";

const items = new Map(); // id of the upload -> Item
const queue = [];
let isSending = false;
let folders = [];
let place = { folder_kind: "", folder: "" };
let view = null;

/** Open the dialog; `files` are sent at once. */
export const openUpload = async (wanted, files = []) => {
  place = wanted;
  folders = await ask("GET", "folders");
  view ||= draw();
  view.dialog.show();
  await showWaiting();
  await takeFiles(files);
};

const draw = () => {
  const list = make("ul", { class: "model-list", "aria-label": "Uploads" });
  const dialog = paintbox.dialog("model_upload", "Upload model files", ({ body }) => {
    const input = make("input", { type: "file", multiple: true, hidden: true, id: "model_upload_input" });
    input.addEventListener("change", () => {
      const chosen = [...input.files];
      input.value = "";
      takeFiles(chosen);
    });
    const choose = button("Choose files", () => input.click(), { class: "primary", id: "model_upload_choose" });
    const zone = make("div", { class: "model-drop" }, make("span", {}, "Drop model files here, or"), choose, input);
    dropping(zone);
    const hint = "LoRA, checkpoint, VAE, embedding …: a file is looked at while it arrives, and gets its name when you say where it goes.";
    body.append(zone, make("p", { class: "dialog-hint" }, hint), list);
  });
  return { dialog, list };
};

const dropping = (zone) => {
  const over = (isOver) => (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.toggle("drop-over", isOver);
  };
  zone.addEventListener("dragenter", over(true));
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    takeFiles([...event.dataTransfer.files]);
  });
};

/** Uploads of earlier pages that were not finished. */
const showWaiting = async () => {
  for (const upload of await ask("GET", "uploads")) {
    if (!items.has(upload.id)) add(new Item(upload, null));
  }
};

const add = (item) => {
  items.set(item.upload.id, item);
  view.list.prepend(item.row.element);
};

const takeFiles = async (files) => {
  for (const file of files) {
    const known = [...items.values()].find((item) => !item.file && !item.isOver && item.upload.mark === markOf(file));
    try {
      if (known) known.goOn(file);
      else add(new Item(await ask("POST", "uploads", { name: file.name, size_bytes: file.size, mark: markOf(file) }), file));
      view.dialog.say("");
    } catch (error) {
      view.dialog.say(`${file.name}: ${error.message}`, true);
    }
  }
};

/** Send what waits, one file after another. */
const work = async () => {
  if (isSending) return;
  isSending = true;
  while (queue.length) await queue.shift().send();
  isSending = false;
};

class Item {
  constructor(upload, file) {
    this.upload = upload;
    this.file = file;
    this.isOver = false;
    this.isConfirmed = false;
    this.form = null;
    this.row = listItem(upload.name, readable(upload.size_bytes));
    this.discardButton = button("Discard", () => this.discard());
    this.row.more.append(this.discardButton);
    if (file) this.goOn(file);
    else this.showWaiting();
  }

  showWaiting() {
    const { received_bytes: received, size_bytes: size } = this.upload;
    this.row.bar(received / size);
    if (received === size) return this.goOn(null);
    this.row.say(`${readable(received)} have arrived: choose the file again to go on.`);
  }

  goOn(file) {
    this.file = file;
    this.row.say("Waiting …");
    queue.push(this);
    work();
  }

  async send() {
    if (this.isOver) return;
    try {
      const sent = await sendFile(this.file, this.upload, (upload, words) => this.follow(upload, words), () => this.isOver);
      if (sent === null) return;
      this.upload = sent.recognised ? sent : await ask("GET", `uploads/${sent.id}`); // a restart of the server has forgotten what it is
      this.follow(this.upload, "Has arrived.");
      if (this.isConfirmed) await this.finish();
    } catch (error) {
      this.fail(error);
    }
  }

  follow(upload, words) {
    this.upload = upload;
    this.row.bar(upload.received_bytes / upload.size_bytes);
    if (upload.recognised && !this.form) this.drawForm(upload.recognised);
    const known = upload.recognised ? [...new Set([upload.recognised.title, upload.recognised.family_title])].filter(Boolean).join(", ") : "";
    const note = upload.recognised && upload.recognised.note ? ` ${upload.recognised.note}` : "";
    this.row.say([known, words].filter(Boolean).join(" · ") + note);
  }

  drawForm(recognised) {
    const name = make("input", { type: "text", value: this.upload.name, autocomplete: "off", spellcheck: "false" });
    const choice = placeChoice(folders);
    const kind = recognised.folder_kinds[0] ?? place.folder_kind;
    choice.set(kind, kind === place.folder_kind ? place.folder : "");
    const add = button("Add", () => this.confirm(), { class: "primary" });
    this.form = { name, choice, add };
    const where = make("div", { class: "dialog-row" }, ...choice.elements);
    const buttons = make("div", { class: "dialog-row" }, add, this.discardButton);
    this.row.more.replaceChildren(labelled("Name", name, { class: "whole" }), where, buttons);
  }

  /** The user has said where it goes: it goes there as soon as it has arrived. */
  confirm() {
    this.isConfirmed = true;
    this.lock(true);
    if (this.upload.received_bytes === this.upload.size_bytes) return this.finish();
    this.row.say("It goes there as soon as it has arrived.");
  }

  lock(isLocked) {
    for (const each of [this.form.name, this.form.add]) each.disabled = isLocked;
    this.form.choice.lock(isLocked);
  }

  async finish() {
    const { name, choice } = this.form;
    const wish = { name: name.value.trim(), folder_kind: choice.kind, folder: choice.folder };
    this.row.say("Putting it into its folder …");
    try {
      const settled = await ask("POST", `uploads/${this.upload.id}/finish`, wish);
      this.isOver = true;
      const title = folders.find((folder) => folder.kind === settled.folder_kind)?.title ?? settled.folder_kind;
      this.row.say([`Added to ${title} as ${settled.name}.`, ...settled.notes].join(" "));
      this.row.bar(null);
      this.row.more.replaceChildren();
      await refreshCards(settled.folder_kind);
    } catch (error) {
      this.isConfirmed = false;
      this.lock(false);
      if (error.status === 404 && error.data?.field === "id") return this.fail(error); // it was finished or discarded elsewhere
      this.row.say(error.message, true);
    }
  }

  fail(error) {
    this.isOver = true;
    this.row.bar(null);
    this.row.say(error.message, true);
    this.row.more.replaceChildren(button("Remove from the list", () => this.forget()));
  }

  async discard() {
    this.isOver = true;
    try {
      await ask("DELETE", `uploads/${this.upload.id}`);
    } catch (error) {
      if (error.status !== 404) {
        this.isOver = false;
        return this.row.say(error.message, true);
      }
    }
    this.forget();
  }

  forget() {
    items.delete(this.upload.id);
    this.row.element.remove();
  }
}
