/* A prompt of tags drawn by chance from those of a network's training, the more often the more often they were there. */

const { make } = window.paintbox;

/** `words`: [[tag, count], ...], the commonest first, which always comes; `random()` from 0 to below 1. Brackets mean nothing in it. */
export const randomPrompt = (words, random = Math.random) => {
  const most = words[0]?.[1] ?? 0;
  const drawn = words.filter(([, count]) => random() * most < count).map(([word]) => word.replace(/[()[\]{}]/g, "\\$&"));
  return drawn.sort().join(", ");
};

/** The part of the dialog; `take(text)` puts it into the prompt. */
export const randomPromptPart = (id, words, take) => {
  const field = make("textarea", { id: `${id}_random_prompt`, rows: "3", readonly: true, spellcheck: "false" });
  const use = make("button", { type: "button", disabled: true, onclick: () => take(field.value) }, "To the prompt");
  const draw = () => {
    field.value = randomPrompt(words);
    use.disabled = false;
  };
  const generate = make("button", { type: "button", id: `${id}_random_prompt_generate`, title: "Of the tags of the training, by how often they were there", onclick: draw }, "Generate");
  return make("div", {}, make("label", {}, make("span", {}, "Random prompt"), field), make("div", { class: "dialog-row" }, generate, use));
};
