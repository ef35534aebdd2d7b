/* Tooltips of aesthetic gradients. */
"use strict";

for (const form of ["txt2img", "img2img"]) {
  window.paintbox.describe({ [`${form}_aesthetic_refresh`]: "Look for new and removed aesthetic embeddings" });
}
