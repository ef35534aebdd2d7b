/* Pictures that are dropped on a canvas or pasted into the page. */
"use strict";

(() => {
  const { paintbox } = window;
  const isPicture = (file) => file.type.startsWith("image/");

  /** The picture that is carried: a file, or a picture of this page by its address. */
  const carried = async (data) => {
    const file = [...data.files].find(isPicture);
    if (file) return file;
    const address = data.getData("text/uri-list").split("\n")[0];
    if (!address.startsWith(paintbox.base())) return null;
    const blob = await (await fetch(address)).blob();
    return isPicture(blob) ? blob : null;
  };

  paintbox.canvasDrop = (canvas) => {
    const { root, stage } = canvas.parts;
    const mark = (isOver) => stage.classList.toggle("dropping", isOver);
    root.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(true);
    });
    root.addEventListener("dragleave", () => mark(false));
    root.addEventListener("drop", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      mark(false);
      const picture = await carried(event.dataTransfer);
      if (picture) canvas.bring(picture);
      else canvas.tell("That is no picture.", true);
    });
  };

  document.addEventListener("paste", (event) => {
    const picture = [...(event.clipboardData || { files: [] }).files].find(isPicture);
    if (!picture || !paintbox.canvases) return;
    const all = paintbox.canvases.seen();
    const canvas = paintbox.canvases.current() || all.find((each) => !each.picture) || all.pop();
    if (!canvas) return;
    event.preventDefault();
    canvas.bring(picture);
  });
})();
