/* A button on the cards of pickled model files that writes them anew as safetensors. */
"use strict";

(() => {
  const { paintbox } = window;
  const PICKLES = /\.(ckpt|pt|pth|bin)$/i;
  const LOOK_MS = 700;
  const ACTIVE = ["queued", "running"];

  const follow = async (id, card) => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const job = await paintbox.request("GET", `paintbox/v1/jobs/${id}`);
      if (!ACTIVE.includes(job.state)) return job;
      const told = job.progress;
      paintbox.announce(told ? `Converting ${card.name}: ${Math.round(told.fraction * 100)}%` : `Converting ${card.name}: waiting for its turn`);
    }
  };

  const convert = async (card, place) => {
    try {
      paintbox.announce(`Converting ${card.name} …`);
      const { job } = await paintbox.request("POST", "paintbox/v1/models/convert", { folder_kind: card.folder_kind, model: card.name });
      const ended = await follow(job, card);
      if (ended.state !== "done") throw new Error(ended.error || `Converting ${card.name} was stopped.`);
      paintbox.announce("");
      await paintbox.networks.refresh(place.type);
    } catch (error) {
      paintbox.announce(error.message, true);
    }
  };

  const start = async () => {
    if (!paintbox.networks) return;
    const access = await paintbox.request("GET", "paintbox/v1/models/access").catch(() => null);
    if (access && !access.allowed) return; // the button for uploads, or the tool's own page, says why
    const fits = (card) => PICKLES.test(card.name);
    paintbox.networks.addCardAction({ id: "convert", icon: "swap", label: "Convert to safetensors", fits, run: convert });
  };

  if (paintbox.networks || document.readyState === "complete") start();
  else window.addEventListener("load", start);
})();
