/* Tooltips of the refiner. */
"use strict";

for (const form of ["txt2img", "img2img"]) {
  window.paintbox.describe({ [`${form}_checkpoint_refresh`]: "Look for new and removed checkpoints" });
}
