/* How elements of a prompt change places between the commas: texts in, texts out. */
"use strict";

(() => {
  const { paintbox } = window;
  const OPEN = "([{<";
  const CLOSE = ")]}>";

  /** The stretches between commas and line ends that stand in no brackets: their borders without spaces. */
  const elements = (text) => {
    const found = [];
    let depth = 0;
    let begin = 0;
    const add = (finish) => {
      const part = text.slice(begin, finish);
      const start = begin + part.length - part.trimStart().length;
      if (part.trim()) found.push({ start, end: start + part.trim().length });
      begin = finish + 1;
    };
    for (let place = 0; place < text.length; place += 1) {
      const sign = text[place];
      if (sign === "\\") place += 1;
      else if (OPEN.includes(sign)) depth += 1;
      else if (CLOSE.includes(sign)) depth = Math.max(0, depth - 1);
      else if ((sign === "," || sign === "\n") && depth === 0) add(place);
    }
    add(text.length);
    return found;
  };

  /** The text with the selected elements one place further (`by` 1 or -1), and its new selection; null when there is no place. */
  paintbox.promptEditing.move = (text, start, end, by) => {
    const all = elements(text);
    const first = all.findIndex((each) => each.end >= start);
    let last = first;
    while (last >= 0 && last + 1 < all.length && all[last + 1].start < end) last += 1;
    if (first < 0 || all[first].start > end) return null;
    const neighbour = all[by < 0 ? first - 1 : last + 1];
    if (!neighbour) return null;
    const group = { start: all[first].start, end: all[last].end };
    const [left, right] = by < 0 ? [neighbour, group] : [group, neighbour];
    const part = ({ start: from, end: to }) => text.slice(from, to);
    const between = text.slice(left.end, right.start);
    const swapped = text.slice(0, left.start) + part(right) + between + part(left) + text.slice(right.end);
    const shift = by < 0 ? left.start - group.start : part(right).length + between.length;
    return { text: swapped, start: start + shift, end: end + shift };
  };
})();
