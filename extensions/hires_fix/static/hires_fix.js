/* Tooltips of hires fix. */
"use strict";

window.paintbox.describe({
  txt2img_hires_steps: "Steps of the second pass; 0: as many as the first",
  txt2img_hr_resize_x: "0: follows from the height, or from Upscale by",
  txt2img_hr_resize_y: "0: follows from the width, or from Upscale by",
  hr_checkpoint_refresh: "Look for new and removed checkpoints",
  txt2img_upscale: "Upscale the selected picture with the settings of Hires. fix",
});
