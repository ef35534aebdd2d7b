/* Files dropped on a prompt box: the server reads their generation parameters, which are put into the form's prompt box. */
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

  const read = async (form, file) => {
    try {
      const address = paintbox.address(`paintbox/v1/infotext?name=${encodeURIComponent(file.name || "")}`);
      const answer = await fetch(address, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
      const data = await answer.json();
      if (!answer.ok) throw new Error(data.detail || answer.statusText);
      fill(form, data.infotext);
      const source = data.software ? `Read from a picture of ${data.software}.` : "";
      const left = data.unread.length ? " Not restored:" : "";
      paintbox.dropped(form, data.infotext, `${source}${left}`, data.unread);
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
  paintbox.whenDrawn(".prompt-image input[type=file]", (input) => {
    const form = input.closest("[id$='_prompt_image']").id.replace(/_prompt_image$/, "");
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = "";
      if (file) read(form, file);
    });
  });
})();
