/* Completion of what is typed into prompt boxes: hears the keys, asks the worker, and inserts what is taken. */

import { CompletionList } from "./list.js";
import { separator, typedBefore, written } from "./typed.js";

const { paintbox } = window;
const ROUTE = "paintbox/v1/autocomplete";
const FRESH_MS = 20_000;
const WITHOUT_COMMA = new Set(["__", "<"]);

export class Completion {
  constructor(boxes) {
    this.boxes = boxes;
    this.behaviour = { active: true, most: 10 };
    this.number = 0;
    this.asked = null; // what the worker was asked last
    this.shown = null; // what the open list is the answer to: more may have been typed since
    this.lookedAt = -Infinity;
    this.isInserting = false;
    this.inserted = null; // the box and the range that the last insertion took the place of
    this.isEditing = false; // a key with Ctrl or Alt changes the text: weights, moved tags
    this.list = new CompletionList((row) => this.insert(row));
    this.worker = new Worker(paintbox.address("paintbox/assets/tag_autocomplete/view/worker.js"), { type: "module" });
    this.worker.addEventListener("message", ({ data }) => this.answered(data));
    document.addEventListener("input", (event) => this.typed(event), true);
    document.addEventListener("compositionend", (event) => this.look(event.target), true);
    window.addEventListener("keydown", (event) => this.pressed(event), true);
    document.addEventListener("pointerdown", ({ target }) => this.list.list.contains(target) || this.close(), true);
    document.addEventListener("focusout", ({ target }) => target === this.list.box && this.close(), true);
    window.addEventListener("resize", () => this.close());
    document.addEventListener("scroll", ({ target }) => target !== this.list.list && target !== this.list.box && this.close(), true);
  }

  // --- what there is ------------------------------------------------------------------------------------------------

  /** Ask the server now and then what there is: files come and go. */
  async refresh() {
    if (performance.now() - this.lookedAt < FRESH_MS) return;
    this.lookedAt = performance.now();
    try {
      const { behaviour, files, offers } = await paintbox.request("GET", ROUTE);
      this.behaviour = behaviour;
      const addresses = files.map(({ name, version }) => paintbox.address(`${ROUTE}/tags?file=${encodeURIComponent(name)}&v=${version}`));
      this.worker.postMessage({ addresses, version: JSON.stringify(files), listed: offers });
    } catch (error) {
      console.warn(`What can be completed could not be read: ${error.message}`);
    }
  }

  // --- keys ---------------------------------------------------------------------------------------------------------

  typed(event) {
    const { target } = event;
    if (!event.isTrusted || this.isInserting || !target.matches || !target.matches(this.boxes)) return;
    if (event.isComposing) return;
    if (event.inputType === "historyUndo") this.unselect(target);
    if (this.isEditing) this.close();
    else this.look(target);
  }

  /** The browser's undo selects what an insertion had taken the place of: the next letter would replace it. */
  unselect(box) {
    const last = this.inserted;
    if (last && last.box === box && box.selectionStart === last.start && box.selectionEnd === last.end) box.setSelectionRange(last.end, last.end);
  }

  look(box) {
    if (!box.matches || !box.matches(this.boxes)) return;
    this.refresh();
    const typed = this.behaviour.active && box.selectionStart === box.selectionEnd ? typedBefore(box.value.slice(0, box.selectionEnd)) : null;
    if (!typed || !typed.tries.length) {
      this.close();
      return;
    }
    this.number += 1;
    this.asked = { number: this.number, box, value: box.value, end: box.selectionEnd, typed };
    this.worker.postMessage({ number: this.number, typed, most: this.behaviour.most });
  }

  answered(data) {
    const { asked } = this;
    if (data.ready) {
      if (data.problem) console.warn(`The tags could not be read: ${data.problem}`);
      if (asked && asked.box === document.activeElement && asked.box.value === asked.value) this.look(asked.box);
      return;
    }
    if (!asked || data.number !== asked.number) return;
    const { box, end } = asked;
    if (box !== document.activeElement || box.value !== asked.value || box.selectionEnd !== end) return;
    const rows = data.rows.filter((row) => this.textOf(row, box) !== asked.value.slice(data.start, end));
    if (!rows.length) {
      this.list.close();
      return;
    }
    this.shown = { box, start: data.start, before: asked.value.slice(0, end) };
    this.list.open(box, rows, data.start);
  }

  pressed(event) {
    this.isEditing = event.ctrlKey || event.altKey || event.metaKey;
    if (!this.list.isOpen || event.isComposing || event.keyCode === 229 || event.target !== this.list.box) return;
    if (this.isEditing || event.shiftKey) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") this.list.move(key === "ArrowDown" ? 1 : -1);
    else if (key === "Escape") this.close();
    else if (key === "Tab") this.insert(this.list.rows[Math.max(0, this.list.at)]);
    else if (key === "Enter" && this.list.at >= 0) this.insert(this.list.rows[this.list.at]);
    else {
      if (["ArrowLeft", "ArrowRight", "Home", "End", "Enter"].includes(key)) this.close();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  close() {
    this.asked = null;
    this.list.close();
  }

  // --- what is taken ------------------------------------------------------------------------------------------------

  textOf(row, box) {
    if (row.tag !== undefined) return written(row.tag, this.behaviour);
    const isNegative = Boolean(box.closest('[id$="neg_prompt"]'));
    return isNegative && row.negative !== null ? row.negative : row.insert;
  }

  insert(row) {
    if (!this.list.isOpen || !row) return;
    const { box, start, before } = this.shown;
    const end = box.selectionEnd;
    if (end < before.length || !box.value.startsWith(before)) {
      this.close();
      return;
    }
    const text = this.textOf(row, box);
    let after = box.value.slice(end);
    let stop = end;
    const closing = row.opening === "__" ? "__" : row.opening ? ">" : "";
    if (closing && after.startsWith(closing)) {
      stop += closing.length;
      after = after.slice(closing.length);
    }
    const isWanted = this.behaviour.appends_comma && text && !(row.opening && WITHOUT_COMMA.has(row.opening.slice(0, 2).replace(/^<.*/, "<")));
    this.close();
    this.replace(box, start, stop, text + separator(after, isWanted));
  }

  /** As if it was typed, so that the browser's undo takes it back. */
  replace(box, start, end, text) {
    this.isInserting = true;
    this.inserted = { box, start, end };
    try {
      box.focus();
      box.setSelectionRange(start, end);
      const isDone = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
      if (!isDone) {
        box.setRangeText(text, start, end, "end");
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
    } finally {
      this.isInserting = false;
    }
  }
}
