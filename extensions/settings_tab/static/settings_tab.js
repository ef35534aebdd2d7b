/* The Settings tab is drawn when it is opened for the first time; until then this is all that a page loads of it. */
"use strict";

(() => {
  const { paintbox } = window;

  const open = async (place) => {
    try {
      const { openSettings } = await import(paintbox.address("paintbox/assets/settings_tab/view/view.js"));
      await openSettings(place);
    } catch (error) {
      place.innerHTML = '<p role="alert" class="note error"></p>';
      place.firstChild.textContent = `The settings could not be shown: ${error.message}`;
    }
  };

  paintbox.whenDrawn(".settings-view", (place) => {
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      open(place);
    }).observe(place);
  });
})();
