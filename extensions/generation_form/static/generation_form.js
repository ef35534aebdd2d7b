/* Tooltips of the shared form, the note below its prompts, and the token counters: brought up to date a moment after a prompt changed. */
"use strict";

(() => {
  const { paintbox } = window;
  const LOOK_MS = 400;
  const PAIRS = [["(", ")"], ["[", "]"], ["{", "}"]];

  const TOOLTIPS = {
    clear_prompt: "Clear both prompts",
    undo_clear: "Bring back the cleared prompts",
    restore_progress: "Show the job of this tab that is running",
    res_switch_btn: "Swap width and height",
    random_seed: "Set seed to -1: a new random seed every time",
    reuse_seed: "Reuse the seed of the selected picture",
    random_subseed: "Set variation seed to -1: a new random variation every time",
    reuse_subseed: "Reuse the variation seed of the selected picture",
  };
  paintbox.describe({ paste: "Read generation parameters from the prompt, or from the last generation if the prompt is empty" });

  /** Text of a prompt -> what is wrong with its brackets, "" if nothing. */
  const bracketProblem = (text) => {
    const plain = text.replace(/\\./g, "");
    const count = (sign) => plain.split(sign).length - 1;
    const wrong = PAIRS.filter(([open, close]) => count(open) !== count(close));
    return wrong.map(([open, close]) => `${open} ${count(open)} times, ${close} ${count(close)} times`).join("; ");
  };

  // --- the note below the prompts -----------------------------------------------------------------------------------

  const dropped = new Map();

  const make = (tag, words, more = {}) => Object.assign(document.createElement(tag), { textContent: words, ...more });

  /** Say something below the prompts of a form until somebody closes it; "" ends it. */
  const note = (form, title, lines, isError) => {
    const place = document.querySelector(`#${form}_prompt_note .prompt-note`);
    if (!place) return;
    place.hidden = !title;
    place.classList.toggle("error", isError);
    place.setAttribute("role", isError ? "alert" : "status");
    place.replaceChildren();
    if (!title) return;
    const words = make("div", "", { className: "words" });
    words.append(make("p", title));
    if (lines.length) words.append(make("ul", ""));
    for (const line of lines) words.lastChild.append(make("li", line));
    const close = make("button", "×", { type: "button", title: "Close this note" });
    close.setAttribute("aria-label", close.title);
    close.addEventListener("click", () => note(form, "", [], false));
    place.append(words, close);
  };

  /** A file was dropped: `text` is what it says ("" if nothing), `lines` what of it has no place here. */
  paintbox.dropped = (form, text, title, lines = []) => {
    dropped.set(form, { text: text.trim(), lines });
    note(form, title, lines, !text);
  };

  /** A paste was read; what the dropped file it came from could not bring is still said. */
  paintbox.pasted = (form, told) => {
    if (!told) return;
    const { text, title, lines, error } = JSON.parse(told);
    const file = dropped.get(form);
    const left = file && text && file.text === text.trim() ? file.lines : [];
    const all = [...left, ...lines];
    note(form, title || (all.length ? "Not restored:" : ""), all, error);
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
        if (paintbox.isConnected) paintbox.pressWhenAnswered(button);
        const place = paintbox.element(counter);
        const problem = bracketProblem(text);
        place.classList.toggle("problem", Boolean(problem));
        place.title = problem && `The brackets do not match: ${problem}`;
      }
      seen = text;
    }, LOOK_MS);
  };

  /** A size such as "768x512" pasted into width or height fills both. */
  document.addEventListener(
    "paste",
    (event) => {
      const slider = event.target.closest && event.target.closest('[id$="_width"], [id$="_height"]');
      const size = slider && /^\s*(\d+)\s*[x×*]\s*(\d+)\s*$/i.exec((event.clipboardData && event.clipboardData.getData("text")) || "");
      const form = slider && slider.id.replace(/_(width|height)$/, "");
      const fields = ["width", "height"].map((side) => document.querySelector(`[id="${form}_${side}"] input[type=number]`));
      if (!size || fields.some((field) => !field)) return;
      event.preventDefault();
      event.stopPropagation();
      fields.forEach((field, number) => {
        field.value = size[number + 1];
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      });
      paintbox.keepDraft(form);
    },
    true,
  );

  paintbox.whenDrawn(".generate-box", (box) => {
    const form = box.id.replace(/_generate_box$/, "");
    paintbox.describe(Object.fromEntries(Object.entries(TOOLTIPS).map(([name, words]) => [`${form}_${name}`, words])));
    for (const [prompt, name] of [["prompt", "token"], ["neg_prompt", "negative_token"]]) {
      paintbox.whenDrawn(`#${form}_${prompt}`, (element) => watch(element, `${form}_${name}_counter`, `${form}_${name}_button`));
    }
  });
})();
