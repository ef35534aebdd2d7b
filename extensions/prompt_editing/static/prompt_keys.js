/* The keys: what they change goes into the box like typing, so that undo takes it back. */
"use strict";

(() => {
  const { paintbox } = window;
  const rules = paintbox.promptEditing;
  const BOXES = "[id$='_prompt'] textarea, textarea[data-prompt]";
  const WHITESPACE = { Tab: "\t", "Carriage Return": "\r", "Line Feed": "\n" };

  const options = () => {
    const whitespace = paintbox.setting("keyedit_delimiters_whitespace", Object.keys(WHITESPACE));
    return {
      attention: paintbox.setting("keyedit_precision_attention", 0.1),
      extra: paintbox.setting("keyedit_precision_extra", 0.05),
      delimiters: paintbox.setting("keyedit_delimiters", ".,\\/!?%^*;:{}=`~() ") + whitespace.map((name) => WHITESPACE[name]).join(""),
    };
  };

  /** Type what differs over what stands there. */
  const type = (box, { text, start, end }) => {
    const old = box.value;
    let begin = 0;
    while (begin < old.length && begin < text.length && old[begin] === text[begin]) begin += 1;
    let same = 0;
    while (same < Math.min(old.length, text.length) - begin && old[old.length - 1 - same] === text[text.length - 1 - same]) same += 1;
    const words = text.slice(begin, text.length - same);
    box.setSelectionRange(begin, old.length - same);
    const isTyped = words ? document.execCommand("insertText", false, words) : document.execCommand("delete");
    if (!isTyped || box.value !== text) {
      box.value = text;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    box.setSelectionRange(start, end);
  };

  const change = (event, box) => {
    const { selectionStart: start, selectionEnd: end, value } = box;
    const isWeight = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (isWeight && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      return { result: rules.weigh(value, start, end, event.key === "ArrowUp" ? 1 : -1, options()) };
    }
    const isMove = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && paintbox.setting("keyedit_move", true);
    if (isMove && ["ArrowLeft", "ArrowRight"].includes(event.key)) return { result: rules.move(value, start, end, event.key === "ArrowRight" ? 1 : -1) };
    return null;
  };

  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.defaultPrevented || event.isComposing || !box.matches || !box.matches(BOXES) || box.readOnly) return;
    const wanted = change(event, box);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.result) type(box, wanted.result);
  });
})();
