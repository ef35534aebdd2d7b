/* The img2img tab: which mode is open, copies between the modes, the picture's size, and pictures sent from galleries. */
"use strict";

(() => {
  const { paintbox } = window;
  const CANVASES = { img2img: "img2img_image", sketch: "img2img_sketch", inpaint: "img2maskimg", inpaint_sketch: "inpaint_sketch", inpaint_upload: "img_inpaint_base" };
  const TABS = {
    img2img_img2img_tab: "img2img",
    img2img_img2img_sketch_tab: "sketch",
    img2img_inpaint_tab: "inpaint",
    img2img_inpaint_sketch_tab: "inpaint_sketch",
    img2img_inpaint_upload_tab: "inpaint_upload",
    img2img_batch_tab: "batch",
  };
  const SOURCES = { img2img_batch_upload_tab: "upload", img2img_batch_from_dir_tab: "dir" };
  const MULTIPLE_PX = 8;
  const RESIZE_TABS = { img2img_tab_resize_to: "to", img2img_tab_resize_by: "by" };
  const LOOK_MS = 50;
  let waiting = {};

  paintbox.describe({
    img2img_detect_image_size_btn: "Take width and height from the picture",
    txt2img_send_to_img2img: "Send the selected picture and its parameters to img2img",
    txt2img_send_to_inpaint: "Send the selected picture and its parameters to inpaint",
    img2img_send_to_img2img: "Send the selected picture and its parameters to img2img",
    img2img_send_to_inpaint: "Send the selected picture and its parameters to inpaint",
  });

  const read = (name) => (paintbox.field(`img2img_${name}`) || { value: "" }).value;
  const mode = () => read("mode") || "img2img";
  const select = (tab) => ({ __type__: "update", selected: tab });

  /** A click on a tab, or on its name in the menu of those that did not fit, opens a mode: the form's hidden field follows. */
  const follow = (container, tabs, field) => {
    const look = () => {
      const open = Object.keys(tabs).find((tab) => paintbox.element(tab) && paintbox.element(tab).getClientRects().length);
      if (open && paintbox.setField(`img2img_${field}`, tabs[open])) paintbox.keepDraft("img2img");
    };
    paintbox.whenDrawn(`#${container}`, (element) => {
      element.addEventListener("click", (event) => {
        const panel = event.target.closest("[role=tabpanel]");
        if (!element.contains(panel)) setTimeout(look, LOOK_MS);
      });
    });
  };
  follow("mode_img2img", TABS, "mode");
  follow("img2img_tabs_resize", RESIZE_TABS, "resize_tab");
  follow("img2img_batch_source", SOURCES, "batch_source_tab");

  // --- size ---------------------------------------------------------------------------------------------------------

  const size = () => paintbox.canvases.size(CANVASES[mode()]);

  const showScaled = () => {
    const place = document.querySelector("#img2img_scale_resolution_preview .resolution");
    const field = document.querySelector("#img2img_scale input[type=number]");
    if (!place || !field) return;
    const now = size();
    const scaled = now && now.map((side) => Math.floor((side * Number(field.value)) / MULTIPLE_PX) * MULTIPLE_PX);
    place.textContent = now ? `resize: from ${now.join("×")} to ${scaled.join("×")}` : "There is no picture to resize.";
  };
  document.addEventListener("paintbox:canvas", showScaled);
  document.addEventListener("input", (event) => event.target.closest && event.target.closest("#img2img_scale") && setTimeout(showScaled));
  paintbox.whenDrawn("#img2img_scale_resolution_preview .resolution", showScaled);

  /** While width or height are being changed, the canvas shows their proportions. */
  document.addEventListener("input", (event) => {
    if (!event.target.closest || !event.target.closest("#img2img_width, #img2img_height")) return;
    const [width, height] = ["width", "height"].map((side) => Number(document.querySelector(`#img2img_${side} input[type=number]`).value));
    setTimeout(() => paintbox.canvases.showProportions(CANVASES[mode()], width, height));
  });

  /** The picture of one mode becomes that of another, which opens. */
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest && target.closest(".copy-to button");
    if (!button) return;
    const { from, to, mode: chosen } = button.dataset;
    await paintbox.canvases.copy(from, to);
    paintbox.setField("img2img_mode", chosen);
    setTimeout(() => paintbox.keepDraft("img2img"));
  });

  // --- what gradio's events call ------------------------------------------------------------------------------------

  const showMode = () => paintbox.whenDrawn("#img2img_settings", (settings) => (settings.dataset.mode = mode()));
  paintbox.whenDrawn("#img2img_mode", () => setTimeout(showMode));

  paintbox.img2img = {
    /** The mode in the form changed: its tab opens. */
    opened: (chosen) => {
      const settings = paintbox.element("img2img_settings");
      if (settings) settings.dataset.mode = chosen;
      setTimeout(showScaled);
      return select(chosen);
    },
    /** Another inner tab was chosen in the form: it opens. */
    select: (chosen) => {
      setTimeout(showScaled);
      return select(chosen);
    },
    uploadsChanged: () => document.dispatchEvent(new CustomEvent("paintbox:batch-uploads")),
    size,
    /** Send the selected picture of a form's gallery to a mode of this tab. */
    send: (form, chosen) => paintbox.pictures.sendSelected(form, chosen),
    /** What the hidden button takes in. */
    sent: () => JSON.stringify(waiting),
  };

  /** Take a picture into a mode of this tab, with its parameters. One of a job is known to the server, another is sent to it. */
  const receive = async (picture, chosen) => {
    const known = paintbox.pictures.jobOf(picture);
    if (known) waiting = { ...known, mode: chosen };
    else {
      const ref = await paintbox.canvases.send(await paintbox.pictures.file(picture), picture.name);
      waiting = { ref, infotext: picture.infotext || "", mode: chosen };
    }
    paintbox.openTab("img2img");
    paintbox.once("#img2img_receive", () => paintbox.press("img2img_receive"));
  };
  for (const id of ["img2img", "inpaint"]) {
    paintbox.pictures.addTarget({ id, label: id, open: (picture) => receive(picture, id) });
  }
})();
