/* The style editor: a dialog in which styles are made, changed and deleted; every change is in the file at once and can be undone. */
"use strict";

(() => {
  const { paintbox } = window;
  const { make } = paintbox;
  const ROUTE = "paintbox/v1/styles";
  const NEW = "";
  const PLACE = "{prompt}";

  /** The drop-downs of all forms look for styles again. */
  const refreshLists = () => document.querySelectorAll("button.styles-list").forEach((button) => button.click());

  const labelled = (id, words, field) => {
    field.setAttribute("aria-label", words);
    return make("div", { id, class: "grow" }, make("label", {}, make("span", {}, words), field));
  };

  const tool = (id, icon, words, onclick) =>
    make("button", { type: "button", id, class: `tool icon-${icon}`, title: words, "aria-label": words, onclick });

  class Editor {
    constructor(form) {
      this.form = form;
      this.styles = [];
      this.typed = new Map(); // by style: what has not been saved yet
      this.undone = null;
      this.dialog = paintbox.dialog(`${form}_styles_dialog`, "Styles", (dialog) => this.build(dialog.body));
    }

    build(body) {
      const id = (name) => `${this.form}_${name}`;
      const typing = () => this.remember();
      const text = { rows: "4", spellcheck: "false", oninput: typing };
      this.select = make("select", { onchange: () => this.fill() });
      this.name = make("input", { type: "text", autocomplete: "off", spellcheck: "false", oninput: typing });
      this.prompt = make("textarea", text);
      this.negative = make("textarea", text);
      this.saving = make("button", { type: "button", class: "primary", id: id("edit_style_save"), onclick: () => this.save() }, "Save");
      this.deleting = make("button", { type: "button", id: id("edit_style_delete"), onclick: () => this.remove() }, "Delete");
      this.undoing = make("button", { type: "button", id: id("edit_style_undo"), hidden: true, onclick: () => this.undo() }, "Undo");
      const close = make("button", { type: "button", id: id("edit_style_close"), onclick: () => this.dialog.close() }, "Close");
      body.append(
        make(
          "div",
          { class: "dialog-row" },
          labelled(id("styles_edit_select"), "Style", this.select),
          tool(`refresh_${this.form}_styles`, "refresh", "Look for styles in the files again", () => this.load()),
          tool(id("style_apply_dialog"), "clipboard", "Put the styles chosen in the form into its prompts", () => paintbox.press(id("style_apply"))),
          tool(id("style_copy"), "pencil", "Copy the form's prompts into this style", () => this.copy()),
        ),
        labelled(id("styles_edit_name"), "Name", this.name),
        labelled(id("edit_style_prompt"), "Prompt", this.prompt),
        labelled(id("edit_style_neg_prompt"), "Negative prompt", this.negative),
        make("p", { class: "dialog-hint" }, `${PLACE} in a text stands for your own prompt. Without it the text follows your prompt, after a comma.`),
        make("div", { class: "dialog-row" }, this.saving, this.deleting, this.undoing, close),
      );
    }

    async open() {
      this.dialog.show();
      this.offerUndo(null);
      await this.load();
    }

    /** Read the files again and show the style of this name, or the one that was shown. */
    async load(shown = this.select.value) {
      await this.attempt(async () => {
        this.styles = await paintbox.request("GET", ROUTE);
        const options = this.styles.map(({ name }) => make("option", { value: name }, name));
        this.select.replaceChildren(make("option", { value: NEW }, "New style"), ...options);
        this.select.value = this.known(shown) ? shown : NEW;
        this.fill();
        refreshLists();
      });
    }

    known(name) {
      return this.styles.find((style) => style.name === name);
    }

    /** The fields show the selected style, with what was typed for it before. */
    fill() {
      const stored = this.known(this.select.value);
      const typed = this.typed.get(this.select.value);
      const shown = typed || stored || { name: "", prompt: "", negative_prompt: "" };
      this.name.value = shown.name;
      this.prompt.value = shown.prompt;
      this.negative.value = shown.negative_prompt;
      this.deleting.hidden = !stored;
      this.dialog.say(typed ? "Not saved yet." : stored ? `In the file ${stored.file}.` : "");
    }

    values() {
      return { name: this.name.value, prompt: this.prompt.value, negative_prompt: this.negative.value };
    }

    remember() {
      this.typed.set(this.select.value, this.values());
      const name = this.name.value.trim();
      const stored = this.select.value === NEW ? null : this.known(this.select.value);
      const other = this.known(name);
      if (other && other !== stored) return this.dialog.say(`Saving replaces the style ${name}.`);
      this.dialog.say(stored && name && name !== stored.name ? `Saving makes a new style; ${stored.name} stays.` : "Not saved yet.");
    }

    copy() {
      this.prompt.value = paintbox.field(`${this.form}_prompt`).value;
      this.negative.value = paintbox.field(`${this.form}_neg_prompt`).value;
      this.remember();
    }

    async save() {
      await this.attempt(async () => {
        const name = this.name.value.trim();
        const before = this.known(this.name.value) || this.known(name);
        const isReplaced = Boolean(before) && before.name !== this.select.value;
        const wanted = before ? { ...this.values(), name: before.name } : this.values();
        const saved = await paintbox.request("PUT", ROUTE, wanted);
        this.typed.delete(this.select.value);
        await this.load(saved.name);
        this.offerUndo({ name: saved.name, before });
        this.dialog.say(isReplaced ? `${saved.name} was there already and was replaced in ${saved.file}. Undo brings it back.` : `Saved in ${saved.file}.`);
      });
    }

    async remove() {
      await this.attempt(async () => {
        const gone = await this.erase(this.select.value);
        this.offerUndo({ name: gone.name, before: gone });
        this.dialog.say(`Deleted ${gone.name}.`);
      });
    }

    async erase(name) {
      const gone = await paintbox.request("DELETE", `${ROUTE}?name=${encodeURIComponent(name)}`);
      this.typed.delete(name);
      await this.load(NEW);
      return gone;
    }

    /** Bring back what the last change replaced. */
    async undo() {
      await this.attempt(async () => {
        const { name, before } = this.undone;
        if (before) {
          const { prompt, negative_prompt } = before;
          await paintbox.request("PUT", ROUTE, { name: before.name, prompt, negative_prompt });
          await this.load(before.name);
        } else {
          await this.erase(name);
        }
        this.offerUndo(null);
        this.dialog.say(before ? `${name} is as it was.` : `${name} is gone again.`);
      });
    }

    offerUndo(change) {
      this.undone = change;
      this.undoing.hidden = !change;
    }

    async attempt(work) {
      try {
        await work();
      } catch (error) {
        this.dialog.say(error.message, true);
      }
    }
  }

  const editors = new Map();
  paintbox.whenDrawn("button.styles-edit", (button) => {
    const form = button.id.replace(/_styles_edit_button$/, "");
    paintbox.describe({
      [button.id]: "Edit styles",
      [`${form}_style_apply`]: "Put the texts of the chosen styles into the prompts",
    });
    button.addEventListener("click", () => {
      if (!editors.has(form)) editors.set(form, new Editor(form));
      editors.get(form).open();
    });
  });
})();
