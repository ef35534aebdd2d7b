/* The folders of a kind as a row of buttons or as a tree; choosing one narrows the cards down. */

const { make } = window.paintbox;
const FILES = 200;

/** Buttons that put a folder into the search, as A1111's do; `choose(folder, text)`. */
export const drawDirs = (id, folders, options, choose) => {
  const button = (folder) => {
    const text = folder && `${options.leading_slash ? "/" : ""}${folder}/`;
    return make("button", { type: "button", "data-folder": folder, onclick: () => choose(folder, text) }, text || "all");
  };
  return make("div", { id, class: "network-dirs", role: "group", "aria-label": "Folders" }, ...["", ...folders].map(button));
};

/** A tree; `choose(folder)` for folders, `list(folder)` -> cards that lie in it, `click(card)` for those. */
export class Tree {
  constructor(id, folders, { choose, list, click }) {
    Object.assign(this, { folders, choose, list, click });
    this.element = make("div", { id, class: "network-tree", role: "tree", "aria-label": "Folders", onkeydown: (event) => this.key(event) });
    this.element.append(this.branch("", "All"));
  }

  branch(folder, title) {
    const inside = make("div", { class: "tree-inside", role: "group", hidden: true });
    const open = (isOpen) => {
      inside.hidden = !isOpen;
      item.setAttribute("aria-expanded", String(isOpen));
      if (isOpen && !inside.childElementCount) this.fill(folder, inside);
    };
    const chevron = make("button", { type: "button", class: "tree-chevron", tabindex: "-1", "aria-hidden": "true", onclick: () => open(inside.hidden) });
    const name = make("button", { type: "button", class: "tree-name", "data-folder": folder, onclick: () => this.choose(folder) }, title);
    const item = make("div", { class: "tree-item", role: "treeitem", "aria-expanded": "false" }, chevron, name, inside);
    item.open = open;
    if (!folder) open(true);
    return item;
  }

  fill(folder, inside) {
    const below = folder ? `${folder}/` : "";
    const direct = this.folders.filter((each) => each.startsWith(below) && !each.slice(below.length).includes("/"));
    inside.append(...direct.map((each) => this.branch(each, each.slice(below.length))));
    if (folder) this.fillFiles(folder, inside);
  }

  async fillFiles(folder, inside) {
    const { cards, total } = await this.list(folder, FILES);
    const file = (card) => make("button", { type: "button", class: "tree-file", title: card.name, onclick: () => this.click(card) }, card.title);
    inside.append(...cards.map(file));
    if (total > cards.length) inside.append(make("p", { class: "tree-more" }, `… and ${total - cards.length} more`));
  }

  key(event) {
    const buttons = [...this.element.querySelectorAll(".tree-name, .tree-file")].filter((each) => each.offsetParent);
    const place = buttons.indexOf(document.activeElement);
    const item = document.activeElement.classList.contains("tree-name") ? document.activeElement.parentElement : null;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") buttons[place + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    else if (item && (event.key === "ArrowRight" || event.key === "ArrowLeft")) item.open(event.key === "ArrowRight");
    else return;
    event.preventDefault();
  }
}

/** Show which folder is chosen. */
export const markFolder = (element, folder) => {
  for (const button of element.querySelectorAll("[data-folder]")) {
    const isChosen = folder !== null && button.dataset.folder === folder;
    button.classList.toggle("is-chosen", isChosen);
    if (isChosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
};
