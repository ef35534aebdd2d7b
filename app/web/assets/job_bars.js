/* The bar above a form's gallery, the preview over it, and what screen readers are told of both. */
"use strict";

(() => {
  const { paintbox } = window;

  const partsOf = (form) => {
    const place = paintbox.element(`${form}_progress`);
    if (!place) return null;
    const root = place.querySelector(".progressDiv");
    return {
      root,
      fill: root.querySelector(".progress"),
      text: root.querySelector(".progress-text"),
      layer: place.querySelector(".livePreview"),
      spoken: place.querySelector("[aria-live]"),
    };
  };

  const two = (number) => String(number).padStart(2, "0");

  paintbox.bars = {
    NOT_SUBMITTED: "The server could not take this in: it answered with an error, and its log says why.",
    NOT_SHOWN: "The server could not show the result: it answered with an error, and its log says why. The pictures are saved.",

    /** HTML of a line that says what went wrong. */
    error: (words) => {
      const line = document.createElement("p");
      line.className = "note error";
      line.setAttribute("role", "alert");
      line.textContent = words;
      return line.outerHTML;
    },

    /** `words`: sentences and figures, each of which is translated by itself. */
    show: (form, percent, words) => {
      const bar = partsOf(form);
      if (!bar) return;
      bar.root.hidden = !paintbox.setting("show_progressbar", true);
      bar.fill.style.width = `${percent}%`;
      bar.fill.setAttribute("aria-valuenow", String(Math.round(percent)));
      bar.text.replaceChildren(...words.flatMap((part, number) => [number ? " " : "", paintbox.make("span", {}, part)]));
    },

    isShown: (form) => {
      const bar = partsOf(form);
      return Boolean(bar && bar.fill.style.width);
    },

    clear: (form) => {
      const bar = partsOf(form);
      if (!bar) return;
      bar.root.hidden = true;
      bar.fill.style.width = "";
      bar.text.textContent = "";
    },

    /** Lay a picture over the gallery; "" takes it away. */
    preview: (form, address) => {
      const bar = partsOf(form);
      if (!bar) return;
      if (address) bar.layer.querySelector("img").src = address;
      bar.layer.hidden = !address;
    },

    /** Say something to people who cannot see the bar. */
    say: (form, words) => {
      const bar = partsOf(form);
      if (bar && bar.spoken.textContent !== words) bar.spoken.textContent = words;
    },

    /** `12s`, `01:12`, `01:00:12`. */
    timeLeft: (seconds) => {
      const whole = Math.max(0, Math.round(seconds));
      if (whole < 60) return `${whole}s`;
      const minutes = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
      return whole < 3600 ? minutes : `${two(Math.floor(whole / 3600))}:${minutes}`;
    },
  };
})();
