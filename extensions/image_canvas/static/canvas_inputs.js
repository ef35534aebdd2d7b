/* Where the pictures of canvases are kept: at the server under a name, and the name in a hidden field of the form. */
"use strict";

(() => {
  const { paintbox } = window;
  const address = (ref) => paintbox.address(`paintbox/v1/inputs/${ref}`);
  const final = (words) => Object.assign(new Error(words), { isFinal: true });

  paintbox.canvasInputs = {
    /** What stands in a field of a canvas: picture, painted or extend. */
    read: (name, field) => (paintbox.field(`${name}_${field}`) || { value: "" }).value,

    /** Put it there; returns whether that changed anything. */
    put: (name, field, text) => paintbox.setField(`${name}_${field}`, text),

    /** Send a picture's file; gives the name under which it can be asked for. */
    send: async (blob, name = "") => (await paintbox.pictures.bring(blob, name)).ref,

    /** The image element with the picture of that name; an error is `isFinal` when asking again would not help. */
    loaded: async (image, ref) => {
      image.src = address(ref);
      try {
        await image.decode();
      } catch (error) {
        const answer = await fetch(address(ref)).catch(() => null);
        if (!answer) throw new Error("The picture could not be fetched. Is Paintbox running? Open the page again.");
        throw final(answer.ok ? "This browser cannot show the picture." : "The picture is not there any more. Give it again.");
      }
      return image;
    },
  };
})();
