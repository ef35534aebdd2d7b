/* The list of completions below the cursor: drawn, moved through, and told to screen readers. */

const ID = "tag_completions";
const EDGE_PX = 8;
const COPIED = [
  "boxSizing", "width", "borderTopWidth", "borderRightWidth", "borderBottomWidth", "borderLeftWidth", "paddingTop", "paddingRight",
  "paddingBottom", "paddingLeft", "fontStyle", "fontVariant", "fontWeight", "fontStretch", "fontSize", "lineHeight", "fontFamily",
  "textAlign", "textTransform", "textIndent", "letterSpacing", "wordSpacing", "tabSize",
];

const { make } = window.paintbox;
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** Where the letter at `place` stands in the window, and how high its line is. */
const placeOf = (box, place, home) => {
  const style = getComputedStyle(box);
  const copy = make("div", { "aria-hidden": "true" });
  for (const name of COPIED) copy.style[name] = style[name];
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", top: "0", left: "-9999px" });
  const mark = make("span", {}, "|");
  copy.append(box.value.slice(0, place), mark);
  home.append(copy);
  const { top, left } = box.getBoundingClientRect();
  const line = Number.parseFloat(style.lineHeight) || Number.parseFloat(style.fontSize) * 1.4;
  const found = { left: left + mark.offsetLeft - box.scrollLeft, top: top + mark.offsetTop - box.scrollTop, line };
  copy.remove();
  return found;
};

export class CompletionList {
  /** `choose(row)` is called when somebody takes a row. */
  constructor(choose) {
    this.choose = choose;
    this.box = null;
    this.rows = [];
    this.at = -1;
    this.list = make("ul", { id: ID, role: "listbox", class: "tag-completions", translate: "no", "aria-label": "Completions", hidden: true });
    this.told = make("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
    this.home = make("div", { "data-quiet": "" }, this.list, this.told); // what happens in here is no change of the page
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    this.list.addEventListener("click", (event) => this.clicked(event));
  }

  get isOpen() {
    return this.box !== null;
  }

  clicked(event) {
    const item = event.target.closest("[role=option]");
    if (item) this.choose(this.rows[Number(item.dataset.row)]);
  }

  open(box, rows, start) {
    if (this.box && this.box !== box) this.close();
    const home = box.closest("dialog") || document.body;
    if (this.home.parentElement !== home) home.append(this.home);
    this.rows = rows;
    this.at = -1;
    this.list.replaceChildren(...rows.map((row, number) => this.item(row, number)));
    this.list.hidden = false;
    this.list.scrollTop = 0;
    this.place(box, start);
    this.box = box;
    this.mark();
    this.told.textContent = rows.length === 1 ? "1 completion" : `${rows.length} completions`;
  }

  item(row, number) {
    const item = make("li", { role: "option", id: `${ID}_${number}`, "aria-selected": "false" });
    item.dataset.row = number;
    const name = make("span", { class: "completion-name" }, row.alias ? `${row.alias} → ${row.tag}` : row.tag || row.text);
    if (row.tag !== undefined) item.dataset.category = row.category;
    else item.dataset.kind = row.kind;
    item.append(name, make("span", { class: "completion-note" }, row.tag === undefined ? row.kind : row.count ? compact.format(row.count) : ""));
    return item;
  }

  place(box, start) {
    const { left, top, line } = placeOf(box, start, this.home);
    const { innerWidth, innerHeight } = window;
    const edge = box.getBoundingClientRect();
    const below = Math.min(Math.max(top, edge.top), edge.bottom - line) + line + 4;
    this.list.style.maxHeight = "";
    const { width, height } = this.list.getBoundingClientRect();
    const isAbove = below + height > innerHeight - EDGE_PX && below - line - height - 8 > EDGE_PX;
    this.list.style.left = `${Math.max(EDGE_PX, Math.min(left, innerWidth - width - EDGE_PX))}px`;
    this.list.style.top = `${isAbove ? below - line - height - 8 : below}px`;
    if (!isAbove) this.list.style.maxHeight = `${Math.max(120, innerHeight - below - EDGE_PX)}px`;
  }

  /** The box says to screen readers that it has an open list, and which of its rows is chosen. */
  mark() {
    const { box } = this;
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-expanded", "true");
    box.setAttribute("aria-controls", ID);
    if (this.at < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `${ID}_${this.at}`);
    [...this.list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === this.at)));
    if (this.at >= 0) this.list.children[this.at].scrollIntoView({ block: "nearest" });
  }

  move(step) {
    const { length } = this.rows;
    this.at = this.at < 0 ? (step > 0 ? 0 : length - 1) : (this.at + step + length) % length;
    this.mark();
  }

  close() {
    const { box } = this;
    if (!box) return;
    this.box = null;
    this.rows = [];
    this.list.hidden = true;
    this.told.textContent = "";
    for (const name of ["role", "aria-autocomplete", "aria-expanded", "aria-controls", "aria-activedescendant"]) box.removeAttribute(name);
  }
}
