/* The viewer's buttons: its own, those of the gallery that it stands for, and one for each place that takes pictures in. */
const { paintbox } = window;
const { make } = paintbox;

const tool = (id, icon, label, onclick, more = {}) =>
  make("button", { type: "button", id, class: `tool icon-${icon}`, title: label, "aria-label": label, onclick, ...more }, "");

/** Those of the gallery: id here, id there, icon, label, what is said after a click. */
const BORROWED = [
  ["modal_save", (prefix) => `save_${prefix}`, "save", "Save (S)", "Saved."],
  ["modal_save_zip", (prefix) => `save_zip_${prefix}`, "archive", "Save as ZIP archive", "Saved; the archive is listed below the gallery."],
  ["modal_open_folder", (prefix) => `${prefix}_open_folder`, "folder", "Open the folder", ""],
];

const borrowed = (viewer) =>
  BORROWED.filter(([, there]) => paintbox.element(there(viewer.prefix))).map(([id, there, icon, label, words]) =>
    tool(id, icon, label, () => viewer.press(there(viewer.prefix), words)),
  );

const upscale = (viewer) => {
  const id = `${viewer.prefix}_upscale`;
  if (paintbox.element(id)?.tagName !== "BUTTON") return []; // A1111 calls a block of the Extras tab so too
  const run = async () => {
    await viewer.press(id);
    viewer.root.close();
  };
  return [tool("modal_upscale", "sparkle", "Upscale with the settings of Hires. fix", run)];
};

const senders = (viewer) => {
  const send = async (target) => {
    const picture = await viewer.picture();
    viewer.root.close();
    await paintbox.pictures.send(target.id, picture);
  };
  const button = (target) => make("button", { type: "button", class: "viewer-send", id: `modal_send_to_${target.id}`, onclick: () => send(target) }, target.label);
  const targets = [...paintbox.pictures.targets.values()];
  if (!targets.length) return [];
  return [make("span", { class: "viewer-send-to", role: "group", "aria-label": "Send to" }, make("span", { "aria-hidden": "true" }, "Send to"), ...targets.map(button))];
};

const remove = (viewer) =>
  paintbox.trash && paintbox.element(`${viewer.prefix}_delete`)
    ? [tool("modal_delete", "clear", "Delete (Delete key); can be undone below the gallery", () => paintbox.trash.remove(viewer.prefix, viewer.place))]
    : [];

const toggle = (id, icon, label, isOn, change) => {
  const button = tool(id, icon, label, () => button.setAttribute("aria-pressed", String(change())), { "aria-pressed": String(isOn) });
  return button;
};

/** All buttons for the gallery that the viewer shows. */
export const drawTools = (viewer) => {
  const tile = toggle("modal_tile_image", "tiles", "Show the picture as tiles", viewer.sight.isTiled(), () => viewer.sight.tile());
  const preview = toggle("modal_toggle_live_preview", "eye", "Follow the live preview", viewer.followsPreview, () => {
    viewer.followsPreview = !viewer.followsPreview;
    return viewer.followsPreview;
  });
  return [
    ...senders(viewer),
    ...upscale(viewer),
    ...borrowed(viewer),
    tool("modal_new_tab", "new-tab", "Open in a new tab", () => window.open(viewer.addresses[viewer.place], "_blank", "noopener")),
    tool("modal_toggle_zoom", "zoom", "Own size, or as large as the window (Z)", () => viewer.sight.toggle()),
    tile,
    preview,
    ...remove(viewer),
    make("button", { type: "button", id: "modal_close", class: "tool viewer-close", title: "Close (Esc)", "aria-label": "Close", onclick: () => viewer.root.close() }, "×"),
  ];
};
