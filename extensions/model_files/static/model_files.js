/* Buttons of the cards of networks that change model files; what they open is loaded when it is first used. */
"use strict";

(() => {
  const { paintbox } = window;
  const FOLDER = "paintbox/assets/model_files/view/";
  const load = (name) => import(paintbox.address(`${FOLDER}${name}.js`));
  const tell = (error) => paintbox.announce(error.message, true);

  const opening = (name, call) => async (...given) => {
    try {
      await call(await load(name), ...given);
    } catch (error) {
      tell(error);
    }
  };

  const refused = (reason) => async () => {
    const dialog = paintbox.dialog("model_files_refused", "Model files", ({ body }) => body.append(paintbox.make("p", { class: "dialog-hint" }, reason)));
    dialog.show();
  };

  const tools = [
    { id: "upload", icon: "upload", label: "Upload model files", run: opening("upload", (view, place) => view.openUpload(place)) },
    { id: "download", icon: "download", label: "Download a model file by URL", run: opening("download", (view, place) => view.openDownload(place)) },
    { id: "trash", icon: "clear", label: "Trash of model files", run: opening("trash", (view) => view.openTrash()) },
  ];
  const actions = [
    { id: "rename", icon: "rename", label: "Rename or move", fits: () => true, run: opening("rename", (view, card, place) => view.openRename(card, place)) },
    { id: "trash", icon: "clear", label: "Move to trash", fits: () => true, run: opening("trash", (view, card, place) => view.moveToTrash(card, place)) },
  ];

  /** Files that are dropped on the cards are uploaded; the place is that of the cards. */
  const takeDrops = (pane) => {
    const { form, type, folderKind } = pane.dataset;
    const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const mark = (isOver) => pane.classList.toggle("drop-over", isOver);
    const over = (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      mark(true);
    };
    pane.addEventListener("dragenter", over);
    pane.addEventListener("dragover", over);
    pane.addEventListener("dragleave", (event) => pane.contains(event.relatedTarget) || mark(false));
    pane.addEventListener("drop", (event) => {
      mark(false);
      if (!holdsFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const place = { form, type, folder_kind: folderKind, folder: "" };
      opening("upload", (view) => view.openUpload(place, [...event.dataTransfer.files]))();
    });
  };

  const start = async () => {
    const { networks } = paintbox;
    if (!networks) return;
    try {
      const access = await paintbox.request("GET", "paintbox/v1/models/access");
      if (!access.allowed) return networks.addTool({ ...tools[0], run: refused(access.reason) });
    } catch (error) {
      return tell(error);
    }
    tools.forEach(networks.addTool);
    actions.forEach(networks.addCardAction);
    paintbox.whenDrawn(".networks-pane", takeDrops);
  };

  if (paintbox.networks || document.readyState === "complete") start();
  else window.addEventListener("load", start);
})();
