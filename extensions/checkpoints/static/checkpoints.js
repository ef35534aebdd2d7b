/* Follows the job that loads a chosen checkpoint, and says when that failed. */
"use strict";

(() => {
  const { paintbox } = window;
  const PAUSE_MS = 700;
  const ENDED = ["done", "failed", "cancelled", "interrupted"];

  paintbox.describe({ refresh_sd_model_checkpoint: "Look for new and removed checkpoints" });

  paintbox.followLoading = async (job) => {
    if (!job) return;
    try {
      const known = await paintbox.request("GET", `paintbox/v1/jobs/${job}`);
      if (!ENDED.includes(known.state)) {
        const text = (known.progress && known.progress.text) || "Loading the checkpoint …";
        paintbox.announce(text);
        setTimeout(() => paintbox.followLoading(job), PAUSE_MS);
        return;
      }
      paintbox.announce(known.state === "done" ? "" : known.error || "The checkpoint was not loaded.", known.state !== "done");
    } catch (error) {
      paintbox.announce(error.message, true);
    }
    paintbox.press("refresh_sd_model_checkpoint");
  };
})();
