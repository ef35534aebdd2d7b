/* The menu of Generate, and what it offers: jobs one after another until somebody cancels it. */
"use strict";

(() => {
  const { paintbox } = window;
  const { make } = paintbox;
  const LONG_PRESS_MS = 600;
  const BUTTONS = ".generate-box :is(.generate, .interrupt, .interrupting)";
  const PAUSE_MS = 100;

  // --- the menu -----------------------------------------------------------------------------------------------------

  const entries = [];
  let menu = null;
  let opener = null;

  const close = (focusBack = false) => {
    if (menu) menu.remove();
    menu = null;
    if (focusBack && opener) opener.focus();
  };

  const move = (by) => {
    const items = [...menu.querySelectorAll("[role=menuitem]")];
    items[(items.indexOf(document.activeElement) + by + items.length) % items.length].focus();
  };

  const keys = (event) => {
    const does = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Escape: () => close(true), Tab: () => close(true) }[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  };

  const open = (button, at) => {
    close();
    opener = button;
    const form = button.closest(".generate-box").id.replace(/_generate_box$/, "");
    const items = entries
      .filter((entry) => !entry.fits || entry.fits(form))
      .map((entry) => {
        const run = () => {
          close(true);
          entry.run(form);
        };
        const label = typeof entry.label === "function" ? entry.label(form) : entry.label;
        return make("button", { type: "button", role: "menuitem", id: entry.id, tabindex: "-1", onclick: run }, label);
      });
    if (!items.length) return;
    menu = make("div", { id: "context-menu", class: "generate-menu", role: "menu", "aria-label": "Generate", onkeydown: keys }, ...items);
    (document.querySelector(".gradio-container") || document.body).append(menu);
    const box = button.getBoundingClientRect();
    const { x, y } = at || { x: box.left, y: box.bottom };
    menu.style.left = `${Math.max(4, Math.min(x, innerWidth - menu.offsetWidth - 4))}px`;
    menu.style.top = `${Math.max(4, Math.min(y, innerHeight - menu.offsetHeight - 4))}px`;
    items[0].focus();
  };

  paintbox.generateMenu = {
    /** Add an entry: `{ id, label, run(form), fits(form) }`; `label` is a text or a function of the form, `fits` may be missing. */
    add: (entry) => entries.push(entry),
    close,
  };

  document.addEventListener("contextmenu", (event) => {
    const button = event.target.closest && event.target.closest(BUTTONS);
    if (!button) return;
    event.preventDefault();
    open(button, event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : null);
  });
  document.addEventListener("pointerdown", (event) => menu && !menu.contains(event.target) && close());
  addEventListener("blur", () => close());

  // browsers that open no menu for a long press
  let press = 0;
  let wasLong = false;
  document.addEventListener("pointerdown", (event) => {
    const button = event.pointerType === "touch" && event.target.closest && event.target.closest(BUTTONS);
    wasLong = false;
    clearTimeout(press);
    if (!button) return;
    press = setTimeout(() => {
      wasLong = true;
      open(button, { x: event.clientX, y: event.clientY });
    }, LONG_PRESS_MS);
  });
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => clearTimeout(press));
  document.addEventListener(
    "click",
    (event) => {
      if (!wasLong || !event.target.closest || !event.target.closest(BUTTONS)) return;
      wasLong = false;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  // --- forever ------------------------------------------------------------------------------------------------------

  const forever = new Set();

  const set = (form, isOn) => {
    if (isOn) forever.add(form);
    else forever.delete(form);
    const box = paintbox.element(`${form}_generate_box`);
    if (box) box.dataset.forever = isOn ? "yes" : "no";
  };

  const stop = (form, words) => {
    set(form, false);
    paintbox.announce(words, true);
  };

  const wasRefused = (form) => Boolean(document.querySelector(`[id="${form}_problem"] .note`));

  const next = async (form, job) => {
    if (!forever.has(form)) return;
    if (!job && wasRefused(form)) return stop(form, "Generate forever has ended: the request was refused.");
    const ended = job ? await paintbox.request("GET", `paintbox/v1/jobs/${job}`).catch(() => null) : null;
    if (ended && ended.state === "failed") return stop(form, "Generate forever has ended: a job has failed.");
    if (forever.has(form) && paintbox.jobs.phase(form) === "idle") paintbox.jobs.generate(form);
  };

  const running = new Map();
  document.addEventListener("paintbox:job", ({ detail }) => {
    const { form, job, phase } = detail;
    if (phase !== "idle") return running.set(form, job);
    const ended = running.get(form);
    running.delete(form);
    if (forever.has(form) && ended !== undefined) setTimeout(() => next(form, ended), PAUSE_MS);
  });

  paintbox.generateMenu.add({
    id: "generate_forever",
    label: "Generate forever",
    fits: (form) => !forever.has(form),
    run: (form) => {
      set(form, true);
      if (paintbox.jobs.phase(form) === "idle") paintbox.jobs.generate(form);
    },
  });
  paintbox.generateMenu.add({
    id: "cancel_generate_forever",
    label: "Cancel generate forever",
    fits: (form) => forever.has(form),
    run: (form) => set(form, false),
  });
})();
