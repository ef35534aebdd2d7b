/* The buttons 📎 and 📦 of img2img: the picture that is shown is described, and what is said becomes the prompt. */
"use strict";

(() => {
  const { paintbox } = window;
  const FORM = "img2img";
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

  const MISSING = {
    clip: "Paintbox comes without a program that describes pictures in a sentence (CLIP). Install one in the tab Extensions.",
    deepdanbooru: "Paintbox comes without a tagger (DeepBooru). Install one in the tab Extensions.",
  };
  const read = (name) => (paintbox.field(`img2img_${name}`) || { value: "" }).value;

  const run = async (kind, request) => {
    const { id } = await paintbox.request("POST", "paintbox/v1/jobs", { kind, source: "interrogate", request });
    const job = await ended(id);
    if (job.state !== "done") throw new Error(job.error || "The picture could not be described.");
    return job.result;
  };

  /** Describe the pictures of the tab Batch, each in a text file of its name. */
  const interrogateBatch = async (model) => {
    const isUpload = read("batch_source_tab") === "upload";
    const uploads = isUpload ? JSON.parse(read("batch_uploads") || "[]") : [];
    const { info } = await run("interrogate_batch", { model, uploads, input_dir: isUpload ? "" : read("batch_input_dir"), output_dir: read("batch_output_dir") });
    const [failed] = info.failed;
    paintbox.announce(failed ? `Described: ${info.written} of ${info.pictures} pictures. ${failed}` : `Described: ${info.written} of ${info.pictures} pictures.`, Boolean(failed));
  };

  /** Describe the picture of the canvas that is seen; `isThere`: whether anybody plays the role `model`. */
  paintbox.interrogate = async (model, isThere = true) => {
    if (isBusy) return;
    if (!isThere) return paintbox.problems.tell(FORM, MISSING[model]);
    isBusy = true;
    paintbox.problems.tell(FORM, "");
    try {
      if (read("mode") === "batch") {
        paintbox.announce("Describing the pictures …");
        return await interrogateBatch(model);
      }
      const canvas = paintbox.canvases.seen().find((each) => each.picture);
      if (!canvas) throw new Error("There is no picture to describe. Give one first.");
      paintbox.announce("Describing the picture …");
      const { info } = await run("interrogate", { ref: canvas.picture, model });
      paintbox.setField("img2img_prompt", info.caption);
      paintbox.announce("");
    } catch (error) {
      paintbox.announce("");
      paintbox.problems.tell(FORM, error.message);
    } finally {
      isBusy = false;
    }
    return undefined;
  };
})();
