/* A sound and a notification when a job of this tab is done; the screen stays on while one runs. */
"use strict";

(() => {
  const { paintbox } = window;
  const SOUND = "paintbox/v1/notification-sound";
  const own = new Map(); // form -> its job of this tab

  // --- sound --------------------------------------------------------------------------------------------------------

  const play = async () => {
    if (!paintbox.setting("notification_audio", false)) return;
    const answer = await fetch(paintbox.address(SOUND)).catch(() => null);
    if (!answer || answer.status !== 200) return;
    const address = URL.createObjectURL(await answer.blob());
    const sound = Object.assign(new Audio(address), { volume: paintbox.setting("notification_volume", 100) / 100 });
    sound.addEventListener("ended", () => URL.revokeObjectURL(address));
    sound.play().catch(() => {}); // browsers play nothing on a page that nobody has touched
  };

  // --- notification -------------------------------------------------------------------------------------------------

  const canNotify = () => "Notification" in window && window.isSecureContext;

  const notify = (count, address) => {
    if (!canNotify() || Notification.permission !== "granted" || document.hasFocus()) return;
    const body = count === 1 ? "Generated 1 image" : `Generated ${count} images`;
    const notification = new Notification(document.title, { body, icon: address });
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
    });
  };

  /** Ask the browser for leave to notify; resolves to whether it is given. */
  const ask = async () => canNotify() && (await Notification.requestPermission()) === "granted";
  paintbox.notifications = { ask, notify };

  if (paintbox.generateMenu) {
    paintbox.generateMenu.add({
      id: "request_notifications",
      label: "Notify me when pictures are done",
      fits: () => canNotify() && Notification.permission === "default",
      run: async () => paintbox.announce((await ask()) ? "" : "The browser does not allow notifications."),
    });
  }

  document.addEventListener("paintbox:shown", async ({ detail }) => {
    if (own.get(detail.form) !== detail.job) return;
    own.delete(detail.form);
    const known = await paintbox.request("GET", `paintbox/v1/jobs/${detail.job}`).catch(() => null);
    const images = known ? known.result.images : [];
    if (!images.length) return;
    play();
    notify(images.filter((image) => image.kind !== "grid").length || images.length, paintbox.address(images[0].url));
  });

  // --- screen -------------------------------------------------------------------------------------------------------

  const busy = new Set();
  let lock = null;
  const keepsOn = async () => {
    const isNeeded = busy.size > 0 && !document.hidden && paintbox.setting("prevent_screen_sleep_during_generation", true);
    if (!navigator.wakeLock || isNeeded === Boolean(lock)) return;
    const old = lock;
    lock = isNeeded ? await navigator.wakeLock.request("screen").catch(() => null) : null;
    if (old) old.release().catch(() => {});
    if (lock) lock.addEventListener("release", () => (lock = null), { once: true });
  };

  document.addEventListener("paintbox:job", ({ detail }) => {
    if (detail.phase === "idle") busy.delete(detail.form);
    else if (detail.own && detail.job) {
      busy.add(detail.form);
      own.set(detail.form, detail.job);
    }
    keepsOn();
  });
  document.addEventListener("visibilitychange", keepsOn);
})();
