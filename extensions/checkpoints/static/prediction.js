/* The dialog in which users decide what the checkpoint in use predicts, where its file does not say it rightly. */
"use strict";

(() => {
  const { paintbox } = window;
  const { make } = paintbox;
  const ROUTE = "paintbox/v1/checkpoints/prediction-type";
  const BUTTON = "checkpoint_prediction_button";
  const AUTOMATIC = "automatic";
  const CHOICES = {
    [AUTOMATIC]: { words: "Automatic", hint: "", prediction_type: null, zero_terminal_snr: null },
    epsilon: { words: "Epsilon", hint: "Most checkpoints: the network predicts the noise.", prediction_type: "epsilon", zero_terminal_snr: false },
    v: { words: "V prediction", hint: "Stable Diffusion 2 at 768 pixels, and some newer models.", prediction_type: "v", zero_terminal_snr: false },
    v_zsnr: {
      words: "V prediction, zero terminal SNR",
      hint: "Models trained from pure noise on, such as NoobAI v-pred.",
      prediction_type: "v",
      zero_terminal_snr: true,
    },
  };

  /** What the file says, in words. */
  const said = ({ prediction_type: type, zero_terminal_snr: snr }) => {
    if (!type) return "The file does not say; it is found out when the checkpoint is loaded.";
    const name = type === "v" ? `v prediction${snr ? ", zero terminal SNR" : ""}` : type;
    return `As the file says: ${name}.`;
  };

  /** Which choice a decision is; "" for one that only programs can make. */
  const nameOf = (chosen) =>
    Object.keys(CHOICES).find((name) => {
      const { prediction_type: type, zero_terminal_snr: snr } = CHOICES[name];
      return chosen.prediction_type === type && (name === AUTOMATIC ? chosen.zero_terminal_snr === null : Boolean(chosen.zero_terminal_snr) === snr);
    }) || "";

  let state = null;
  const radios = new Map();
  const found = make("small");

  const build = (dialog) => {
    const choice = ([name, { words, hint }]) => {
      const radio = make("input", { type: "radio", name: "prediction_type", value: name });
      radios.set(name, radio);
      return make("label", { class: "choice" }, radio, make("span", {}, words, name === AUTOMATIC ? found : make("small", {}, hint)));
    };
    const use = make("button", { type: "button", class: "primary", id: "checkpoint_prediction_save", onclick: () => save(dialog) }, "Use");
    const close = make("button", { type: "button", onclick: () => dialog.close() }, "Close");
    dialog.body.append(
      make("fieldset", {}, make("legend", {}, "What this checkpoint predicts"), ...Object.entries(CHOICES).map(choice)),
      make("p", { class: "dialog-hint" }, "Pictures of noise or of flat grey are a sign that this is wrong. It is remembered for this file and counts from the next picture on."),
      make("div", { class: "dialog-row" }, use, close),
    );
  };

  const show = (dialog) => {
    const chosen = nameOf(state.chosen);
    for (const [name, radio] of radios) radio.checked = name === chosen;
    found.textContent = said(state.found);
    dialog.heading.textContent = `Prediction type of ${state.checkpoint}`;
  };

  const attempt = async (dialog, work) => {
    try {
      state = await work();
      show(dialog);
      return true;
    } catch (error) {
      dialog.say(error.message, true);
      return false;
    }
  };

  const save = async (dialog) => {
    const [chosen] = [...radios].find(([, radio]) => radio.checked) || [];
    if (!chosen || !state) return dialog.say("Choose one of them first.", true);
    const { prediction_type, zero_terminal_snr } = CHOICES[chosen];
    const body = { checkpoint: state.checkpoint, prediction_type, zero_terminal_snr };
    if (!(await attempt(dialog, () => paintbox.request("PUT", ROUTE, body)))) return undefined;
    dialog.say("Used from the next picture on.");
    return paintbox.press("refresh_sd_model_checkpoint"); // the note below the list follows
  };

  paintbox.describe({ [BUTTON]: "Prediction type of the checkpoint" });
  paintbox.whenDrawn(`#${BUTTON}`, (button) =>
    button.addEventListener("click", () => {
      const dialog = paintbox.dialog("checkpoint_prediction", "Prediction type", build);
      dialog.show();
      attempt(dialog, () => paintbox.request("GET", ROUTE));
    }),
  );
})();
