/* The index that completions are looked up in: tags of CSV files, and whatever else is offered. It knows no page, and runs in a worker. */

const SHORTEST_ANYWHERE = 3;
const MOST_OFFERS = 4;
const LINE = 10; // "\n"
const isWordSign = (code) => (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;

const oneLine = (text) => (text || "").replace(/\s*\n\s*/g, " ").trim();

/** Both sides of a comparison: small letters, spaces for underscores, no escapes. */
const folded = (text) => text.toLowerCase().replaceAll("_", " ").replaceAll("\\", "");

/** Rows of a CSV text: fields may stand in quotes. */
export function* rowsOf(text) {
  let row = [];
  let place = 0;
  while (place < text.length) {
    let field = "";
    if (text[place] === '"') {
      let end = place + 1;
      for (;;) {
        const quote = text.indexOf('"', end);
        const stop = quote < 0 ? text.length : quote;
        field += text.slice(end, stop);
        end = stop + 1;
        if (text[end] !== '"') break;
        field += '"';
        end += 1;
      }
      place = end;
    } else {
      const start = place;
      while (place < text.length && text[place] !== "," && text[place] !== "\n") place += 1;
      field = text.slice(start, place).replace(/\r$/, "");
    }
    while (place < text.length && text[place] !== "," && text[place] !== "\n") place += 1;
    row.push(field);
    if (text[place] !== ",") {
      yield row;
      row = [];
    }
    place += 1;
  }
  if (row.length) yield row;
}

/** Tags in the order of their counts; a text of all names and aliases, one a line, in which letters are looked for. */
export class TagIndex {
  constructor(texts) {
    const tags = [];
    const known = new Set();
    for (const text of texts) {
      for (const [name, category, count, aliases] of rowsOf(text.replace(/^\uFEFF/, ""))) {
        const tag = oneLine(name);
        if (!tag || known.has(tag) || tag.length > 300) continue;
        known.add(tag);
        tags.push({ tag, category: Number.parseInt(category, 10) || 0, count: Number.parseInt(count, 10) || 0, aliases: aliases || "" });
      }
    }
    tags.sort((one, other) => other.count - one.count);
    this.tags = tags;
    this.lay();
  }

  lay() {
    const lines = [];
    this.owners = [];
    this.tags.forEach(({ tag, aliases }, number) => {
      lines.push(tag);
      this.owners.push(number);
      for (const alias of aliases ? aliases.split(",") : []) {
        const name = oneLine(alias);
        if (!name) continue;
        lines.push(name);
        this.owners.push(-number - 1); // an alias
      }
    });
    this.lines = lines;
    this.text = `\n${lines.join("\n")}\n`.toLowerCase().replaceAll("_", " ");
    this.starts = new Uint32Array(lines.length);
    let place = 0;
    for (let line = 0; line < lines.length; line += 1) {
      this.starts[line] = place + 1;
      place = this.text.indexOf("\n", place + 1);
    }
  }

  lineAt(place) {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The best matches of a folded text: what begins with it, then what has a word that does, then what has it anywhere. */
  find(wanted, most, isWhole = true) {
    const found = new Map();
    const take = (place) => {
      const line = this.lineAt(place);
      const owner = this.owners[line];
      const number = owner < 0 ? -owner - 1 : owner;
      if (!found.has(number)) found.set(number, { ...this.tags[number], alias: owner < 0 ? this.lines[line] : "" });
    };
    const exact = this.text.indexOf(`\n${wanted}\n`);
    if (exact >= 0) take(exact + 1);
    for (let place = this.text.indexOf(`\n${wanted}`); place >= 0 && found.size < most; place = this.text.indexOf(`\n${wanted}`, place + 1)) {
      take(place + 1);
    }
    if (isWhole && found.size < most && wanted.length >= 2) this.findInside(wanted, most, found, take);
    return [...found.values()].slice(0, most);
  }

  findInside(wanted, most, found, take) {
    const anywhere = [];
    for (let place = this.text.indexOf(wanted); place >= 0 && found.size < most; place = this.text.indexOf(wanted, place + 1)) {
      const before = this.text.charCodeAt(place - 1);
      if (before === LINE) continue;
      if (!isWordSign(before)) take(place);
      else if (anywhere.length < most) anywhere.push(place);
    }
    if (wanted.length < SHORTEST_ANYWHERE) return;
    for (const place of anywhere) if (found.size < most) take(place);
  }
}

/** Everything that is no tag of a file: (text, insert, kind, opening, insert in negative prompts). */
export class Offers {
  constructor(listed) {
    this.listed = listed.map(([text, insert, kind, opening, negative]) => ({ text, insert, kind, opening, negative, folded: folded(text) }));
  }

  find(wanted, most, fits) {
    const ranked = [[], [], []];
    for (const offer of this.listed) {
      if (!fits(offer)) continue;
      const place = offer.folded.indexOf(wanted);
      if (place < 0) continue;
      const rank = place === 0 ? 0 : isWordSign(offer.folded.charCodeAt(place - 1)) ? 2 : 1;
      if (ranked[rank].length < most) ranked[rank].push(offer);
    }
    return ranked.flat().slice(0, most);
  }

  /** Behind "<": a type of tags that is being typed, a name of this type, or any name. */
  tags(text, most) {
    const small = text.toLowerCase();
    const begun = this.listed.find(({ opening }) => opening.startsWith("<") && small.startsWith(opening.toLowerCase()));
    if (begun) {
      const opening = begun.opening;
      return this.find(folded(text.slice(opening.length).replace(/:.*$/, "")), most, (offer) => offer.opening === opening);
    }
    const isType = (offer) => offer.opening.length > 1 && offer.opening.startsWith(small);
    const typed = this.find("", most, isType);
    const named = small.length > 1 ? this.find(folded(small.slice(1)), most, (offer) => offer.opening.startsWith("<") && !isType(offer)) : [];
    return [...typed, ...named].slice(0, most);
  }

  wildcards(text, most) {
    return this.find(folded(text), most, ({ opening }) => opening === "__");
  }

  plain(text, most) {
    return text.length < 2 ? [] : this.find(text, Math.min(most, MOST_OFFERS), ({ opening }) => opening !== "__");
  }
}

/** The rows to show for what was typed, and where the part begins that they take the place of. */
export const lookUp = ({ kind, tries }, most, tags, offers) => {
  if (kind !== "plain") {
    const [{ text, start }] = tries;
    return { start, rows: kind === "tag" ? offers.tags(text, most) : offers.wildcards(text, most) };
  }
  for (const { text, start, whole } of tries) {
    const wanted = folded(text);
    const other = offers.plain(wanted, most);
    const rows = [...other, ...tags.find(wanted, most - other.length, Boolean(whole))];
    if (rows.length) return { start, rows };
  }
  return { start: 0, rows: [] };
};
