/* What every part of the page shares: addresses, requests, waiting for elements, the worker's state, keyboard shortcuts. */
"use strict";

(() => {
  const base = new URL(".", document.baseURI);
  const paintbox = (window.paintbox = {});

  /* the other scripts run after this one, in the order in which they are named */
  for (const address of document.currentScript.dataset.scripts.split(" ").filter(Boolean)) {
    const script = document.createElement("script");
    script.src = new URL(address, base).href;
    script.async = false;
    if (/\.mjs(\?|$)/.test(address)) script.type = "module";
    document.head.append(script);
  }

  paintbox.base = () => base.href;
  paintbox.address = (path) => new URL(path.replace(/^\//, ""), base).href;

  /** The server's sentence: its own, or the first value that is not of its field's type, with the field's name. */
  const refusal = (detail) => {
    if (!Array.isArray(detail) || !detail.length) return typeof detail === "string" ? detail : "";
    const place = detail[0].loc.filter((part) => part !== "body").join(".");
    return place ? `${place}: ${detail[0].msg}` : detail[0].msg;
  };

  /** Ask the server for JSON; a refusal becomes an Error with the server's sentence, its `status` and its `data`. */
  paintbox.request = async (method, path, body) => {
    const answer = await fetch(paintbox.address(path), {
      method,
      cache: "no-store",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const data = text ? JSON.parse(text) : null;
    if (!answer.ok) {
      const sentence = refusal(data && data.detail) || answer.statusText;
      throw Object.assign(new Error(sentence), { status: answer.status, data });
    }
    return data;
  };

  /** A text in the page's language, for what the page does not draw itself; localization puts its own in the place of this. */
  paintbox.translate = (words) => words;

  paintbox.element = (id) => document.getElementById(id);

  /** Click one of gradio's hidden buttons. */
  paintbox.press = (id) => {
    const element = paintbox.element(id);
    const button = element && (element.tagName === "BUTTON" ? element : element.querySelector("button"));
    if (button) button.click();
    return Boolean(button);
  };

  /** Click one whose click asks the server, unless that is away: gradio does nothing more once it has asked in vain. */
  paintbox.pressWhenAnswered = async (id) => {
    try {
      await paintbox.request("GET", "internal/ping");
    } catch (error) {
      return false;
    }
    return paintbox.press(id);
  };

  /** The field inside one of gradio's text boxes, also a hidden one; null while it is not drawn. */
  paintbox.field = (id) => document.querySelector(`[id="${id}"] :is(textarea, input)`);

  /** Put a text into it, as if it was typed; returns whether that changed it. */
  paintbox.setField = (id, text) => {
    const field = paintbox.field(id);
    if (!field || field.value === text) return false;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  };

  const wanted = [];
  const look = ({ selector, known, found }) => {
    for (const element of document.querySelectorAll(selector)) {
      if (known.has(element)) continue;
      known.add(element);
      found(element);
    }
  };
  /* what changes in a place marked with data-quiet is its script's own: nobody looks through the whole page for it */
  const isQuiet = ({ target }) => Boolean(target.closest && target.closest("[data-quiet]"));
  new MutationObserver((records) => records.every(isQuiet) || wanted.forEach(look)).observe(document.documentElement, { childList: true, subtree: true });

  /** Call `found(element)` once for every element that matches, now or when gradio draws it. */
  paintbox.whenDrawn = (selector, found) => {
    const entry = { selector, found, known: new WeakSet() };
    wanted.push(entry);
    look(entry);
  };

  /** Call `found(element)` with the first element that matches, now or as soon as gradio draws it. */
  paintbox.once = (selector, found) => {
    let isDone = false;
    paintbox.whenDrawn(selector, (element) => {
      if (!isDone) found(element);
      isDone = true;
    });
  };

  /** The button of a top tab in the menu of those that have no room: gradio gives it no id, but all tabs stand in order in a hidden row. */
  const inTabMenu = (id) => {
    const known = document.querySelector("[data-tabs]");
    const place = known ? known.dataset.tabs.split(" ").indexOf(id) : -1;
    const row = document.querySelectorAll("#tabs > .tab-wrapper > [aria-hidden=true] button");
    const menu = [...document.querySelectorAll("#tabs > .tab-wrapper .overflow-dropdown button")];
    return row[place] && menu.find((button) => button.textContent === row[place].textContent);
  };

  /** Open one of the page's top tabs; an Error where it is hidden. */
  paintbox.openTab = (id) => {
    const button = document.querySelector(`#tabs button[role=tab]:is([id="tab_${id}-button"], [aria-controls="tab_${id}"])`) || inTabMenu(id);
    if (!button) throw new Error(`There is no tab ${id}: it is hidden in Settings, or its extension is switched off.`);
    button.click();
  };

  // --- opening the page ---------------------------------------------------------------------------------------------

  const FILL_MS = 5000;
  let isFilled = false;

  /** `told`: JSON of values by place; what has none stays undefined, which gradio leaves alone. */
  paintbox.restored = (told) => Object.assign([], JSON.parse(told || "{}"));

  /** The controls show what they should: from now on they can be used. */
  paintbox.filled = () => {
    if (!isFilled) document.dispatchEvent(new CustomEvent("paintbox:filled"));
    isFilled = true;
    for (const tabs of document.querySelectorAll("#tabs[inert]")) tabs.inert = false;
  };
  paintbox.whenDrawn("#tabs", (tabs) => {
    tabs.inert = !isFilled;
    setTimeout(paintbox.filled, FILL_MS); // a server that does not answer must not lock the page
  });

  const styles = new Map();

  /** Load a style sheet of the page ("paintbox/assets/owner/file.css"), once; resolves when it is there, or cannot be had. */
  paintbox.loadStyle = (path) => {
    const loaded = (resolve) => {
      const link = document.createElement("link");
      Object.assign(link, { rel: "stylesheet", href: paintbox.address(path), onload: resolve, onerror: resolve });
      document.head.append(link);
    };
    if (!styles.has(path)) styles.set(path, new Promise(loaded));
    return styles.get(path);
  };

  /** Call `function` after `wait` ms without another call. */
  paintbox.debounce = (wait, call) => {
    let timer = 0;
    return (...given) => {
      clearTimeout(timer);
      timer = setTimeout(() => call(...given), wait);
    };
  };

  /** Give elements a tooltip, which is also their name for screen readers: `{element id: words}`. */
  paintbox.describe = (table) => {
    for (const [id, words] of Object.entries(table)) {
      paintbox.whenDrawn(`[id="${id}"]`, (element) => {
        element.title = words;
        element.setAttribute("aria-label", words);
      });
    }
  };

  /** The form whose tab is open: the first visible Generate button tells. */
  paintbox.openForm = () => {
    for (const box of document.querySelectorAll(".generate-box")) {
      if (box.offsetParent !== null) return box.id.replace(/_generate_box$/, "");
    }
    return "";
  };

  // --- the worker's state -------------------------------------------------------------------------------------------

  const WORDS = { starting: "Starting the worker …", loading: "Loading …", ready: "Ready", busy: "Working", stopped: "The worker has stopped" };
  const SLOW_MS = 5000;
  const QUICK_MS = 700;
  paintbox.worker = {};

  let notice = null;

  /** Say something in the status line instead of the worker's state; "" ends it. An error stays until the next notice. */
  paintbox.announce = (words, isError = false) => {
    notice = words ? { message: words, state: isError ? "stopped" : "loading" } : null;
    showWorker(paintbox.worker);
  };

  const showWorker = (known) => {
    const place = document.querySelector(".worker-status");
    if (!place) return;
    const status = notice || known;
    const state = status.state === "ready" && status.message ? "noted" : status.state || "starting";
    const words = status.message || WORDS[state] || state;
    if (place.dataset.state !== state) place.dataset.state = state;
    if (place.textContent !== words) place.textContent = words;
    place.title = [status.model, status.device].filter(Boolean).join(", ");
  };

  /* settings that another window or program has changed are shown here too, unless somebody is at those controls */
  let seenSettings;
  const followSettings = ({ settings }) => {
    if (settings === undefined || settings === seenSettings) return;
    const row = paintbox.element("quicksettings");
    if (seenSettings !== undefined && row && row.contains(document.activeElement)) return;
    if (seenSettings !== undefined) paintbox.press("settings_changed");
    seenSettings = settings;
  };

  /* the program was started anew: its page may be another one now */
  let seenStart;
  const followStart = ({ start }) => {
    if (start === undefined || start === seenStart) return;
    if (seenStart !== undefined) paintbox.checkPage();
    seenStart = start;
  };

  let nextLook = 0;
  paintbox.isConnected = true;
  const watchWorker = async () => {
    clearTimeout(nextLook);
    let pause = SLOW_MS;
    try {
      paintbox.worker = await paintbox.request("GET", "paintbox/v1/worker");
      paintbox.isConnected = true;
      if (!["ready", "busy"].includes(paintbox.worker.state)) pause = QUICK_MS;
    } catch (error) {
      paintbox.isConnected = false;
      paintbox.worker = { state: "stopped", message: "No connection to Paintbox; trying again …" };
      pause = QUICK_MS;
    }
    showWorker(paintbox.worker);
    followSettings(paintbox.worker);
    followStart(paintbox.worker);
    document.dispatchEvent(new CustomEvent("paintbox:worker", { detail: paintbox.worker }));
    nextLook = setTimeout(watchWorker, document.hidden ? SLOW_MS : pause);
  };
  /** Ask now: something has happened to a job. */
  paintbox.lookAtWorker = () => watchWorker();
  paintbox.whenDrawn(".worker-status", () => showWorker(paintbox.worker));
  watchWorker();

  // --- keyboard -----------------------------------------------------------------------------------------------------

  document.addEventListener(
    "keydown",
    (event) => {
      const form = paintbox.openForm();
      if (!form || !paintbox.jobs || (event.target.closest && event.target.closest("dialog"))) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        event.stopPropagation();
        paintbox.jobs.generate(form);
      } else if (event.key === "Enter" && event.altKey) {
        event.preventDefault();
        paintbox.jobs.skip(form);
      } else if (event.key === "Escape" && !event.defaultPrevented && !closesSomething(event.target)) {
        paintbox.jobs.interrupt(form);
      }
    },
    true,
  );

  // gradio tells of a slider's change when the pointer or the focus leaves it: at the top of the page, where it is saved, keys count too
  const SLIDING = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
  document.addEventListener("keyup", ({ key, target }) => {
    if (!target.closest || !target.closest("#quicksettings")) return;
    if (target.type === "range" && SLIDING.includes(key)) target.dispatchEvent(new Event("pointerup", { bubbles: true }));
    if (target.type === "number" && key === "Enter") target.dispatchEvent(new Event("blur"));
  });

  /** Escape belongs to an open list or to the picture viewer first. */
  const closesSomething = (target) =>
    Boolean(target.closest && target.closest("[role=listbox], [aria-expanded=true], .preview, dialog"));
})();
