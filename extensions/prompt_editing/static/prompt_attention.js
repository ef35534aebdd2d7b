/* How the weight of words in a prompt is changed: texts in, texts out. */
"use strict";

(() => {
  const { paintbox } = window;
  const editing = (paintbox.promptEditing = {});
  const PAIRS = [["<", ">"], ["(", ")"], ["[", "]"]];
  const OLD_STEP = 1.1;
  const DIGITS = 12;
  const WEIGHT = /^\s*-?(?:\d+\.?\d*|\.\d+)\s*$/;

  const isEscaped = (text, place) => {
    let slashes = 0;
    while (text[place - 1 - slashes] === "\\") slashes += 1;
    return slashes % 2 === 1;
  };

  /** The innermost pair around a range: places of its brackets, or null. */
  const enclosing = (text, start, end, [open, close]) => {
    let depth = 0;
    let begin = -1;
    for (let place = start - 1; place >= 0 && begin < 0; place -= 1) {
      if (isEscaped(text, place)) continue;
      if (text[place] === close) depth += 1;
      else if (text[place] === open && depth > 0) depth -= 1;
      else if (text[place] === open) begin = place;
    }
    depth = 0;
    for (let place = end; begin >= 0 && place < text.length; place += 1) {
      if (isEscaped(text, place)) continue;
      if (text[place] === open) depth += 1;
      else if (text[place] === close && depth > 0) depth -= 1;
      else if (text[place] === close) return { begin, finish: place };
    }
    return null;
  };

  const rounded = (weight) => Number.parseFloat(weight.toPrecision(DIGITS));
  const written = (weight) => (Number.isInteger(weight) ? `${weight}.0` : String(weight));

  /** A text in a pair of brackets -> its words and its weight; null for a weight that is none. */
  const weighed = (inner, kind) => {
    const colon = inner.lastIndexOf(":");
    const hasWeight = colon >= 0 && WEIGHT.test(inner.slice(colon + 1)) && (kind !== "<" || inner.indexOf(":") < colon);
    return hasWeight ? { words: inner.slice(0, colon), weight: Number.parseFloat(inner.slice(colon + 1)) } : { words: inner, weight: null };
  };

  /** The old form: how many brackets of one kind stand directly around each other. */
  const layers = (text, pair, kind) => {
    let { begin, finish } = pair;
    let count = 1;
    const [open, close] = PAIRS.find(([sign]) => sign === kind);
    while (text[begin - 1] === open && text[finish + 1] === close && !isEscaped(text, begin - 1)) {
      begin -= 1;
      finish += 1;
      count += 1;
    }
    return { begin, finish, count };
  };

  /** The word at a place: its borders. */
  const wordAt = (text, place, delimiters) => {
    let [start, end] = [place, place];
    while (start > 0 && !delimiters.includes(text[start - 1])) start -= 1;
    while (end < text.length && !delimiters.includes(text[end])) end += 1;
    return { start, end };
  };

  const replaced = (text, begin, finish, words, weight, brackets) => {
    const isBare = weight === 1 && brackets[0] === "(";
    const inside = isBare ? words : `${brackets[0]}${words}:${written(weight)}${brackets[1]}`;
    const start = begin + (isBare ? 0 : 1);
    return { text: text.slice(0, begin) + inside + text.slice(finish), start, end: start + words.length };
  };

  const inPair = (text, pair, kind, sign, options) => {
    const found = weighed(text.slice(pair.begin + 1, pair.finish), kind);
    if (kind === "<") {
      const weight = rounded((found.weight === null ? 1 : found.weight) + sign * options.extra);
      return replaced(text, pair.begin, pair.finish + 1, found.words, weight, ["<", ">"]);
    }
    if (kind === "[" && found.weight !== null) return null; // prompt editing: [words:0.5] says when, not how much
    const { begin, finish, count } = found.weight === null ? layers(text, pair, kind) : { ...pair, count: 0 };
    const old = kind === "[" ? OLD_STEP ** -count : OLD_STEP ** count;
    const before = found.weight === null ? Number.parseFloat(old.toFixed(2)) : found.weight;
    return replaced(text, begin, finish + 1, found.words, rounded(before + sign * options.attention), ["(", ")"]);
  };

  /**
   * The text with the weight at the selection changed by one step up (`sign` 1) or down (-1), and its new selection; null when there is
   * nothing to weigh. `options`: `attention` and `extra` (steps), `delimiters` (characters that end a word).
   */
  editing.weigh = (text, start, end, sign, options) => {
    if (start === end) {
      for (const signs of PAIRS) {
        const pair = enclosing(text, start, end, signs);
        const change = pair && (signs[0] !== "[" || !/[:|]/.test(text.slice(pair.begin, pair.finish))) && inPair(text, pair, signs[0], sign, options);
        if (change) return change;
      }
      ({ start, end } = wordAt(text, start, options.delimiters));
    } else {
      const kind = PAIRS.find(([open]) => text[start - 1] === open && !isEscaped(text, start - 1));
      const pair = kind && enclosing(text, start, end, kind);
      const inner = pair && pair.begin === start - 1 && weighed(text.slice(pair.begin + 1, pair.finish), kind[0]);
      if (inner && inner.words.length === end - start) {
        const change = inPair(text, pair, kind[0], sign, options);
        if (change) return change;
      }
    }
    while (end > start && /\s/.test(text[end - 1])) end -= 1;
    while (start < end && /\s/.test(text[start])) start += 1;
    if (start === end) return null;
    return replaced(text, start, end, text.slice(start, end), rounded(1 + sign * options.attention), ["(", ")"]);
  };
})();
