/* The page "Extract LoRA": the difference of two checkpoints as a LoRA. */

const { paintbox } = window;
const { make } = paintbox;
const TOOLS = paintbox.address("paintbox/assets/core/tools/");
const FORMATS = ["float16", "bfloat16", "float32"].map((name) => [name, name]);

/** Fill the place. */
export const open = async (place) => {
  const [fields, { ToolForm, styled }] = await Promise.all([import(`${TOOLS}fields.js`), import(`${TOOLS}form.js`)]);
  await styled();
  const { selectField, textField, sliderField, radioField, accordion, row, modelFiles, modelOptions } = fields;
  const list = async (refresh) => {
    const { checkpoint } = await modelFiles(["checkpoint"], refresh);
    for (const field of [base, tuned]) field.options(modelOptions(checkpoint, "Choose …"));
  };
  const refresh = () => list(true).catch((error) => form.say(error.message, "problem"));
  const base = selectField({ id: "lora_extract_base", name: "base", label: "Base model (A)", refresh, refreshId: "refresh_lora_extract_base" });
  const tuned = selectField({ id: "lora_extract_tuned", name: "tuned", label: "Tuned model (B)", refresh, refreshId: "refresh_lora_extract_tuned" });
  const name = textField({ id: "lora_extract_name", name: "name", label: "Name of the LoRA (Optional)" });
  const rank = sliderField({ id: "lora_extract_rank", name: "rank", label: "Rank", min: 1, max: 512, step: 1, value: 64 });
  const conv = sliderField({ id: "lora_extract_conv_rank", name: "conv_rank", label: "Rank of convolutions", min: 0, max: 512, step: 1, value: 0, note: "0: attention layers only. Above 0 the U-Net's residual blocks are taken in as well (LoCon)." });
  const least = sliderField({ id: "lora_extract_min_diff", name: "min_diff", label: "Minimum difference", min: 0, max: 0.1, step: 0.001, value: 0.01, note: "A text encoder that nowhere differs by more is left out." });
  const clamp = sliderField({ id: "lora_extract_clamp_quantile", name: "clamp_quantile", label: "Clamp quantile", min: 0.9, max: 1, step: 0.001, value: 0.99, note: "Cuts outliers, as kohya's scripts do; 1 cuts nothing." });
  const format = radioField({ id: "lora_extract_format", name: "number_format", label: "Number format", value: "float16", options: FORMATS });
  const form = new ToolForm({
    id: "lora_extract",
    label: "Extract",
    address: "paintbox/v1/models/extract-lora",
    fields: [base, tuned, name, rank, conv, least, clamp, format],
    body: (values) => values,
    layout: [
      make("p", {}, "Makes a LoRA of what the tuned model differs in from its base. It is written to the folder of LoRAs and can be used at once."),
      base.element,
      tuned.element,
      row("", rank.element, conv.element),
      name.element,
      accordion("Further options", "lora_extract_more", row("", least.element, clamp.element), format.element),
    ],
    describe: ({ result }) => [make("p", {}, `${result.info.layers} layers. Use it with `, make("code", {}, `<lora:${result.info.name.replace(/\.safetensors$/, "").split("/").pop()}:1>`), ".")],
  });
  await list(false);
  form.draw(place);
};
