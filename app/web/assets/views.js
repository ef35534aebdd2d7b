/* Views: a place of the page that a module fills when it is first seen, `<div class="page-view" data-view="owner/view/file.js">`. */
"use strict";

(() => {
  const { paintbox } = window;

  /** Call `open(place)`, which returns a promise, once for every element that matches, when it is first seen; an error is shown there. */
  paintbox.whenSeen = (selector, open) => {
    const failed = (place, error) => {
      place.innerHTML = '<p role="alert" class="note error"></p>';
      place.firstChild.textContent = `This could not be shown: ${error.message}`;
    };
    paintbox.whenDrawn(selector, (place) => {
      new IntersectionObserver((entries, observer) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        open(place).catch((error) => failed(place, error));
      }).observe(place);
    });
  };

  paintbox.whenSeen(".page-view", async (place) => {
    const view = await import(paintbox.address(`paintbox/assets/${place.dataset.view}`));
    await view.open(place);
  });

  /** Call `work` once the page can be used and has nothing else to do. */
  paintbox.whenIdle = (work) => {
    const idle = window.requestIdleCallback || ((call) => setTimeout(call, 1000));
    document.addEventListener("paintbox:filled", () => idle(work), { once: true });
  };

  /* the modules of views on tabs that nobody has opened yet are fetched and compiled then, so that these open at once */
  const { views = "" } = document.querySelector("script[data-views]")?.dataset ?? {};
  paintbox.whenIdle(async () => {
    for (const view of views.split(" ").filter(Boolean)) await import(paintbox.address(`paintbox/assets/${view}`)).catch(() => {});
  });
})();
