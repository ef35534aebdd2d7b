/* Replaces the page's English texts by those of a table (`window.localization`), now and whenever something is drawn; only loaded with one. */
"use strict";

(() => {
  const { localization: table, localizationName: name } = window;
  const ATTRIBUTES = ["title", "placeholder", "aria-label"];
  /* what belongs to users, or is code: prompts, names, metadata. The page marks such places with translate="no" */
  const OWN = '[translate="no"], .notranslate, code, pre, script, style, [role="listbox"], [contenteditable="true"]';
  const NO_TEXT = `${OWN}, textarea`;
  const HOLE = "{}";
  const LEAST_LETTERS = 4;
  const NO_WORDS = /^[\s\d.,:;%×+\-/()[\]#•|]*$/;

  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const template = ([english, translated]) => {
    const parts = english.split(HOLE);
    return {
      first: parts[0],
      last: parts[parts.length - 1],
      pattern: new RegExp(`^${parts.map(escaped).join("([\\s\\S]+?)")}$`),
      translated,
    };
  };
  const hasWords = (english) => english.replace(/[^A-Za-z]/g, "").length >= LEAST_LETTERS;
  const exact = new Map(Object.entries(table).filter(([, words]) => typeof words === "string"));
  const templates = [...exact].filter(([english]) => english.includes(HOLE) && hasWords(english)).map(template);
  templates.sort((one, other) => other.first.length + other.last.length - one.first.length - one.last.length);

  /** Values of a template: in their order for {}, by number for {0}. */
  const filled = (translated, values) => {
    let next = 0;
    return translated.replace(/\{(\d*)\}/g, (hole, number) => values[number === "" ? next++ : Number(number)] ?? hole);
  };

  const found = new Map();
  const look = (words) => {
    const known = exact.get(words);
    if (known !== undefined) return known;
    for (const { first, last, pattern, translated } of templates) {
      if (!words.startsWith(first) || !words.endsWith(last)) continue;
      const values = pattern.exec(words);
      if (values) return filled(translated, values.slice(1).map((value) => exact.get(value) ?? value));
    }
    return words;
  };

  /** The text in the chosen language; itself where the table has none. Spaces around it stay. */
  const translate = (text) => {
    const words = text.trim();
    if (words === "" || NO_WORDS.test(words)) return text;
    const known = exact.get(words);
    if (known === undefined && !found.has(words)) {
      if (found.size > 5000) found.clear();
      found.set(words, look(words));
    }
    return text.replace(words, () => known ?? found.get(words));
  };

  const done = new WeakMap();
  const showText = (node) => {
    if (done.get(node) === node.data || !node.parentElement || node.parentElement.closest(NO_TEXT)) return;
    const words = translate(node.data);
    done.set(node, words);
    if (words !== node.data) node.data = words;
  };
  const showAttributes = (element) => {
    let isOwn;
    for (const attribute of ATTRIBUTES) {
      const text = element.getAttribute(attribute);
      if (!text) continue;
      isOwn ??= Boolean(element.closest(OWN));
      if (isOwn) return;
      const words = translate(text);
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
  window.paintbox.translate = translate;
  new MutationObserver(seen).observe(documentElement, {
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ATTRIBUTES,
    subtree: true,
  });
  showAll(document.body);
})();
