/* The Extras tab as a place for pictures: it is opened, and the picture waits until its view is drawn. */
"use strict";

(() => {
  const { paintbox } = window;
  let take = null;
  let waiting = null;

  paintbox.describe({
    txt2img_send_to_extras: "Send the selected picture to the Extras tab",
    img2img_send_to_extras: "Send the selected picture to the Extras tab",
  });

  paintbox.extras = {
    /** The view is drawn: `taker(picture)` takes pictures in from now on. */
    ready: (taker) => {
      take = taker;
      if (waiting) take(waiting);
      waiting = null;
    },
  };

  const open = async (picture) => {
    const file = await paintbox.pictures.file(picture);
    paintbox.openTab("extras");
    if (take) await take(file);
    else waiting = file;
  };
  paintbox.pictures.addTarget({ id: "extras", label: "Extras", open });
})();
