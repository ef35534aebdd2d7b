/* The Settings tab is drawn when it is opened for the first time; until then this is all that a page loads of it. */
"use strict";

(() => {
  const { paintbox } = window;
  const FOLDER = "paintbox/assets/settings_tab/view/";
  const STYLES = ["settings.css", "picker.css", "pages.css"];

  /* fetched and compiled while the page has nothing else to do, so that the tab opens at once */
  paintbox.whenIdle(() => {
    import(paintbox.address(`${FOLDER}view.js`)).catch(() => {});
    for (const name of STYLES) fetch(paintbox.address(`${FOLDER}${name}`)).catch(() => {});
  });

  paintbox.whenSeen(".settings-view", async (place) => {
    const styles = STYLES.map((name) => paintbox.loadStyle(`${FOLDER}${name}`));
    const [{ openSettings }] = await Promise.all([import(paintbox.address(`${FOLDER}view.js`)), ...styles]);
    await openSettings(place);
  });
})();
