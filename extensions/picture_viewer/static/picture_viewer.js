/* Opens the viewer for a click on the large picture of a gallery; its parts are fetched when it is first opened. */
"use strict";

(() => {
  const { paintbox } = window;
  const FOLDER = "paintbox/assets/picture_viewer/view/";
  const LARGE = "[id$='_gallery'] .preview .media-button";

  let loading = null;
  const load = () => {
    loading ||= import(paintbox.address(`${FOLDER}viewer.js`));
    return loading;
  };

  const prefixOf = (element) => element.closest("[id$='_gallery']").id.replace(/_gallery$/, "");

  paintbox.viewer = {
    /** Show a gallery's pictures: `prefix` begins its element id, `place` is the picture to begin with (the selected one). */
    open: async ({ prefix, place = paintbox.pictures.placeInGallery(prefix) }) => {
      const { viewer } = await load();
      viewer.open(prefix, Math.max(place, 0));
    },
  };

  // on the way down, because gradio would go to the next picture
  document.addEventListener(
    "click",
    (event) => {
      const large = event.target.closest && event.target.closest(LARGE);
      if (!large || !paintbox.setting("js_modal_lightbox", true)) return;
      event.preventDefault();
      event.stopPropagation();
      paintbox.viewer.open({ prefix: prefixOf(large) });
    },
    true,
  );

  document.addEventListener("auxclick", (event) => {
    const image = event.button === 1 && event.target.closest && event.target.closest("[id$='_gallery'] button:has(img)");
    if (!image) return;
    event.preventDefault();
    window.open(image.querySelector("img").src, "_blank", "noopener");
  });
})();
