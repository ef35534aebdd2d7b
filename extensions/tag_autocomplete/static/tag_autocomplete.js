/* Completion in prompt boxes: all that a page loads of it until somebody types into one. */
"use strict";

(() => {
  const { paintbox } = window;
  const FOLDER = "paintbox/assets/tag_autocomplete/view/";
  const BOXES = 'textarea:is([id$="_prompt"] textarea, [id$="_prompt_txt"] textarea, .prompt textarea, .completes-prompts)';

  const start = async (event) => {
    if (!event.isTrusted || !event.target.matches || !event.target.matches(BOXES)) return;
    document.removeEventListener("input", start, true);
    try {
      const { Completion } = await import(paintbox.address(`${FOLDER}completion.js`));
      paintbox.loadStyle(`${FOLDER}completion.css`);
      new Completion(BOXES).typed(event);
    } catch (error) {
      console.warn(`Completion could not be loaded: ${error.message}`);
      document.addEventListener("input", start, true); // the next letter tries again
    }
  };
  document.addEventListener("input", start, true);
})();
