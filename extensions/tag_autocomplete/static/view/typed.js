/* What is being typed: the part of a prompt in front of the cursor that a completion would take the place of. */

const PLAIN = /(?:\\.|[^\\,\n()[\]{}|<>$])*$/;
const WEIGHT = /:\s*-?[\d.]*\s*$/;
const MOST_WORDS = 4;
const SHORTEST_WORD = 3;
const LONGEST = 100;
const CLOSERS = /^\s*[,:)\]}|>.;]/;

/**
 * Text in front of the cursor -> { kind, tries: [{ text, start }] }; null where nothing is to be completed.
 *
 * `kind`: "tag" (behind "<"), "wildcard" (behind "__"), "plain". `tries` are what to look for, one after the other: all that was typed
 * since the last comma or bracket, then its last words.
 */
export const typedBefore = (before) => {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const offset = before.length - line.length;
  const open = line.lastIndexOf("<");
  if (open >= 0 && !line.slice(open).includes(">")) {
    const text = line.slice(open);
    return text.length <= LONGEST ? { kind: "tag", tries: [{ text, start: offset + open }] } : null;
  }
  const marks = line.split("__");
  const name = marks[marks.length - 1];
  if (marks.length % 2 === 0 && !/[\s,]$/.test(name) && !/[,{}|]/.test(name) && !name.startsWith(" ")) {
    return { kind: "wildcard", tries: [{ text: name, start: before.length - name.length - 2 }] };
  }
  return plain(before);
};

const plain = (before) => {
  const found = PLAIN.exec(before.slice(-4 * LONGEST))[0];
  const text = found.trimStart();
  if (!text || WEIGHT.test(text) || text.length > 3 * LONGEST) return null;
  const start = before.length - text.length;
  const words = [...text.matchAll(/\S+/g)];
  const tries = words.length <= MOST_WORDS && text.length <= LONGEST ? [{ text, start, whole: true }] : [];
  const later = text.lastIndexOf(":");
  if (later >= 0) tries.push({ text: text.slice(later + 1).trimStart(), start: before.length - text.slice(later + 1).trimStart().length });
  for (const count of [2, 1]) {
    if (words.length <= count) continue;
    const place = words[words.length - count].index;
    if (text.length - place >= SHORTEST_WORD + count - 1) tries.push({ text: text.slice(place), start: start + place });
  }
  return { kind: "plain", tries: tries.filter(({ text: wanted }) => wanted.trim()) };
};

/** Tags like ^_^ and o_o are faces: their underscores stay. */
const isFace = (tag) => !/[\p{L}\p{N}]{2}/u.test(tag);

/** A tag as it stands in a prompt. */
export const written = (tag, { replaces_underscores: spaces, escapes_parentheses: escapes }) => {
  const named = spaces && !isFace(tag) ? tag.replaceAll("_", " ") : tag;
  return escapes ? named.replace(/[()]/g, "\\$&") : named;
};

/** What goes behind an inserted text, before `after`. */
export const separator = (after, isWanted) => (!isWanted || CLOSERS.test(after) ? "" : /^\s/.test(after) ? "," : ", ");
