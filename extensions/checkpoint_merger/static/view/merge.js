/* The page "Merge" of the Checkpoint Merger, with A1111's ids and labels. */

import { BlockWeights } from "./blocks.js";

const { paintbox } = window;
const { make } = paintbox;
const TOOLS = paintbox.address("paintbox/assets/core/tools/");
const ADDRESS = "paintbox/v1/models/merge";
const WAIT_MS = 350;
const MODELS = ["Primary model (A)", "Secondary model (B)", "Tertiary model (C)"];
const METHODS = {
  "No interpolation": "The result is A: for converting a file, baking in a VAE, or dropping weights. B and C are not used.",
  "Weighted sum": "The result is A × (1 − M) + B × M. It needs the models A and B.",
  "Add difference": "The result is A + (B − C) × M. It needs the models A, B and C.",
};
const CKPT = "A .ckpt is a pickle, which can carry code. Paintbox writes safetensors only; A1111 and other programs read them as well.";

class MergePage {
  constructor({ fields, ToolForm }) {
    this.fields = fields;
    const { selectField, textField, sliderField, radioField, checkField, areaField } = fields;
    const models = ["A", "B", "C"].map((letter, index) => {
      const place = ["primary", "secondary", "tertiary"][index];
      const refresh = () => this.load(true);
      return selectField({ id: `modelmerger_${place}_model_name`, name: place, label: MODELS[index], refresh, refreshId: `refresh_checkpoint_${letter}` });
    });
    this.models = models;
    this.method = radioField({ id: "modelmerger_interp_method", name: "method", label: "Interpolation Method", value: "Weighted sum", options: Object.keys(METHODS).map((name) => [name, name]) });
    this.half = checkField({ id: "modelmerger_save_as_half", name: "half", label: "Save as float16" });
    this.brain = checkField({ id: "modelmerger_save_as_bfloat16", name: "brain", label: "Save as bfloat16" });
    this.half.changed(() => this.half.value && this.brain.show(false));
    this.brain.changed(() => this.brain.value && this.half.show(false));
    this.name = textField({ id: "modelmerger_custom_name", name: "custom_name", label: "Custom Name (Optional)" });
    this.multiplier = sliderField({ id: "modelmerger_interp_amount", name: "multiplier", label: "Multiplier (M) - set to 0 to get model A", min: 0, max: 1, step: 0.05, value: 0.3 });
    this.format = radioField({ id: "modelmerger_checkpoint_format", name: "checkpoint_format", label: "Checkpoint format", value: "safetensors", note: CKPT, options: [["ckpt", "ckpt", CKPT], ["safetensors", "safetensors"]] });
    const configs = [["0", "A, B or C"], ["1", "B"], ["2", "C"], ["3", "Don't"]];
    this.config = radioField({ id: "modelmerger_config_method", name: "config_source", label: "Copy config from", value: "0", options: configs, note: "The .yaml file beside that model, if there is one. Paintbox itself recognises models by their weights; other programs read it." });
    this.vae = selectField({ id: "modelmerger_bake_in_vae", name: "bake_in_vae", label: "Bake in VAE", refresh: () => this.load(true), refreshId: "modelmerger_refresh_bake_in_vae", options: ["None"] });
    this.discard = textField({ id: "modelmerger_discard_weights", name: "discard_weights", label: "Discard weights with matching name", placeholder: "Regular expression, such as ^model_ema" });
    this.metadata = [
      checkField({ id: "modelmerger_save_metadata", name: "save_metadata", label: "Save metadata", value: true }),
      checkField({ id: "modelmerger_add_recipe", name: "add_merge_recipe", label: "Add merge recipe metadata", value: true }),
      checkField({ id: "modelmerger_copy_metadata", name: "copy_metadata_fields", label: "Copy metadata from merged models", value: true }),
    ];
    this.json = areaField({ id: "modelmerger_metadata_json", name: "metadata_json", label: "Metadata in JSON format", value: "{}", rows: 5 });
    this.blocks = new BlockWeights(fields, () => this.look());
    this.description = make("p", { class: "tool-note", id: "modelmerger_interp_description", "aria-live": "polite" });
    const all = [...models, this.name, this.multiplier, this.method, this.format, this.half, this.brain, this.config, this.vae, this.discard, ...this.metadata, this.json, this.blocks.field];
    this.form = new ToolForm({
      id: "modelmerger",
      ids: { button: "modelmerger_merge", result: "modelmerger_result", results: "modelmerger_results_panel", container: "modelmerger_results_container" },
      label: "Merge",
      address: ADDRESS,
      fields: all,
      body: (values) => this.body(values),
      layout: this.layout(),
      done: () => this.listAgain(),
    });
    for (const field of all) field.changed(() => this.look());
    this.look = paintbox.debounce(WAIT_MS, () => this.foresee());
  }

  layout() {
    const { row, accordion } = this.fields;
    const read = make("button", { type: "button", id: "modelmerger_read_metadata", onclick: () => this.readNotes() }, "Read metadata from selected checkpoints");
    const ticks = make("div", { class: "tool-radios" }, ...this.metadata.map((field) => field.element));
    return [
      make("p", {}, "Merges checkpoints into a new file in the folder of checkpoints. The models that it is made of stay as they are."),
      row("modelmerger_models", ...this.models.map((field) => field.element)),
      this.name.element,
      this.multiplier.element,
      make("div", {}, this.method.element, this.description),
      this.blocks.element,
      row("modelmerger_formats", this.format.element, make("div", {}, make("span", { class: "tool-label" }, "Number format"), this.half.element, this.brain.element)),
      row("modelmerger_more", this.config.element, this.vae.element),
      this.discard.element,
      accordion("Metadata", "modelmerger_metadata", ticks, this.json.element, read),
    ];
  }

  body({ half, brain, config_source, ...values }) {
    return { ...values, save_as: half ? "float16" : brain ? "bfloat16" : "", config_source: Number(config_source) };
  }

  async load(refresh = false) {
    const { modelFiles, modelOptions } = this.fields;
    const files = await modelFiles(["checkpoint", "vae", "checkpoint_vae"], refresh);
    for (const field of this.models) field.options(modelOptions(files.checkpoint, "None"));
    const vaes = [...files.vae, ...files.checkpoint_vae].map((model) => [model.name, model.name]);
    this.vae.options([["None", "None"], ...vaes]);
    await this.foresee();
  }

  /** After a merge; that its name is taken now is no news. */
  async listAgain() {
    await this.load();
    this.form.foresee("");
  }

  /** Show the method, and below the button what would be written, once enough is chosen. */
  async foresee() {
    const values = this.form.values;
    this.description.textContent = METHODS[values.method];
    const needed = { "No interpolation": 1, "Weighted sum": 2, "Add difference": 3 }[values.method];
    if (!values.primary) return this.form.foresee("");
    try {
      const asked = { ...this.body(values), multiplier: values.multiplier ?? 0 };
      const outlook = await paintbox.request("POST", `${ADDRESS}/outlook`, asked);
      this.blocks.show(outlook.blocks, values.multiplier);
      const isComplete = this.models.slice(0, needed).every((field) => field.value);
      const words = outlook.problem || [`Will be written as ${outlook.name}, ${values.discard_weights ? "at most " : ""}${this.fields.fileSize(outlook.size_bytes)}.`, ...outlook.remarks].join("\n");
      this.form.foresee(isComplete ? words : "", Boolean(outlook.problem));
    } catch (error) {
      this.form.foresee(error.message, true);
    }
  }

  async readNotes() {
    const chosen = this.models.map((field) => field.value).filter(Boolean);
    if (!chosen.length) return this.models[0].complain("Choose a model first.");
    try {
      const { metadata } = await paintbox.request("GET", `${ADDRESS}/metadata?${chosen.map((name) => `model=${encodeURIComponent(name)}`).join("&")}`);
      this.json.show(JSON.stringify(metadata, null, 4));
    } catch (error) {
      this.json.complain(error.message);
    }
  }
}

/** Fill the place. */
export const open = async (place) => {
  const [fields, { ToolForm, styled }] = await Promise.all([import(`${TOOLS}fields.js`), import(`${TOOLS}form.js`)]);
  await styled();
  const page = new MergePage({ fields, ToolForm });
  await page.load();
  page.form.draw(place);
};
