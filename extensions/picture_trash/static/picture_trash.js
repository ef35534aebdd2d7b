/* Deletes the selected picture of a gallery; a line below the pictures offers to bring it back. */
"use strict";

(() => {
  const { paintbox } = window;
  const ROUTE = "paintbox/v1/trash";
  const { make } = paintbox;
  const changed = (form, address) => document.dispatchEvent(new CustomEvent("paintbox:deleted", { detail: { form, address } }));

  /** Resolves when the form's pictures have been drawn again. */
  const redrawn = (form) =>
    new Promise((resolve) => {
      const look = ({ detail }) => {
        if (detail.form !== form) return;
        document.removeEventListener("paintbox:job-shown", look);
        resolve();
      };
      document.addEventListener("paintbox:job-shown", look);
      paintbox.jobs.refresh(form);
    });

  const choose = (form, place) => {
    const last = paintbox.pictures.inGallery(form).length - 1;
    if (last >= 0) paintbox.pictures.choose(form, Math.min(place, last)).catch(() => {});
  };

  const line = (form, words, ...more) => {
    const row = paintbox.element(`image_buttons_${form}`);
    const old = row.parentElement.querySelector(".deleted-line");
    if (old) old.remove();
    if (words) row.after(make("p", { class: "deleted-line", role: "status" }, make("span", {}, words), ...more));
  };

  const bringBack = async (form, id, place) => {
    try {
      await paintbox.request("POST", `${ROUTE}/${id}/restore`);
      line(form, "");
      await redrawn(form);
      choose(form, place);
      changed(form, "");
    } catch (error) {
      line(form, error.message);
    }
  };

  paintbox.trash = {
    /** Delete the picture at a place of a form's gallery. */
    remove: async (form, place = paintbox.pictures.placeInGallery(form)) => {
      const address = paintbox.pictures.inGallery(form)[place];
      const known = address && paintbox.pictures.jobOf({ url: address });
      if (!known) return line(form, "There is no picture to delete.");
      try {
        const { id, name } = await paintbox.request("POST", ROUTE, { job: known.job, number: Number(known.number) });
        const undo = make("button", { type: "button", onclick: () => bringBack(form, id, place) }, "Undo");
        line(form, `${name} was deleted.`, undo);
        await redrawn(form);
        choose(form, place);
        changed(form, address);
      } catch (error) {
        line(form, error.message);
      }
    },
  };

  paintbox.whenDrawn(".delete-picture", (button) => {
    const form = button.id.replace(/_delete$/, "");
    paintbox.describe({ [button.id]: "Delete the selected picture" });
    button.addEventListener("click", () => paintbox.trash.remove(form));
  });
})();
