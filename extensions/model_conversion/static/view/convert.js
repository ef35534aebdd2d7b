/* The page "Convert & prune": a model file is written anew, beside the old one. */

const { paintbox } = window;
const { make } = paintbox;
const TOOLS = paintbox.address("paintbox/assets/core/tools/");
const FORMATS = [
  ["", "As it is"],
  ["float16", "float16"],
  ["bfloat16", "bfloat16"],
  ["float32", "float32"],
];
const PRUNES = [
  ["", "Nothing"],
  ["no-ema", "EMA weights and what only training needs"],
  ["ema-only", "All but the EMA weights, which take their place"],
];

/** Fill the place. */
export const open = async (place) => {
  const [{ selectField, textField, radioField, modelOptions }, { ToolForm, styled }] = await Promise.all([import(`${TOOLS}fields.js`), import(`${TOOLS}form.js`)]);
  await styled();
  const list = async (refresh) => {
    const folders = await paintbox.request("GET", `paintbox/v1/model-index${refresh ? "?refresh=true" : ""}`);
    const kinds = Object.entries(folders).filter(([, folder]) => folder.models.length);
    kind.options(kinds.map(([name, folder]) => [name, folder.title]));
    const chosen = folders[kind.value];
    model.options(modelOptions(chosen ? chosen.models : [], "Choose …"));
  };
  const refresh = () => list(true).catch((error) => form.say(error.message, "problem"));
  const kind = selectField({ id: "model_conversion_folder", name: "folder_kind", label: "Folder" });
  const model = selectField({ id: "model_conversion_model", name: "model", label: "Model", refresh, refreshId: "refresh_model_conversion" });
  const name = textField({ id: "model_conversion_name", name: "name", label: "Name of the new file (Optional)", placeholder: "the old name, with what was done" });
  const number = radioField({ id: "model_conversion_format", name: "number_format", label: "Number format", value: "", options: FORMATS, note: "float16 halves a float32 file; step counts and position ids stay as they are." });
  const prune = radioField({ id: "model_conversion_prune", name: "prune", label: "Leave out", value: "", options: PRUNES, note: "Training checkpoints hold their weights twice, as they were last and averaged (EMA), and the state of the optimizer." });
  kind.changed(() => list(false));
  const form = new ToolForm({
    id: "model_conversion",
    label: "Convert",
    address: "paintbox/v1/models/convert",
    fields: [kind, model, name, number, prune],
    body: (values) => values,
    layout: [
      make("p", {}, "Writes a model file anew as safetensors, beside the old one, which stays as it is. Pickles (.ckpt, .pt, .pth, .bin) are read as data; nothing in them is run."),
      kind.element,
      model.element,
      number.element,
      prune.element,
      name.element,
    ],
    done: refresh,
  });
  await list(false);
  if ([...kind.input.options].some((option) => option.value === "checkpoint")) kind.show("checkpoint");
  await list(false);
  form.draw(place);
};
