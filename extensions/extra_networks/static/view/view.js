/* One tab of cards: its controls, folders and grid, and what happens when a card is clicked. */

import { finishCard, drawCard, markCard } from "./card.js";
import { Controls } from "./controls.js";
import { Cards } from "./data.js";
import { Editor } from "./editor.js";
import { drawDirs, markFolder, Tree } from "./folders.js";
import { Grid } from "./grid.js";
import { showInfo } from "./info.js";
import { Marks } from "./marks.js";
import * as prompts from "./prompt.js";

const { paintbox } = window;
const { make } = paintbox;
const WATCH_MS = 400;
const LOOK_MS = 8000; // a file dropped into the folder comes by itself
const AGAIN_MS = [1500, 2000, 3000];

class Pane {
  constructor(place) {
    const { form, type, folderKind } = place.dataset;
    Object.assign(this, { place, form, type, folderKind, id: `${form}_${type}`, folder: "", options: {} });
    this.marks = new Marks(form);
    this.route = `paintbox/v1/networks/${encodeURIComponent(type)}`;
    this.cards = new Cards(
      type,
      (kind) => this.arrived(kind),
      (error) => this.say(error.message, true),
    );
    this.grid = new Grid(`${this.id}_cards`, {
      draw: (index, isPassing) => drawCard(this.cards.at(index), this, isPassing),
      finish: (index, element) => this.cards.at(index) && finishCard(element, this.cards.at(index), this),
      need: (from, to) => this.cards.need(from, to),
    });
    this.editor = new Editor(this);
    for (const name of ["click", "edit", "info", "copyPath"]) this[name] = this[name].bind(this);
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  draw() {
    const { id } = this;
    this.controls = new Controls(id, {
      searched: () => this.searched(),
      sorted: (sort) => this.order({ sort }),
      turned: () => this.order({ isDescending: !this.isDescending }),
      toggled: () => this.showFolders(!this.showsFolders),
      refresh: () => this.attempt(() => paintbox.networks.refresh(this.type)),
    });
    this.places = make("div", { class: "network-folders", hidden: true });
    this.status = make("p", { class: "network-status", role: "status" });
    this.main = make("div", { id: `${id}_cards_html`, class: "network-main" }, this.places, this.grid.element);
    this.place.replaceChildren(this.controls.element, this.main, this.status);
    paintbox.networks.tools.forEach((each) => this.toolAdded(each));
  }

  /** `view` and `cards`: what the server said of the kind and of its first cards. */
  open(view, cards) {
    this.draw();
    this.folders = [];
    this.takeOptions(view, true);
    this.cards.begin(this.wanted(), cards);
    if (!cards.is_fresh) this.lookAgain(0);
    this.follow();
  }

  async readOptions() {
    this.takeOptions(await paintbox.request("GET", this.route));
  }

  takeOptions({ folders, tags, options, follows_focus: followsFocus }, isFirst = false) {
    const isSame = JSON.stringify([folders, options]) === JSON.stringify([this.folders, this.options]);
    Object.assign(this, { folders, tags, options, followsFocus });
    if (isFirst) Object.assign(this, { sort: options.sort, isDescending: options.is_descending });
    if (isSame) return;
    this.isTree = options.view === "Tree";
    this.drawFolders();
    if (isFirst) this.showFolders(options.shows_view);
    this.place.style.setProperty("--card-text", options.text_scale);
    this.grid.setSize(options.card_width, options.card_height);
    this.controls.showOrder(this.sort, this.isDescending);
  }

  drawFolders() {
    const { id, folders, options } = this;
    if (this.isTree) {
      const list = (folder, limit) => paintbox.request("GET", `${this.route}/cards?${new URLSearchParams({ folder, limit, direct: true })}`);
      const tree = new Tree(`${id}_tree`, folders, { choose: (folder) => this.setFolder(folder, true), list, click: this.click });
      this.directories = tree.element;
      this.directories.style.width = `${options.tree_width}px`;
    } else {
      this.directories = drawDirs(`${id}_dirs`, folders, options, (folder, text) => {
        this.controls.text = text;
        this.setFolder(folder, true);
      });
    }
    this.places.replaceChildren(this.directories);
    this.main.classList.toggle("has-tree", this.isTree);
    if (!folders.includes(this.folder)) this.folder = "";
    markFolder(this.directories, this.folder);
    this.showFolders(this.showsFolders);
  }

  showFolders(isShown) {
    this.showsFolders = isShown;
    this.places.hidden = !isShown || !this.folders.length;
    this.controls.showFolders(isShown);
  }

  setFolder(folder, looks) {
    this.folder = folder;
    markFolder(this.directories, folder);
    if (looks) this.look();
  }

  /** Letters were typed: those of a folder's button choose it. */
  searched() {
    const folder = this.controls.text.replace(/^\/|\/$/g, "");
    if (!this.isTree) this.setFolder(this.folders.includes(folder) ? folder : "", false);
    this.look();
  }

  order(wanted) {
    Object.assign(this, wanted);
    this.controls.showOrder(this.sort, this.isDescending);
    this.look();
  }

  // --- cards --------------------------------------------------------------------------------------------------------

  /** Ask for the cards; until the server has the newest rows, ask again after a moment. */
  async look(turn = 0) {
    clearTimeout(this.again);
    await this.attempt(async () => {
      if (!(await this.cards.look(this.wanted()))) this.lookAgain(turn);
    });
  }

  lookAgain(turn) {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.isShown() && this.look(turn + 1), AGAIN_MS[Math.min(turn, AGAIN_MS.length - 1)]);
  }

  wanted() {
    const { sort, isDescending, isTree, folder } = this;
    return { search: this.controls.text, sort, direction: isDescending ? "desc" : "asc", folder: isTree ? folder : "" };
  }

  arrived(kind) {
    if (kind === "some") {
      for (const [index, element] of this.grid.drawn) if (element.classList.contains("is-waiting") && this.cards.at(index)) this.grid.refresh(index);
      return;
    }
    this.marks.begin();
    this.grid.show(this.cards.list.total, kind === "all");
    this.tell();
    if (kind === "anew") this.readOptions();
  }

  tell() {
    const { total, hidden } = this.cards.list;
    const searched = this.controls.text.trim() || this.folder;
    const words = [total === 1 ? "1 file" : `${total.toLocaleString("en")} files`];
    if (!total) words[0] = searched ? "Nothing is like that." : "There are no files of this kind yet.";
    if (hidden) words.push(`${hidden.toLocaleString("en")} more ${hidden === 1 ? "does" : "do"} not fit the checkpoint and ${hidden === 1 ? "is" : "are"} hidden (a setting shows them).`);
    this.say(words.join(". ").replace("..", "."));
  }

  isChosen(card) {
    return this.marks.isChosen(card, this);
  }

  /** The prompts may be others than when the cards were drawn. */
  watch() {
    if (!this.marks.haveChanged()) return;
    for (const [index, element] of this.grid.drawn) {
      const card = this.cards.at(index);
      if (card) markCard(element, this.isChosen(card));
    }
  }

  actions(card) {
    const fitting = paintbox.networks.actions.filter(({ fits }) => !fits || fits(card));
    return fitting.map((action) => ({ ...action, run: () => action.run(card, this.where()) }));
  }

  where() {
    return { form: this.form, type: this.type, folder_kind: this.folderKind, folder: this.folder };
  }

  // --- what people do -----------------------------------------------------------------------------------------------

  click(card) {
    if (!card.network) {
      if (card.unfit) this.say(card.unfit, true);
      document.dispatchEvent(new CustomEvent("paintbox:card", { detail: { card, place: this.where() } }));
      return;
    }
    const box = this.followsFocus ? paintbox.networks.focused(this.form) : "prompt";
    prompts.write(this.form, prompts.clicked(card, this.tags, prompts.read(this.form), box, this.options.separator));
    this.watch();
  }

  /** Words at the end of the prompt. */
  addWords(words) {
    const { prompt } = prompts.read(this.form);
    prompts.write(this.form, { prompt: prompts.added(prompt, words, ", ") });
    this.watch();
  }

  edit(card) {
    this.editor.open(card);
  }

  info(card) {
    showInfo(this, card);
  }

  async copyPath(card) {
    try {
      await navigator.clipboard.writeText(card.path);
      this.say(`Copied: ${card.path}`);
    } catch (error) {
      this.say(card.path); // without https browsers give no clipboard: the path can be taken from here
    }
  }

  /** A card's file was changed here: draw it anew, and tell the other tabs. */
  changed(card) {
    this.cards.replace(card);
    this.marks.forget(card);
    for (const index of this.grid.drawn.keys()) if (this.cards.at(index)?.name === card.name) this.grid.refresh(index);
    this.isOwn = true;
    paintbox.networks.changed(this.type);
    this.isOwn = false;
  }

  // --- the seam -----------------------------------------------------------------------------------------------------

  toolAdded(tool) {
    this.controls.add(tool, () => tool.run(this.where()));
  }

  actionAdded() {
    this.grid.redraw();
  }

  async refresh() {
    this.cards.forget();
    await this.readOptions();
    await this.look();
  }

  // --- following ----------------------------------------------------------------------------------------------------

  isShown() {
    return this.place.offsetParent !== null && !document.hidden;
  }

  follow() {
    setInterval(() => this.isShown() && this.watch(), WATCH_MS);
    setInterval(() => this.isShown() && this.look(), LOOK_MS);
    const anew = () => {
      this.cards.forget();
      if (this.isShown()) this.attempt(() => this.refresh());
    };
    document.addEventListener("paintbox:networks", ({ detail }) => detail.type === this.type && !this.isOwn && anew());
    document.addEventListener("paintbox:settings", anew);
    let wasShown = true;
    new IntersectionObserver(() => {
      if (this.isShown() && !wasShown) {
        this.grid.layout();
        this.attempt(() => this.refresh());
      }
      wasShown = this.isShown();
    }).observe(this.place);
  }

  async attempt(call) {
    try {
      await call();
    } catch (error) {
      this.say(error.message, true);
    }
  }

  say(words, isError = false) {
    this.status.textContent = words;
    this.status.classList.toggle("is-wrong", isError);
  }
}

/** Fill the place of a tab with what the server said of its kind. */
export const openPane = (place, [view, cards]) => {
  const pane = new Pane(place);
  pane.open(view, cards);
  return pane;
};
