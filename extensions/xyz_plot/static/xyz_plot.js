/* The fields of the plot as A1111 has them: a row for each axis with its values typed or chosen, a button that fills in all, buttons that swap. */
"use strict";

(() => {
  const { paintbox } = window;
  const LETTERS = ["x", "y", "z"];
  const NOTHING = "Nothing";
  const SWAPS = [
    ["x", "y", "xy_grid_swap_axes_button", "Swap X/Y axes"],
    ["y", "z", "yz_grid_swap_axes_button", "Swap Y/Z axes"],
    ["x", "z", "xz_grid_swap_axes_button", "Swap X/Z axes"],
  ];
  const TICKS = ["draw_legend", "no_fixed_seeds", "include_lone_images", "include_sub_grids", "vary_seeds_x", "vary_seeds_y", "vary_seeds_z", "csv_mode"];

  // --- values as text ---------------------------------------------------------------------------------------------------

  const quoted = (text) => (/[",\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const written = (values) => values.map(quoted).join(",");
  const read = (text) => {
    const parts = [];
    for (const [, inQuotes, bare] of text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)) {
      parts.push(inQuotes === undefined ? bare.trim() : inQuotes.replaceAll('""', '"'));
    }
    return parts.filter(Boolean);
  };

  // --- one view ---------------------------------------------------------------------------------------------------------

  class Axes {
    constructor(view) {
      this.view = view;
      this.choices = new Map();
      this.axes = paintbox
        .request("GET", `paintbox/v1/xyz_plot/axes?form=${encodeURIComponent(view.form)}`)
        .then((listed) => new Map(listed.map((axis) => [axis.title, axis])));
      this.draw();
      view.filled = () => LETTERS.forEach((letter) => this.follow(letter));
      view.root.addEventListener("input", (event) => this.changed(event.target));
      view.filled();
    }

    draw() {
      const { view } = this;
      const { make } = paintbox;
      for (const letter of LETTERS) view.element(`${letter}_type`).dataset.context = "axis"; // for translations: "Nothing" is no axis here
      this.fills = new Map(LETTERS.map((letter) => [letter, this.fillButton(letter)]));
      const rows = LETTERS.map((letter) =>
        make("div", { class: "xyz-axis" }, view.element(`${letter}_type`), make("div", { class: "xyz-values" }, view.element(`${letter}_values`), view.element(`${letter}_values_dropdown`)), this.fills.get(letter)),
      );
      const swaps = SWAPS.map(([one, other, id, label]) => make("button", { type: "button", id, onclick: () => this.swap(one, other) }, label));
      view.root.replaceChildren(...rows, make("div", { class: "xyz-ticks" }, ...TICKS.map((name) => view.element(name))), view.element("margin_size"), make("div", { class: "xyz-swaps" }, ...swaps));
    }

    fillButton(letter) {
      const words = `Fill in all values of ${letter.toUpperCase()}`;
      return paintbox.make("button", { type: "button", id: `xyz_grid_fill_${letter}_tool_button`, class: "tool icon-notebook xyz-fill", title: words, "aria-label": words, hidden: true, onclick: () => this.fill(letter) }, "📒");
    }

    /** Whether the values of the axis are chosen; null while nobody knows. */
    async isChosen(letter) {
      const axis = (await this.axes).get(this.view.value(`${letter}_type`));
      return { has: Boolean(axis && axis.has_choices), chosen: Boolean(axis && axis.has_choices && !this.view.value("csv_mode")) };
    }

    async choicesOf(title) {
      if (!this.choices.has(title)) {
        const query = `form=${encodeURIComponent(this.view.form)}&title=${encodeURIComponent(title)}`;
        this.choices.set(title, await paintbox.request("GET", `paintbox/v1/xyz_plot/choices?${query}`));
      }
      return this.choices.get(title);
    }

    /** Show the values of an axis as its type has them; what was typed is chosen as far as it can be, and the reverse. */
    async follow(letter, brings = false) {
      const { view } = this;
      const title = view.value(`${letter}_type`);
      const { has, chosen } = await this.isChosen(letter);
      if (title !== view.value(`${letter}_type`)) return;
      view.element(`${letter}_values`).hidden = chosen || title === NOTHING;
      view.element(`${letter}_values_dropdown`).hidden = !chosen;
      this.fills.get(letter).hidden = !has;
      view.element(`vary_seeds_${letter}`).hidden = title === NOTHING;
      if (!has) return;
      const listed = await this.choicesOf(title);
      const field = view.fields.get(`${letter}_values_dropdown`);
      field.options(listed.map((each) => [each, each]));
      if (!brings) return;
      const typed = view.value(`${letter}_values`);
      const kept = view.value(`${letter}_values_dropdown`).filter((each) => listed.includes(each));
      if (chosen) {
        view.set(`${letter}_values_dropdown`, kept.length ? kept : read(typed).filter((each) => listed.includes(each)));
        view.set(`${letter}_values`, "");
      } else if (kept.length) {
        view.set(`${letter}_values`, written(kept));
        view.set(`${letter}_values_dropdown`, []);
      }
    }

    changed(target) {
      for (const letter of LETTERS) if (this.view.element(`${letter}_type`).contains(target)) this.follow(letter, true);
      if (this.view.element("csv_mode").contains(target)) LETTERS.forEach((letter) => this.follow(letter, true));
    }

    async fill(letter) {
      const title = this.view.value(`${letter}_type`);
      this.choices.delete(title); // there may be new files
      const listed = await this.choicesOf(title);
      const { chosen } = await this.isChosen(letter);
      await this.follow(letter);
      if (chosen) this.view.set(`${letter}_values_dropdown`, listed);
      else this.view.set(`${letter}_values`, written(listed));
    }

    swap(one, other) {
      for (const name of ["type", "values", "values_dropdown"]) {
        const [first, second] = [this.view.value(`${one}_${name}`), this.view.value(`${other}_${name}`)];
        this.view.set(`${one}_${name}`, second);
        this.view.set(`${other}_${name}`, first);
      }
      this.follow(one);
      this.follow(other);
    }
  }

  // --- the page to explore the grid that a form shows --------------------------------------------------------------------

  const linkOf = (form) => {
    const id = `${form}_xyz_explore`;
    const log = paintbox.element(`html_log_${form}`);
    if (!paintbox.element(id) && log) log.before(paintbox.make("p", { id, class: "xyz-explore", hidden: true, "data-quiet": true }));
    return paintbox.element(id);
  };

  document.addEventListener("paintbox:job-shown", async ({ detail: { form, job } }) => {
    const place = linkOf(form);
    if (!place || !job) return;
    const known = await paintbox.request("GET", `paintbox/v1/jobs/${job}`).catch(() => null);
    const isPlot = known && known.kind === "script" && known.request.script === "xyz_plot" && known.result.images.some((image) => image.kind === "grid");
    place.hidden = !isPlot;
    if (!isPlot) return;
    const address = paintbox.address(`paintbox/v1/xyz_plot/explore/${job}`);
    place.replaceChildren(paintbox.make("a", { href: address, target: "_blank", rel: "noopener" }, "Explore this grid picture by picture"));
  });

  document.addEventListener("paintbox:job-followed", ({ detail: { form } }) => {
    const place = paintbox.element(`${form}_xyz_explore`);
    if (place) place.hidden = true;
  });

  paintbox.scripts.decorate("xyz_plot", (view) => new Axes(view));
})();
