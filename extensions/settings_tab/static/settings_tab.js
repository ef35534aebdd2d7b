/* The Settings tab is drawn when it is opened for the first time; until then this is all that a page loads of it. */
"use strict";

(() => {
  const { paintbox } = window;
  const FOLDER = "paintbox/assets/settings_tab/view/";

  const STYLES = ["settings.css", "picker.css", "pages.css"];

  const styled = (name) =>
    new Promise((resolve) => {
      const link = document.createElement("link");
      Object.assign(link, { rel: "stylesheet", href: paintbox.address(`${FOLDER}${name}`), onload: resolve, onerror: resolve });
      document.head.append(link);
    });

  const open = async (place) => {
    try {
      const [{ openSettings }] = await Promise.all([import(paintbox.address(`${FOLDER}view.js`)), ...STYLES.map(styled)]);
      await openSettings(place);
    } catch (error) {
      place.innerHTML = '<p role="alert" class="note error"></p>';
      place.firstChild.textContent = `The settings could not be shown: ${error.message}`;
    }
  };

  /* fetched and compiled while the page has nothing else to do, so that the tab opens at once */
  paintbox.whenIdle(() => {
    import(paintbox.address(`${FOLDER}view.js`)).catch(() => {});
    for (const name of STYLES) fetch(paintbox.address(`${FOLDER}${name}`)).catch(() => {});
  });

  paintbox.whenDrawn(".settings-view", (place) => {
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      open(place);
    }).observe(place);
  });
})();
