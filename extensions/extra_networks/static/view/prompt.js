/* What a click on a card does to the prompts: put its text at the end, or take it out again, whatever weight it has by then. */

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const WEIGHT = "\\s*(?::\\s*[-+\\d.]+\\s*)?";

/** What finds a card's text in a prompt; `tags`: types of prompt tags that mean such a file. Null for cards without a text. */
export const finder = (card, tags) => {
  const tag = /^<([^:>]+):(.+):$/.exec(card.network);
  if (tag) {
    const types = [...new Set([tag[1], ...tags])].map(escaped).join("|");
    return new RegExp(`<(?:${types}):${escaped(tag[2])}(?::[^>]*)?>`, "g");
  }
  if (!card.network) return null;
  const word = `(?<![\\p{L}\\p{N}_])${escaped(card.network)}(?![\\p{L}\\p{N}_])`;
  return new RegExp(`\\(\\s*${word}${WEIGHT}\\)|${word}`, "giu");
};

export const isIn = (pattern, text) => {
  if (!pattern) return false;
  pattern.lastIndex = 0;
  return pattern.test(text);
};

/** The text at the end of a prompt. */
export const added = (prompt, text, separator) => (prompt && text ? `${prompt}${separator}${text}` : prompt || text);

/** The prompt without what the pattern finds; `after`: what is taken out behind it, and the separator before it. */
export const removed = (prompt, pattern, after, separator) => {
  let rest = prompt;
  for (;;) {
    pattern.lastIndex = 0;
    const found = pattern.exec(rest);
    if (!found) return rest;
    let start = found.index;
    let end = start + found[0].length;
    if (after && rest.startsWith(after, end)) end += after.length;
    if (separator && rest.slice(0, start).endsWith(separator)) start -= separator.length;
    else if (separator && start === 0 && rest.startsWith(separator, end)) end += separator.length;
    rest = rest.slice(0, start) + rest.slice(end);
  }
};

/** What stands behind the tag in a card's text, with the space before it. */
const behind = (card) => (card.network.startsWith("<") && card.prompt.includes(">") ? card.prompt.slice(card.prompt.indexOf(">") + 1) : "");

/** The negative text of a card, whatever its weight. */
const negativeFinder = (card) => {
  const inner = /^\((.*):[\d.]+\)$/s.exec(card.negative);
  return new RegExp(inner ? `\\(${escaped(inner[1])}${WEIGHT}\\)` : escaped(card.negative), "g");
};

/** Both prompts after a click: `{ prompt, neg_prompt }`; `box` is the one that the card's text belongs to. */
export const clicked = (card, tags, prompts, box, separator) => {
  const pattern = finder(card, tags);
  const isThere = isIn(pattern, prompts[box]);
  const after = { ...prompts };
  after[box] = isThere ? removed(prompts[box], pattern, behind(card), separator) : added(prompts[box], card.prompt, separator);
  if (card.negative) {
    const negative = negativeFinder(card);
    if (isThere) after.neg_prompt = removed(after.neg_prompt, negative, "", separator);
    else if (!isIn(negative, after.neg_prompt)) after.neg_prompt = added(after.neg_prompt, card.negative, separator);
  }
  return after;
};

const { paintbox } = window;
const BOXES = ["prompt", "neg_prompt"];

/** The form's prompts as they stand. */
export const read = (form) => Object.fromEntries(BOXES.map((box) => [box, paintbox.field(`${form}_${box}`)?.value ?? ""]));

/** Put texts into the prompts so that Ctrl+Z in them takes it back. */
export const write = (form, texts) => {
  for (const box of BOXES) if (box in texts) put(paintbox.field(`${form}_${box}`), texts[box]);
};

const put = (field, text) => {
  const old = field ? field.value : text;
  if (old === text) return;
  let start = 0;
  while (start < Math.min(old.length, text.length) && old[start] === text[start]) start += 1;
  let [oldEnd, newEnd] = [old.length, text.length];
  while (oldEnd > start && newEnd > start && old[oldEnd - 1] === text[newEnd - 1]) [oldEnd, newEnd] = [oldEnd - 1, newEnd - 1];
  if (!matchMedia("(pointer: coarse)").matches) {
    // the focus would bring up the keyboard of a telephone, which has no Ctrl+Z either
    const before = document.activeElement;
    field.dataset.filling = "yes";
    field.focus({ preventScroll: true });
    field.setSelectionRange(start, oldEnd);
    const piece = text.slice(start, newEnd);
    document.execCommand(piece ? "insertText" : "delete", false, piece);
    before?.focus?.({ preventScroll: true });
    delete field.dataset.filling;
  }
  if (field.value !== text) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};
