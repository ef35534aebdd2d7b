/* Follows the job that loads a chosen checkpoint, and says when that failed. */
"use strict";

(() => {
  const { paintbox } = window;
  const PAUSE_MS = 700;
  const HASH_MS = 500;
  const MOST_HASH_MS = 300_000;
  const ENDED = ["done", "failed", "cancelled", "interrupted"];

  paintbox.describe({ refresh_sd_model_checkpoint: "Look for new and removed checkpoints" });

  /** The checkpoint in use at the end of the footer: ten digits of its hash, all of them in the tooltip. */
  const showHash = (versions, sha256) => {
    const { make } = paintbox;
    const known = paintbox.element("sd_checkpoint_hash") || make("a", { id: "sd_checkpoint_hash", translate: "no" });
    if (!known.isConnected) versions.append(" • ", make("span", { translate: "yes" }, "checkpoint: ", known));
    known.textContent = sha256.slice(0, 10) || "N/A";
    known.title = sha256;
  };
  let marked = null;
  /** A hash that is not known yet is asked for, ever more seldom; a later mark of another checkpoint ends that. */
  const follow = async (mark, sha256, wait = HASH_MS) => {
    if (mark !== marked) return;
    paintbox.once("#footer .versions", (versions) => showHash(versions, sha256));
    if (sha256 || wait > MOST_HASH_MS) return;
    const now = await paintbox.request("GET", "paintbox/v1/checkpoints/current").catch(() => ({ sha256: "" }));
    setTimeout(() => follow(mark, now.sha256, 2 * wait), now.sha256 ? 0 : wait);
  };
  paintbox.whenDrawn(".checkpoint-hash", (mark) => {
    marked = mark;
    follow(mark, mark.dataset.sha256);
  });

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
