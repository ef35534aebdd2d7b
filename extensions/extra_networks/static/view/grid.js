/* A grid of any number of cards of which only those near the window's part of it are drawn; arrow keys go from card to card. */

const { make } = window.paintbox;
const GAP_PX = 8;
const CARD_PX = { width: 136, height: 204 };
const MORE_ROWS = 2;
const REST_MS = 120;

export class Grid {
  /**
   * `draw(index, isPassing)` makes the element of a card, which may only scroll by; `finish(index, element)` adds what can wait until the
   * scrolling rests, or until somebody points at the card; `need(from, to)` is told what is shown.
   */
  constructor(id, { draw, finish, need }) {
    Object.assign(this, { draw, finish, need });
    this.unfinished = new Set();
    this.isPassing = false;
    this.rest = window.paintbox.debounce(REST_MS, () => {
      this.isPassing = false;
      [...this.unfinished].forEach((index) => this.complete(index));
    });
    this.space = make("div", { class: "network-space" });
    this.element = make("div", { id, class: "network-cards", role: "list", "data-quiet": "", onkeydown: (event) => this.key(event) }, this.space);
    this.element.addEventListener("focusin", ({ target }) => this.focused(target));
    this.element.addEventListener("pointerover", ({ target }) => this.complete(Number(target.closest("[data-index]")?.dataset.index)));
    this.element.addEventListener("scroll", () => this.soon(), { passive: true });
    this.drawn = new Map();
    this.total = 0;
    this.active = 0;
    this.size = { ...CARD_PX, isFixed: false };
    new ResizeObserver(() => this.layout()).observe(this.element);
  }

  /** Another number of cards; everything is drawn anew. */
  show(total, fromTop) {
    this.total = total;
    this.active = Math.min(fromTop ? 0 : this.active, Math.max(0, total - 1));
    if (fromTop) this.element.scrollTop = 0;
    this.redraw();
  }

  setSize(width, height) {
    this.size = { width: width || CARD_PX.width, height: height || CARD_PX.height, isFixed: Boolean(width) };
    this.layout();
  }

  /** Draw what is shown anew, and keep the focus where it was. */
  redraw() {
    const place = document.activeElement?.closest?.("[data-index]");
    const index = this.element.contains(place) ? Number(place.dataset.index) : null;
    for (const element of this.drawn.values()) element.remove();
    this.drawn.clear();
    this.unfinished.clear();
    this.layout();
    if (index !== null && this.drawn.has(index)) this.focus(index);
  }

  layout() {
    const inner = this.element.clientWidth - 2 * GAP_PX;
    if (inner <= 0) return;
    const { width, height, isFixed } = this.size;
    this.columns = Math.max(1, Math.floor((inner + GAP_PX) / (width + GAP_PX)));
    this.cell = { width: isFixed ? Math.min(width, inner) : (inner - (this.columns - 1) * GAP_PX) / this.columns, height };
    this.space.style.height = `${Math.ceil(this.total / this.columns) * (height + GAP_PX) + GAP_PX}px`;
    for (const [index, element] of this.drawn) this.position(index, element);
    this.update();
  }

  soon() {
    this.isPassing = true;
    this.rest();
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.update();
    });
  }

  /** Which cards are near. */
  span() {
    const row = this.cell.height + GAP_PX;
    const first = Math.floor(this.element.scrollTop / row) - MORE_ROWS;
    const last = Math.ceil((this.element.scrollTop + this.element.clientHeight) / row) + MORE_ROWS;
    return [Math.max(0, first * this.columns), Math.min(this.total, last * this.columns)];
  }

  update() {
    if (!this.cell || !this.element.clientHeight) return;
    const [from, to] = this.span();
    for (const [index, element] of this.drawn) {
      const isKept = index === this.active && element.contains(document.activeElement);
      if ((index >= from && index < to) || isKept) continue;
      element.remove();
      this.drawn.delete(index);
      this.unfinished.delete(index);
    }
    const fresh = document.createDocumentFragment();
    for (let index = from; index < to; index += 1) {
      if (this.drawn.has(index)) continue;
      const element = this.draw(index, this.isPassing);
      this.prepare(index, element);
      this.drawn.set(index, element);
      fresh.append(element);
    }
    this.space.append(fresh);
    this.need(from, to);
  }

  prepare(index, element) {
    element.dataset.index = index;
    element.setAttribute("role", "listitem");
    element.setAttribute("aria-posinset", index + 1);
    element.setAttribute("aria-setsize", this.total);
    this.reach(element, index === this.active);
    this.position(index, element);
    this.unfinished.add(index);
    this.rest();
  }

  complete(index) {
    if (!this.unfinished.delete(index)) return;
    const element = this.drawn.get(index);
    this.finish(index, element);
    this.reach(element, index === this.active);
  }

  /** Whether Tab stops at a card: at one of all. */
  reach(element, isActive) {
    for (const button of element.querySelectorAll("button")) button.tabIndex = isActive ? 0 : -1;
  }

  position(index, element) {
    const [column, row] = [index % this.columns, Math.floor(index / this.columns)];
    const { width, height } = this.cell;
    const [left, top] = [GAP_PX + column * (width + GAP_PX), GAP_PX + row * (height + GAP_PX)];
    Object.assign(element.style, { width: `${width}px`, height: `${height}px`, transform: `translate(${left}px, ${top}px)` });
  }

  /** Draw one card anew where it is. */
  refresh(index) {
    const old = this.drawn.get(index);
    if (!old) return;
    const hadFocus = old.contains(document.activeElement);
    const element = this.draw(index, this.isPassing);
    this.prepare(index, element);
    old.replaceWith(element);
    this.drawn.set(index, element);
    if (hadFocus) this.focus(index);
  }

  // --- keyboard -----------------------------------------------------------------------------------------------------

  focused(target) {
    const place = target.closest("[data-index]");
    if (!place) return;
    const before = this.drawn.get(this.active);
    if (before && before !== place) this.reach(before, false);
    this.active = Number(place.dataset.index);
    this.complete(this.active);
    this.reach(place, true);
  }

  focus(index) {
    this.drawn.get(index)?.querySelector("button")?.focus({ preventScroll: true });
  }

  key(event) {
    const { columns, active, total } = this;
    const steps = { ArrowLeft: active - 1, ArrowRight: active + 1, ArrowUp: active - columns, ArrowDown: active + columns, Home: 0, End: total - 1 };
    const next = steps[event.key];
    if (next === undefined || next < 0 || next >= total || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const row = this.cell.height + GAP_PX;
    const top = Math.floor(next / columns) * row;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    if (top + row + GAP_PX > scrollTop + clientHeight) this.element.scrollTop = top + row + GAP_PX - clientHeight;
    this.update();
    this.focus(next);
  }
}
