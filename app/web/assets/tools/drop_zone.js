/* A place to drop files on, or to choose them by a click. */

const { make } = window.paintbox;

/** `label`: what the place says, `name`: what screen readers call its choice of files; `taken(files)` with at least one file. */
export const dropZone = ({ id, label, name = label, isMultiple = false, taken }) => {
  const offered = (files) => {
    if (files.length) taken(isMultiple ? files : files.slice(0, 1));
    return files.length > 0;
  };
  const file = make("input", { type: "file", accept: "image/*", multiple: isMultiple, hidden: true, "aria-label": name });
  file.addEventListener("change", () => {
    offered([...file.files]);
    file.value = "";
  });
  const choose = make("button", { type: "button", class: "tool-drop", onclick: () => file.click() }, label);
  const zone = make("div", { id, class: "tool-zone" }, file, choose);
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (offered([...event.dataTransfer.files])) event.stopPropagation();
  });
  return { zone, choose };
};
