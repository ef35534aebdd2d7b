/* Which cards' texts stand in the prompts of a form. */

import * as prompts from "./prompt.js";

export class Marks {
  constructor(form) {
    this.form = form;
    this.finders = new Map(); // by file
  }

  /** Other cards: look at the prompts as they are now. */
  begin() {
    this.finders.clear();
    this.seen = prompts.read(this.form);
  }

  /** A card's text is another one now. */
  forget(card) {
    this.finders.delete(card.name);
  }

  /** Whether the prompts are others than at the last look. */
  haveChanged() {
    const now = prompts.read(this.form);
    const before = this.seen;
    if (!before) return false;
    this.seen = now;
    return now.prompt !== before.prompt || now.neg_prompt !== before.neg_prompt;
  }

  /** `tags`: types of prompt tags that mean such a file; `followsFocus`: the negative prompt counts too. */
  isChosen(card, { tags, followsFocus }) {
    const { prompt, neg_prompt: negative } = this.seen;
    if (!prompt && !negative) return card.is_current;
    if (!this.finders.has(card.name)) this.finders.set(card.name, prompts.finder(card, tags));
    const pattern = this.finders.get(card.name);
    return card.is_current || prompts.isIn(pattern, prompt) || (followsFocus && prompts.isIn(pattern, negative));
  }
}
