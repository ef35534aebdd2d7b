/* Weights per block: a text of numbers, presets, and a slider for each block. */

const { make } = window.paintbox;
const HALF = 0.5;

/** By name: the weight of a block by its place t (0 the first, 1 the last, 0.5 the middle) and its side. */
const PRESETS = {
  "All of B": () => 1,
  "Half of both": () => HALF,
  "Rising (IN00 0, last OUT 1)": ({ t }) => t,
  "Falling (IN00 1, last OUT 0)": ({ t }) => 1 - t,
  "Valley (ends 1, middle 0)": ({ t }) => Math.abs(2 * t - 1),
  "Hill (ends 0, middle 1)": ({ t }) => 1 - Math.abs(2 * t - 1),
  "Smooth step": ({ t }) => t * t * (3 - 2 * t),
  "Only IN": ({ side }) => Number(side === "IN"),
  "Only the middle": ({ side }) => Number(side === "M0"),
  "Only OUT": ({ side }) => Number(side === "OU"),
};
const HINT = "Instead of the multiplier: numbers for BASE (text encoder and VAE) and each block, separated by commas; 26 for SD1, 20 for SDXL. Without BASE the multiplier holds for it.";

export class BlockWeights {
  constructor({ areaField, selectField, accordion }, changed) {
    this.changed = changed;
    this.blocks = [];
    this.field = areaField({ id: "modelmerger_block_weights", name: "block_weights", label: "Weights per block", rows: 2, note: HINT, placeholder: "empty: the multiplier holds for all" });
    this.preset = selectField({ id: "modelmerger_block_preset", name: "", label: "Preset", options: [["", "Choose …"], ...Object.keys(PRESETS).map((name) => [name, name])] });
    this.preset.input.addEventListener("change", () => this.usePreset());
    this.sliders = make("div", { class: "merge-blocks", id: "modelmerger_block_sliders", role: "group", "aria-label": "Weights per block" });
    this.field.changed(() => this.fromText());
    this.clear = make("button", { type: "button", id: "modelmerger_block_clear", onclick: () => this.write([]) }, "Clear");
    const head = make("div", { class: "tool-with-icon merge-preset" }, this.preset.element, this.clear);
    this.element = accordion("Weights per block (MBW)", "modelmerger_blocks", head, this.field.element, this.sliders);
  }

  get numbers() {
    return this.field.value.split(/[\s,;]+/).filter(Boolean).map(Number);
  }

  /** The blocks of the primary model, BASE first. */
  show(blocks, multiplier) {
    this.multiplier = multiplier ?? 0;
    if (blocks.join() === this.blocks.join()) return;
    this.blocks = blocks;
    this.sliders.replaceChildren(...blocks.map((name, index) => this.slider(name, index)));
    this.fromText();
  }

  slider(name, index) {
    const range = make("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": `Weight of ${name}` });
    const shown = make("output", {}, "");
    range.addEventListener("input", (event) => {
      event.stopPropagation();
      const numbers = this.complete();
      numbers[index] = Number(range.value);
      this.write(numbers);
    });
    return make("label", { class: "merge-block" }, make("span", {}, name), range, shown);
  }

  /** One number for each slider. */
  complete() {
    const { numbers } = this;
    if (numbers.length === this.blocks.length) return numbers;
    if (numbers.length === this.blocks.length - 1) return [this.multiplier, ...numbers];
    return this.blocks.map(() => this.multiplier);
  }

  usePreset() {
    const shape = PRESETS[this.preset.value];
    const count = this.blocks.length - 1;
    if (!shape || count < 1) return;
    const numbers = this.blocks.slice(1).map((name, index) => shape({ t: count > 1 ? index / (count - 1) : HALF, side: name.slice(0, 2) }));
    this.write([this.complete()[0], ...numbers]);
  }

  write(numbers) {
    this.field.show(numbers.map((number) => String(Number(number.toFixed(3)))).join(", "));
    if (!numbers.length) this.preset.show("");
    this.fromText();
    this.changed();
  }

  fromText() {
    const numbers = this.complete();
    [...this.sliders.children].forEach((label, index) => {
      const [, range, shown] = label.children;
      range.value = numbers[index];
      shown.textContent = Number.isFinite(numbers[index]) ? String(Number(numbers[index].toFixed(3))) : "?";
    });
    this.sliders.classList.toggle("is-unused", !this.numbers.length);
  }
}
