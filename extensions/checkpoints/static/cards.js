/* A click on a card of the kind "checkpoints" switches to that checkpoint. */
"use strict";

(() => {
  const { paintbox } = window;

  document.addEventListener("paintbox:card", async ({ detail: { card } }) => {
    if (card.type !== "checkpoints") return;
    paintbox.announce(`Loading ${card.title} …`);
    try {
      const { job } = await paintbox.request("POST", "paintbox/v1/checkpoints/switch", { checkpoint: card.name });
      paintbox.press("settings_changed"); // the list at the top, the size and the cards follow
      paintbox.followLoading(job);
    } catch (error) {
      paintbox.announce(error.message, true);
    }
    document.dispatchEvent(new CustomEvent("paintbox:networks", { detail: { type: card.type } }));
  });
})();
