/* Tooltips of the txt2img tab, and the token counters: brought up to date a moment after a prompt changed. */
"use strict";

(() => {
  const { paintbox } = window;
  const LOOK_MS = 400;
  const PAIRS = [["(", ")"], ["[", "]"], ["{", "}"]];

  paintbox.describe({
    paste: "Read generation parameters from the prompt, or from the last generation if the prompt is empty",
    txt2img_clear_prompt: "Clear both prompts",
    txt2img_undo_clear: "Bring back the cleared prompts",
    txt2img_res_switch_btn: "Swap width and height",
    txt2img_random_seed: "Set seed to -1: a new random seed every time",
    txt2img_reuse_seed: "Reuse the seed of the selected picture",
  });

  /** Text of a prompt -> what is wrong with its brackets, "" if nothing. */
  const bracketProblem = (text) => {
    const plain = text.replace(/\\./g, "");
    const count = (sign) => plain.split(sign).length - 1;
    const wrong = PAIRS.filter(([open, close]) => count(open) !== count(close));
    return wrong.map(([open, close]) => `${open} ${count(open)} times, ${close} ${count(close)} times`).join("; ");
  };

  const watch = (box, counter, button) => {
    let seen = null;
    let counted = null;
    setInterval(() => {
      const field = box.querySelector("textarea");
      if (document.hidden || !field) return;
      const text = field.value;
      if (text === seen && text !== counted) {
        counted = text;
        paintbox.press(button);
        const place = paintbox.element(counter);
        const problem = bracketProblem(text);
        place.classList.toggle("problem", Boolean(problem));
        place.title = problem && `The brackets do not match: ${problem}`;
      }
      seen = text;
    }, LOOK_MS);
  };

  for (const [box, name] of [["prompt", "token"], ["neg_prompt", "negative_token"]]) {
    paintbox.whenDrawn(`#txt2img_${box}`, (element) => watch(element, `txt2img_${name}_counter`, `txt2img_${name}_button`));
  }
})();
