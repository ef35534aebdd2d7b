/* The page "Actions": each row a button, what it does, and what came of it. */

const { paintbox } = window;
const { make } = paintbox;

const row = (id, label, help, act, ...more) => {
  const told = make("p", { class: "action-told", role: "status" });
  const button = make("button", { type: "button", id }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    told.textContent = "Working …";
    try {
      told.textContent = (await act()) || "Done.";
    } catch (error) {
      told.textContent = error.status === 404 ? "The extension that does this is not in use." : error.message;
    } finally {
      button.disabled = false;
    }
  });
  return make("div", { class: "action" }, make("p", { class: "settings-row" }, button, ...more), make("p", { class: "setting-help" }, help), told);
};

const NOTIFICATIONS = {
  granted: "Notifications are allowed.",
  denied: "Notifications are refused: allow them in the browser's settings of this site.",
  default: "Notifications were neither allowed nor refused.",
};

const askForNotifications = async () => {
  if (!window.Notification) return "This browser has no notifications for this address: they need https, or localhost.";
  return NOTIFICATIONS[await Notification.requestPermission()];
};

const download = async () => {
  const answer = await fetch(paintbox.address(`paintbox/v1/localization/template?name=${encodeURIComponent(window.localizationName || "")}`));
  if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
  const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: "localization.json" });
  link.click();
  URL.revokeObjectURL(link.href);
};

const compute = async (threads) => {
  const { message, problems } = await paintbox.request("POST", `paintbox/v1/checkpoint-hashes?threads=${threads.value || 1}`);
  return [message, ...problems].join(" ");
};

const reloadCode = async () => {
  const { message, problems } = await paintbox.request("POST", "paintbox/v1/extensions/reload-code");
  return [message, ...problems].join(" ");
};

export const open = async (place) => {
  const threads = make("input", { type: "number", id: "calculate_all_checkpoint_hash_threads", min: 1, max: 16, value: 1 });
  place.replaceChildren(
    row("request_notifications", "Request browser notifications", "Then the browser says when pictures are done while you look elsewhere.", askForNotifications),
    row("download_localization", "Download localization template", "Every text of the page as JSON, for translators; with the chosen language's translations.", download),
    row("settings_reload_script_bodies", "Reload custom script bodies (No ui updates, No restart)", "Reads the code of the extensions again that you have installed. What they draw in the page follows with Reload UI.", reloadCode),
    row("sett_unload_sd_model", "Unload SD checkpoint to RAM", "Frees the device's memory. The next picture loads the checkpoint again.", () =>
      paintbox.request("POST", "sdapi/v1/unload-checkpoint").then(() => "The checkpoint was unloaded."),
    ),
    row("sett_reload_sd_model", "Load SD checkpoint to VRAM from RAM", "Loads the checkpoint back, so that the next picture begins at once.", () =>
      paintbox.request("POST", "sdapi/v1/reload-checkpoint").then(() => "The checkpoint was loaded."),
    ),
    row("calculate_all_checkpoint_hash", "Calculate hash for all checkpoint", "It takes as long as the disk needs to read them.", () => compute(threads), make("label", { class: "settings-tick" }, "Threads", threads)),
  );
};
