/* Files dropped on a prompt box: the server reads their generation parameters, which are put into the form's prompt box. Dropped elsewhere on
   the page, where nobody else takes them, they fill the whole form. */
"use strict";

(() => {
  const { paintbox } = window;
  const NEGATIVE = /_neg_prompt$/;

  const fail = (form, words) => paintbox.dropped(form, "", words);

  /** Put a text into a box of gradio's as if it had been typed. */
  const fill = (form, text) => {
    const field = document.querySelector(`#${form}_prompt textarea`);
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  };

  const read = async (form, file, fillsForm = false) => {
    try {
      const address = paintbox.address(`paintbox/v1/infotext?name=${encodeURIComponent(file.name || "")}`);
      const kind = file.type.startsWith("image/") ? file.type : "application/octet-stream";
      const answer = await fetch(address, { method: "POST", body: file, headers: { "Content-Type": kind } });
      const data = await answer.json();
      if (!answer.ok) throw new Error(data.detail || answer.statusText);
      fill(form, data.infotext);
      const source = data.software ? `Read from a picture of ${data.software}.` : "";
      const left = data.unread.length ? " Not restored:" : "";
      paintbox.dropped(form, data.infotext, `${source}${left}`, data.unread);
      if (fillsForm) document.querySelector(`#${form}_tools .icon-paste`).click();
    } catch (error) {
      fail(form, error.message);
    }
  };

  /** A picture dragged from this page's own gallery comes as an address. */
  const fromAddress = async (form, address) => {
    const url = new URL(address, document.baseURI);
    if (url.origin !== location.origin) return fail(form, "Pictures of other sites are not fetched: save the picture and drop the file.");
    const answer = await fetch(url);
    if (!answer.ok) return fail(form, "The picture is not there any more.");
    return read(form, new File([await answer.blob()], url.pathname.split("/").pop()));
  };

  const watch = (box) => {
    const form = box.id.replace(NEGATIVE, "").replace(/_prompt$/, "");
    const carries = (event) => [...event.dataTransfer.types].some((type) => type === "Files" || type === "text/uri-list");
    const over = (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      event.stopPropagation();
      box.classList.add("drop-here");
    };
    box.addEventListener("dragenter", over, true);
    box.addEventListener("dragover", over, true);
    box.addEventListener("dragleave", () => box.classList.remove("drop-here"), true);
    box.addEventListener(
      "drop",
      (event) => {
        box.classList.remove("drop-here");
        if (!carries(event)) return;
        event.preventDefault();
        event.stopPropagation();
        const [file] = event.dataTransfer.files;
        const address = event.dataTransfer.getData("text/uri-list").split("\n")[0].trim();
        if (file) read(form, file);
        else if (address) fromAddress(form, address);
      },
      true,
    );
  };

  paintbox.whenDrawn(".prompt[id$='_prompt']", watch);

  // --- anywhere else ------------------------------------------------------------------------------------------------

  const isFile = (event) => [...event.dataTransfer.types].includes("Files");
  const mark = (form) => {
    for (const box of document.querySelectorAll(".prompt[id$='_prompt']")) box.classList.toggle("drop-here", form !== "" && box.id === `${form}_prompt`);
  };
  /* file fields take what is dropped on them; a dialog is no place for a file */
  const isFree = ({ target }) => !(target.closest && target.closest("dialog, input, textarea, [data-testid='file-upload'], .image-canvas, .batch-upload, .picture-field"));

  document.addEventListener("dragover", (event) => {
    if (event.defaultPrevented || !isFile(event) || !isFree(event)) return;
    event.preventDefault(); // else the browser would leave the page for the file
    const form = paintbox.openForm();
    event.dataTransfer.dropEffect = form ? "copy" : "none";
    mark(form);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(""));
  document.addEventListener("drop", (event) => {
    mark("");
    if (event.defaultPrevented || !isFile(event) || !isFree(event)) return;
    event.preventDefault();
    const form = paintbox.openForm();
    if (form) read(form, event.dataTransfer.files[0], true);
  });

  paintbox.whenDrawn(".prompt-image input[type=file]", (input) => {
    const form = input.closest("[id$='_prompt_image']").id.replace(/_prompt_image$/, "");
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = "";
      if (file) read(form, file);
    });
  });
})();
