/* The pictures of a batch: chosen or dropped, sent at once, listed, and kept by name in a hidden field of the form. */
"use strict";

(() => {
  const { paintbox } = window;
  const FIELD = "img2img_batch_uploads";
  const SHOWN = 12;

  const kept = () => JSON.parse((paintbox.field(FIELD) || { value: "" }).value || "[]");
  const keep = (uploads) => paintbox.setField(FIELD, uploads.length ? JSON.stringify(uploads) : "") && paintbox.keepDraft("img2img");

  const make = (tag, facts, text = "") => Object.assign(document.createElement(tag), facts, text ? { textContent: text } : {});

  paintbox.whenDrawn(".batch-upload", (root) => {
    const file = make("input", { type: "file", accept: "image/*", multiple: true, hidden: true, ariaLabel: "Pictures of the batch" });
    const choose = make("button", { type: "button", className: "choose" }, "Drop pictures here, or click to choose them");
    const list = make("ul", {});
    const clear = make("button", { type: "button", className: "clear-batch" }, "Remove all");
    const message = make("div", { className: "canvas-message", role: "status" });
    root.replaceChildren(file, choose, list, clear, message);

    const show = () => {
      const uploads = kept();
      list.replaceChildren(...uploads.slice(0, SHOWN).map((upload) => make("li", {}, upload.name)));
      if (uploads.length > SHOWN) list.append(make("li", {}, `and ${uploads.length - SHOWN} more`));
      clear.hidden = !uploads.length;
    };

    const bring = async (files) => {
      let number = 0;
      for (const each of files) {
        number += 1;
        message.textContent = `Sending ${number} of ${files.length} …`;
        message.classList.remove("problem");
        try {
          keep([...kept(), { ref: await paintbox.canvases.send(each, each.name), name: each.name }]);
        } catch (error) {
          message.textContent = `${each.name}: ${error.message}`;
          message.classList.add("problem");
          return show();
        }
      }
      message.textContent = "";
      return show();
    };

    choose.addEventListener("click", () => file.click());
    file.addEventListener("change", async () => {
      await bring([...file.files]);
      file.value = "";
    });
    clear.addEventListener("click", () => {
      keep([]);
      show();
    });
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      bring([...event.dataTransfer.files].filter((each) => each.type.startsWith("image/")));
    });
    document.addEventListener("paintbox:batch-uploads", show);
    show();
  });
})();
