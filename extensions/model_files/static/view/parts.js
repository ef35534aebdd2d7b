/* What the dialogs of model files share: requests, sizes, the choice of a place, items of lists. */

const { paintbox } = window;
const { make } = paintbox;
const BASE = "paintbox/v1/models/";
const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export { make, paintbox };

export const ask = (method, path, body) => paintbox.request(method, BASE + path, body);
export const address = (path) => paintbox.address(BASE + path);

/** A size as people read it. */
export const readable = (bytes) => {
  let power = 0;
  while (bytes >= 1000 && power < UNITS.length - 1) {
    bytes /= 1000;
    power += 1;
  }
  return `${power === 0 || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)} ${UNITS[power]}`;
};

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Draw the cards of a kind of folder anew, and whatever shows a setting: one that named the file may be another now. */
export const refreshCards = (folderKind) => {
  paintbox.press("settings_changed");
  const types = new Set([...document.querySelectorAll(".networks-pane")].filter((pane) => pane.dataset.folderKind === folderKind).map((pane) => pane.dataset.type));
  return Promise.all([...types].map((type) => paintbox.networks.refresh(type)));
};

/** A label with its control. */
export const labelled = (words, control, extra = {}) => make("label", extra, make("span", {}, words), control);

let listed = 0;

/** The choice of a folder kind and a sub-folder: `{ elements, kind, folder, set(kind, folder) }`; `automatic`: words for "by what it is". */
export const placeChoice = (folders, automatic = "") => {
  const names = make("datalist", { id: `model_folders_${(listed += 1)}` });
  const kind = make("select", {});
  if (automatic) kind.append(make("option", { value: "" }, automatic));
  for (const each of folders) kind.append(make("option", { value: each.kind, title: each.path }, each.title));
  const folder = make("input", { type: "text", list: names.id, placeholder: "none", autocomplete: "off", spellcheck: "false" });
  const offer = () => {
    const chosen = folders.find((each) => each.kind === kind.value);
    names.replaceChildren(...(chosen ? chosen.folders.map((name) => make("option", { value: name })) : []));
  };
  kind.addEventListener("change", offer);
  offer();
  return {
    elements: [labelled("Folder", kind, { class: "grow" }), labelled("Sub-folder", folder, { class: "grow" }), names],
    get kind() {
      return kind.value;
    },
    get folder() {
      return folder.value.trim().replace(/^\/+|\/+$/g, "");
    },
    set: (kindValue, folderValue) => {
      kind.value = kindValue;
      if (kind.selectedIndex < 0) kind.selectedIndex = 0;
      folder.value = folderValue;
      offer();
    },
    lock: (isLocked) => [kind, folder].forEach((each) => (each.disabled = isLocked)),
  };
};

/** An entry of a list: `{ element, say(words, isError), bar(fraction) , more }`; `more` takes what belongs below. */
export const listItem = (title, aside = "") => {
  const name = make("strong", {}, title);
  const note = make("small", {}, aside);
  const bar = make("progress", { max: "1", value: "0", "aria-label": `Progress of ${title}` });
  const words = make("p", { role: "status" });
  const more = make("div", { class: "dialog-row" });
  const element = make("li", { class: "model-item" }, make("header", {}, name, note), bar, words, more);
  return {
    element,
    more,
    note: (text) => (note.textContent = text),
    say: (text, isError = false) => {
      if (words.textContent !== text) words.textContent = text;
      words.classList.toggle("problem", isError);
    },
    bar: (fraction) => {
      bar.hidden = fraction === null;
      if (fraction !== null) bar.value = fraction;
    },
  };
};

export const button = (words, onclick, more = {}) => make("button", { type: "button", onclick, ...more }, words);
