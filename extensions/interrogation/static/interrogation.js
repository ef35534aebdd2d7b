/* The buttons 📎 and 📦 of img2img: the picture that is shown is described, and what is said becomes the prompt. */
"use strict";

(() => {
  const { paintbox } = window;
  const ENDED = ["done", "failed", "cancelled", "interrupted"];
  const LOOK_MS = 400;
  let isBusy = false;

  paintbox.describe({
    interrogate: "Interrogate CLIP: describe the picture in the prompt",
    deepbooru: "Interrogate DeepBooru: name the picture's tags in the prompt",
  });

  const ended = async (job) => {
    for (;;) {
      const known = await paintbox.request("GET", `paintbox/v1/jobs/${job}`);
      if (ENDED.includes(known.state)) return known;
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
  };

  /** Describe the picture of the canvas that is seen. */
  paintbox.interrogate = async (model) => {
    if (isBusy) return;
    isBusy = true;
    try {
      const canvas = paintbox.canvases.seen().find((each) => each.picture);
      if (!canvas) throw new Error("There is no picture to describe. Give one first.");
      paintbox.announce("Describing the picture …");
      const { id } = await paintbox.request("POST", "paintbox/v1/jobs", { kind: "interrogate", source: "interrogate", request: { ref: canvas.picture, model } });
      const job = await ended(id);
      if (job.state !== "done") throw new Error(job.error || "The picture could not be described.");
      paintbox.setField("img2img_prompt", job.result.info.caption);
      paintbox.announce("");
    } catch (error) {
      paintbox.announce(error.message, true);
    }
    isBusy = false;
  };
})();
