/* Replaces the page's English texts by those of a table (`window.localization`), now and whenever something is drawn; only loaded with one. */
"use strict";

(() => {
  const { localization: table, localizationName: name } = window;
  const ATTRIBUTES = ["title", "placeholder", "aria-label", "alt", "data-label"]; // the last is a heading that style sheets draw
  /* what belongs to users, or is code: prompts, names, metadata. The page marks such places with translate="no"; inside of them "yes" ends it */
  const CODE = "code, pre, script, style";
  const NAMED = `${CODE}, [role="listbox"]`; // their names are ours
  const USERS = '.infotext, .token, .caption-label, [role="listbox"], [contenteditable="true"]';
  const OWN = `[translate], .notranslate, ${CODE}, ${USERS}`;
  const HOLE = "{}";
  const LEAST_LETTERS = 4;
  const LEAST_LETTERS_BEHIND = 8; // where a text begins with a value, so that nobody's own words look like it; shorter ones want known values
  const DEEPEST = 2;
  const NO_WORDS = /^[\s\d.,:;%×+\-/()[\]#•|]*$/;

  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const template = ([english, translated]) => {
    const parts = english.split(HOLE);
    return {
      first: parts[0],
      last: parts[parts.length - 1],
      isLong: isLong(english),
      letters: letters(english),
      pattern: new RegExp(`^${parts.map(escaped).join("([\\s\\S]+?)")}$`),
      translated,
    };
  };
  const letters = (english) => english.replace(/[^A-Za-z]/g, "").length;
  const isLong = (english) => letters(english) >= (english.startsWith(HOLE) ? LEAST_LETTERS_BEHIND : LEAST_LETTERS);
  const entries = Object.entries(table).filter(([, words]) => typeof words === "string");
  const exact = new Map(entries.map(([english, words]) => [english.trim(), words]));
  const { patterns, scoped } = window.paintbox.localizedForms(entries);
  /* words that mean something else in some places: the key "axis|Nothing" counts inside of data-context="axis" */
  const ambiguous = new Set([...exact.keys()].flatMap((key) => key.match(/^[a-z_]+\|(.+)$/s)?.[1] ?? []));
  const inContext = (words, element) => {
    const places = element && scoped.get(words);
    const place = places && places.find(({ id }) => element.closest(`[id="${CSS.escape(id)}"]`));
    if (place) return place.translated;
    if (!element || !ambiguous.has(words)) return undefined;
    return exact.get(`${element.closest("[data-context]")?.dataset.context}|${words}`);
  };
  const templates = [...exact].filter(([english]) => english.includes(HOLE) && letters(english) > 1).map(template);
  templates.sort((one, other) => other.letters - one.letters); // those that say most come first

  const KEYED = /^(\w+: )(.+)$/s; // "CLIP_stop_at_last_layers: Clip skip"

  /** Values of a template: in their order for {}, by number for {0}. */
  const filled = (translated, values) => {
    let next = 0;
    return translated.replace(/\{(\d*)\}/g, (hole, number) => values[number === "" ? next++ : Number(number)] ?? hole);
  };

  const found = new Map();
  const isKnown = (value) => NO_WORDS.test(value) || exact.has(value);
  /** A value in a text: a known word, several of them, or a sentence of its own. */
  const value = (words, depth) => {
    const parts = words.split(", ");
    if (parts.every(isKnown)) return parts.map((part) => exact.get(part) ?? part).join(", ");
    return (depth < DEEPEST && words.includes(" ") ? look(words, depth + 1) : null) ?? words;
  };
  /** The translation, or null. */
  const look = (words, depth = 0) => {
    const known = exact.get(words);
    if (known !== undefined) return known;
    for (const { first, last, pattern, translated, isLong: isCertain } of templates) {
      if (!words.startsWith(first) || !words.endsWith(last)) continue;
      const values = pattern.exec(words)?.slice(1);
      if (values && (isCertain || values.every(isKnown))) return filled(translated, values.map((each) => value(each, depth)));
    }
    const key = KEYED.exec(words);
    if (key && exact.has(key[2])) return key[1] + exact.get(key[2]);
    return window.paintbox.byPattern(patterns, words);
  };

  /** Several sentences, such as an error and what to do about it, one by one. */
  const SENTENCES = /(?<=[.!?…]) (?=[A-Z'"`])/;
  const lookAll = (words) => {
    const sentences = words.split(SENTENCES);
    const each = sentences.map((sentence) => look(sentence));
    if (sentences.length > 1 && !each.includes(null)) return each.join(" ");
    return look(words) ?? each.map((translated, number) => translated ?? sentences[number]).join(" ");
  };

  /** The text in the chosen language, as the place `element` means it; itself where the table has none. Spaces around it stay. */
  const translate = (text, element = null) => {
    const words = text.trim();
    if (words === "" || NO_WORDS.test(words)) return text;
    const known = inContext(words, element) ?? exact.get(words);
    if (known === undefined && !found.has(words)) {
      if (found.size > 5000) found.clear();
      found.set(words, lookAll(words));
    }
    return text.replace(words, () => known ?? found.get(words));
  };

  const isOwn = (element) => {
    const nearest = element.closest(OWN);
    return Boolean(nearest) && nearest.getAttribute("translate") !== "yes";
  };

  const done = new WeakMap();
  const showText = (node) => {
    const { parentElement } = node;
    if (done.get(node) === node.data || !parentElement || parentElement.tagName === "TEXTAREA" || isOwn(parentElement)) return;
    const words = translate(node.data, parentElement);
    done.set(node, words);
    if (words !== node.data) node.data = words;
  };
  const showAttributes = (element) => {
    let isUsers;
    for (const attribute of ATTRIBUTES) {
      const text = element.getAttribute(attribute);
      if (!text) continue;
      isUsers ??= isOwn(element.matches(NAMED) ? element.parentElement : element);
      if (isUsers) return;
      const words = translate(text, element);
      if (words !== text) element.setAttribute(attribute, words);
    }
  };
  const showAll = (root) => {
    if (root.nodeType === Node.TEXT_NODE) showText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = root; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) showText(node);
      else showAttributes(node);
    }
  };

  const seen = (records) => {
    for (const record of records) {
      if (record.type === "characterData") showText(record.target);
      else if (record.type === "attributes") showAttributes(record.target);
      else record.addedNodes.forEach(showAll);
    }
  };

  const { documentElement } = document;
  if (/^[a-z]{2,3}([-_][A-Za-z]+)*$/.test(name)) documentElement.lang = name.replaceAll("_", "-");
  if (table.rtl === true) documentElement.dir = "rtl";
  window.paintbox.translate = (text) => translate(text);
  new MutationObserver(seen).observe(documentElement, {
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ATTRIBUTES,
    subtree: true,
  });
  showAll(document.body);
})();
