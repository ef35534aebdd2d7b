/* The dialog that gives a model another name or another sub-folder. */

import { ask, button, labelled, make, paintbox, refreshCards } from "./parts.js";
import { toast } from "./toast.js";

let view = null;
let card = null;

export const openRename = async (wanted) => {
  const folders = await ask("GET", "folders");
  card = wanted;
  view ||= draw();
  const parts = card.name.split("/");
  const file = parts.pop();
  view.suffix = file.includes(".") ? file.slice(file.lastIndexOf(".")) : "";
  view.name.value = file.slice(0, file.length - view.suffix.length);
  view.folder.value = parts.join("/");
  view.ending.textContent = `Name, before ${view.suffix}`;
  const known = folders.find((folder) => folder.kind === card.folder_kind);
  view.names.replaceChildren(...(known ? known.folders.map((name) => make("option", { value: name })) : []));
  view.dialog.heading.textContent = `Rename or move ${file}`;
  view.dialog.show();
  view.name.select();
};

const draw = () => {
  const names = make("datalist", { id: "model_rename_folders" });
  const name = make("input", { type: "text", id: "model_rename_name", autocomplete: "off", spellcheck: "false" });
  const folder = make("input", { type: "text", id: "model_rename_folder", list: names.id, placeholder: "none", autocomplete: "off", spellcheck: "false" });
  const fields = labelled("Name", name, { class: "grow" });
  const dialog = paintbox.dialog("model_rename", "Rename or move", ({ body, close }) => {
    const hint = "Previews and notes that belong to the file go along.";
    const save = button("Save", () => submit(), { class: "primary", id: "model_rename_save" });
    for (const field of [name, folder]) field.addEventListener("keydown", (event) => event.key === "Enter" && submit());
    const rows = [make("div", { class: "dialog-row" }, fields, labelled("Sub-folder", folder, { class: "grow" }), names)];
    body.append(...rows, make("p", { class: "dialog-hint" }, hint), make("div", { class: "dialog-row" }, save, button("Cancel", () => close())));
  });
  return { dialog, name, folder, names, ending: fields.querySelector("span"), suffix: "" };
};

const submit = async () => {
  const parts = card.name.split("/");
  const file = parts.pop();
  const target = { name: view.name.value.trim() + view.suffix, folder: view.folder.value.trim().replace(/^\/+|\/+$/g, "") };
  let model = card.name;
  const notes = [];
  try {
    if (target.name !== file) {
      const moved = await ask("POST", "rename", { folder_kind: card.folder_kind, model, name: target.name });
      model = moved.name;
      notes.push(...moved.notes);
    }
    if (target.folder !== parts.join("/")) {
      const moved = await ask("POST", "move", { folder_kind: card.folder_kind, model, folder: target.folder });
      model = moved.name;
      notes.push(...moved.notes);
    }
    view.dialog.close();
    if (model !== card.name) toast([`It is called ${model} now.`, ...notes].join(" "));
  } catch (error) {
    view.dialog.say(error.message, true);
    card = { ...card, name: model };
  }
  await refreshCards(card.folder_kind);
};
