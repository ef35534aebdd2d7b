/* Tooltips of the buttons below a gallery. */
"use strict";

(() => {
  const { paintbox } = window;
  paintbox.whenDrawn(".image-buttons", (row) => {
    const form = row.id.replace(/^image_buttons_/, "");
    paintbox.describe({
      [`${form}_open_folder`]: "Open the folder of the pictures",
      [`save_${form}`]: "Save the selected picture to the folder for saved pictures",
      [`save_zip_${form}`]: "Save, and make a ZIP archive of what was saved",
    });
  });
})();
