/* The page "Bake LoRA": a checkpoint with one or more LoRAs in its weights. */

const { paintbox } = window;
const { make } = paintbox;
const TOOLS = paintbox.address("paintbox/assets/core/tools/");
const FORMATS = [["", "As it is"], ...["float16", "bfloat16", "float32"].map((name) => [name, name])];
const MOST = 10;

/** The LoRAs with their weights: a field like those of fields.js whose value is a list. */
class LoraList {
  constructor() {
    this.name = "loras";
    this.models = [];
    this.rows = make("div", { class: "bake-rows" });
    this.problem = make("p", { class: "tool-problem", hidden: true, role: "alert" });
    this.add = make("button", { type: "button", id: "lora_bake_add", onclick: () => this.addRow().querySelector("select").focus() }, "Add another LoRA");
    this.element = make("div", { class: "tool-field", id: "lora_bake_loras" }, make("div", { class: "bake-row bake-head", "aria-hidden": "true" }, ...["LoRAs", "Weight", "In text encoder", ""].map((title) => make("span", { class: "tool-label" }, title))), this.rows, this.problem, this.add);
  }

  addRow() {
    const number = this.rows.children.length + 1;
    const choice = make("select", { "aria-label": `LoRA ${number}` });
    const weight = (label, placeholder, value) => make("input", { type: "number", min: -10, max: 10, step: 0.05, "aria-label": `${label} of LoRA ${number}`, title: label, placeholder, value });
    const remove = make("button", { type: "button", class: "tool icon-clear", title: "Remove", "aria-label": `Remove LoRA ${number}`, onclick: () => this.remove(row) }, "×");
    const row = make("div", { class: "bake-row" }, choice, weight("Weight", "1", "1"), weight("Weight in the text encoder", "same", null), remove);
    this.rows.append(row);
    this.fill(choice);
    this.add.disabled = this.rows.children.length >= MOST;
    return row;
  }

  remove(row) {
    row.remove();
    if (!this.rows.children.length) this.addRow();
    this.add.disabled = false;
    this.add.focus();
  }

  fill(choice) {
    const before = choice.value;
    choice.replaceChildren(new Option("Choose …", ""), ...this.models.map((model) => new Option(model.name, model.name)));
    if (this.models.some((model) => model.name === before)) choice.value = before;
  }

  options(models) {
    this.models = models;
    for (const row of this.rows.children) this.fill(row.querySelector("select"));
  }

  get value() {
    const number = (input) => (input.value === "" ? null : Number(input.value));
    return [...this.rows.children]
      .map((row) => [row.querySelector("select").value, ...row.querySelectorAll("input")])
      .filter(([name]) => name)
      .map(([name, weight, text]) => ({ name, weight: number(weight) ?? 1, text_weight: number(text) }));
  }

  complain(words) {
    this.problem.textContent = words;
    this.problem.hidden = !words;
  }

  changed(call) {
    this.element.addEventListener("input", call);
  }
}

/** Fill the place. */
export const open = async (place) => {
  const [{ selectField, textField, radioField, modelFiles, modelOptions }, { ToolForm, styled }] = await Promise.all([import(`${TOOLS}fields.js`), import(`${TOOLS}form.js`)]);
  await styled();
  const loras = new LoraList();
  const list = async (refresh) => {
    const files = await modelFiles(["checkpoint", "lora"], refresh);
    checkpoint.options(modelOptions(files.checkpoint, "Choose …"));
    loras.options(files.lora);
  };
  const refresh = () => list(true).catch((error) => form.say(error.message, "problem"));
  const checkpoint = selectField({ id: "lora_bake_checkpoint", name: "checkpoint", label: "Checkpoint", refresh, refreshId: "refresh_lora_bake" });
  const name = textField({ id: "lora_bake_name", name: "name", label: "Name of the new checkpoint (Optional)" });
  const format = radioField({ id: "lora_bake_format", name: "number_format", label: "Number format", value: "", options: FORMATS });
  const form = new ToolForm({
    id: "lora_bake",
    label: "Bake",
    address: "paintbox/v1/models/bake-loras",
    fields: [checkpoint, loras, name, format],
    body: (values) => values,
    layout: [
      make("p", {}, "Writes a checkpoint that draws as the given one does with these LoRAs in the prompt. All kinds of networks that are installed can be baked in."),
      checkpoint.element,
      loras.element,
      name.element,
      format.element,
    ],
    describe: ({ result }) => [make("ul", { class: "tool-comments" }, ...result.networks.map((use) => make("li", {}, `${use.name} ${use.strength}: ${use.applied}/${use.total} keys applied. ${use.note}`)))],
    done: refresh,
  });
  loras.addRow();
  await list(false);
  form.draw(place);
};
