/* The forms of keys that tables for A1111 have beside plain texts: regular expressions ("@@/^Page (\\d+)$/"), and places ("##tab_ti##Train"). */
"use strict";

(() => {
  const { paintbox } = window;
  const EXPRESSION = "@@";
  const SCOPED = /^##(.+?)##([\s\S]+)$/;
  const LONGEST = 400; // of texts that expressions are tried on: somebody else's expression must not hold the page up

  /** "/.../flags", or a text that is found as it is; null for what is no expression. */
  const expression = (source) => {
    const slash = source.lastIndexOf("/");
    try {
      if (source.startsWith("/") && slash > 0) return new RegExp(source.slice(1, slash), source.slice(slash + 1).replace(/[gy]/g, ""));
      return new RegExp(source.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    } catch (error) {
      console.warn(`A key of the localization is no regular expression: ${source}`);
      return null;
    }
  };

  /** Takes apart `entries` of [key, translated]: `patterns` of [RegExp, translated], and `scoped`: text -> [{id, translated}]. */
  paintbox.localizedForms = (entries) => {
    const patterns = [];
    const scoped = new Map();
    for (const [key, translated] of entries) {
      const found = key.startsWith(EXPRESSION) && expression(key.slice(EXPRESSION.length).trim());
      if (found) patterns.push([found, translated]);
      const [, id, words] = SCOPED.exec(key) || [];
      if (id) scoped.set(words.trim(), [...(scoped.get(words.trim()) || []), { id: id.replace(/^#/, ""), translated }]);
    }
    return { patterns, scoped };
  };

  /** What the first fitting expression makes of the words, or null. */
  paintbox.byPattern = (patterns, words) => {
    if (words.length > LONGEST) return null;
    const [fitting, translated] = patterns.find(([pattern]) => pattern.test(words)) || [];
    return fitting ? words.replace(fitting, translated) : null;
  };
})();
