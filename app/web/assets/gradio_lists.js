/* Lets gradio's drop-downs open again by a click after Escape has closed their list: they open on focus, which never left. */
"use strict";

(() => {
  const CLOSED = '.wrap-inner input[role="combobox"][aria-expanded="false"]';

  document.addEventListener(
    "pointerdown",
    ({ target }) => {
      if (target !== document.activeElement || !target.matches(CLOSED)) return;
      target.blur(); // the click itself brings the focus back
    },
    true,
  );
})();
