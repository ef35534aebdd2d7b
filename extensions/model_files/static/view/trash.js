/* Moving to the trash with a way back, and the dialog that lists what is in it. */

import { ask, button, listItem, make, paintbox, readable, refreshCards } from "./parts.js";
import { toast } from "./toast.js";

let view = null;

/** A card's model goes to the trash; the note that says so takes it back. */
export const moveToTrash = async (card) => {
  const item = await ask("POST", "trash", { folder_kind: card.folder_kind, model: card.name });
  await refreshCards(card.folder_kind);
  const undo = async () => {
    try {
      await restore(item);
      toast(`${item.name} is back.`);
    } catch (error) {
      toast(error.message);
    }
  };
  toast([`${item.name} is in the trash.`, ...item.notes].join(" "), { label: "Undo", run: undo });
};

const restore = async (item) => {
  const restored = await ask("POST", `trash/${item.id}/restore`);
  await refreshCards(item.folder_kind);
  return restored;
};

export const openTrash = async () => {
  view ||= draw();
  view.dialog.show();
  await list();
};

const draw = () => {
  const entries = make("ul", { class: "model-list", "aria-label": "Model files in the trash" });
  const empty = button("Empty the trash", () => sure(), { id: "model_trash_empty" });
  const dialog = paintbox.dialog("model_trash", "Trash of model files", ({ body }) => {
    body.append(make("p", { class: "dialog-hint" }, "Files stay here, on their disk, until the trash is emptied."), entries, make("div", { class: "dialog-row" }, empty));
  });
  return { dialog, entries, empty, isSure: false };
};

const list = async () => {
  const [items, folders] = await Promise.all([ask("GET", "trash"), ask("GET", "folders")]);
  view.titles = new Map(folders.map(({ kind, title }) => [kind, title]));
  view.isSure = false;
  view.empty.textContent = "Empty the trash";
  view.empty.disabled = !items.length;
  view.size = items.reduce((sum, item) => sum + item.size_bytes, 0);
  view.count = items.length;
  view.entries.replaceChildren(...items.map(entry));
  if (!items.length) view.entries.append(make("li", { class: "dialog-hint" }, "The trash is empty."));
};

const entry = (item) => {
  const row = listItem(item.name, readable(item.size_bytes));
  row.bar(null);
  row.say(`${view.titles.get(item.folder_kind) ?? item.folder_kind}, removed ${new Date(item.removed * 1000).toLocaleString()}`);
  const attempt = (call) => async () => {
    try {
      view.dialog.say("");
      await call();
      await list();
    } catch (error) {
      row.say(error.message, true);
    }
  };
  const back = attempt(async () => {
    const { notes } = await restore(item);
    view.dialog.say([`${item.name} is back.`, ...notes].join(" "));
  });
  row.more.append(button("Restore", back, { class: "primary" }), button("Delete for good", attempt(() => ask("DELETE", `trash/${item.id}`))));
  return row.element;
};

/** The first click asks, the second one does it. */
const sure = async () => {
  if (!view.isSure) {
    view.isSure = true;
    view.empty.textContent = `Really delete ${view.count === 1 ? "this file" : `these ${view.count} files`} (${readable(view.size)}) for good`;
    return;
  }
  try {
    const { count, size_bytes: size } = await ask("DELETE", "trash");
    view.dialog.say(`${count === 1 ? "1 file" : `${count} files`} deleted, ${readable(size)} are free again.`);
  } catch (error) {
    view.dialog.say(error.message, true);
  }
  await list();
};
