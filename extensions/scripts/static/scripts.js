/* The list of scripts below a form: when one is chosen its fields are drawn by a module that is loaded then; unfinished jobs are offered. */
"use strict";

(() => {
  const { paintbox } = window;
  const VIEW = "paintbox/assets/scripts/view/script_view.js";
  const NONE = "None";
  const decorators = new Map();
  const forms = new Map();
  const wanted = new Map();
  let loading = null;

  const scripts = (paintbox.scripts = {
    decorators,
    /** Have `call(view)` add to the fields of the script with this id whenever they are drawn. */
    decorate: (id, call) => {
      decorators.set(id, call);
      for (const area of forms.values()) area.decorated(id);
    },
  });

  /** The list or the values were changed: by the user, a draft, or a pasted infotext. */
  scripts.show = (form, title, values) => {
    wanted.set(form, { title: title === NONE ? "" : title, values });
    update(form);
  };

  const update = async (form) => {
    const place = document.querySelector(`#${form}_script_fields .script-fields`);
    const { title, values } = wanted.get(form) || {};
    if (!place || (!title && !forms.has(form))) return;
    loading = loading || import(paintbox.address(VIEW));
    try {
      const { ScriptArea } = await loading;
      if (!forms.has(form)) forms.set(form, new ScriptArea(form, place));
      await forms.get(form).show(title, values);
    } catch (error) {
      loading = null;
      place.textContent = `The fields of the script could not be shown: ${error.message}`;
    }
  };

  paintbox.whenDrawn(".script-fields", (place) => update(place.closest("[id$=_script_fields]").id.replace(/_script_fields$/, "")));

  // --- unfinished jobs ----------------------------------------------------------------------------------------------

  const noticeOf = (form) => {
    const log = paintbox.element(`html_log_${form}`);
    if (!log) return null;
    const id = `${form}_script_unfinished`;
    const known = paintbox.element(id);
    if (known) return known;
    const { make } = paintbox;
    const notice = make("div", { id, class: "script-unfinished", role: "status", hidden: true, "data-quiet": true });
    log.before(notice);
    return notice;
  };

  /** Offer to resume the job that the form shows, if it is a script's that did not come to its end. */
  scripts.offer = async (form, job) => {
    const notice = noticeOf(form);
    if (!notice || !job) return;
    const left = await paintbox.request("GET", `paintbox/v1/scripts/unfinished/${job}`).catch(() => null);
    notice.hidden = !left;
    if (!left) return;
    const { make } = paintbox;
    const words = make("span", {}, `${left.title}: ${left.drawn} of ${left.cells} cells are drawn.`);
    const begin = ({ currentTarget }) => {
      currentTarget.disabled = true; // a second click would ask again
      take(form, job, notice);
    };
    const resume = make("button", { type: "button", id: `${form}_script_resume`, class: "lg secondary", onclick: begin }, "Resume");
    resume.title = "Draw the cells that are missing";
    notice.replaceChildren(words, resume);
  };

  const take = async (form, job, notice) => {
    try {
      const { job: next } = await paintbox.request("POST", `paintbox/v1/scripts/unfinished/${job}/resume`, { source: form });
      notice.hidden = true;
      paintbox.submitted(form, next);
    } catch (error) {
      notice.replaceChildren(error.message);
    }
  };

  // --- cells so far -------------------------------------------------------------------------------------------------

  const MOST_SHOWN = 120;
  const kinds = new Map();

  const stripOf = (form) => {
    const id = `${form}_script_cells`;
    const place = paintbox.element(`${form}_gallery_container`);
    if (!paintbox.element(id) && place) place.after(paintbox.make("div", { id, class: "script-cells", role: "group", "aria-label": "Cells so far", hidden: true, "data-quiet": true }));
    return paintbox.element(id);
  };

  /** A cell is there: show it in the strip below the preview while its job runs. */
  const addCell = async ({ form, job, image }) => {
    if (!kinds.has(job)) kinds.set(job, paintbox.request("GET", `paintbox/v1/jobs/${job}`).then((known) => known.kind, () => ""));
    const strip = stripOf(form);
    if (!strip || image.kind === "grid" || (await kinds.get(job)) !== "script") return;
    const words = image.prompt || "Cell";
    const file = encodeURIComponent(image.file);
    const address = paintbox.address(image.url.endsWith(file) ? image.url : `${image.url}/${file}`);
    if ([...strip.children].some((each) => each.src === address)) return; // told again after the connection was lost
    strip.append(paintbox.make("img", { src: address, alt: words, title: words, loading: "lazy" }));
    while (strip.childElementCount > MOST_SHOWN) strip.firstChild.remove();
    strip.hidden = false;
  };

  const clearCells = (form) => {
    const strip = paintbox.element(`${form}_script_cells`);
    if (!strip) return;
    strip.hidden = true;
    strip.replaceChildren();
  };

  document.addEventListener("paintbox:job-image", ({ detail }) => addCell(detail));
  document.addEventListener("paintbox:job-shown", ({ detail }) => {
    clearCells(detail.form);
    scripts.offer(detail.form, detail.job);
  });
  document.addEventListener("paintbox:job-followed", ({ detail }) => {
    clearCells(detail.form);
    const notice = paintbox.element(`${detail.form}_script_unfinished`);
    if (notice) notice.hidden = true;
  });
})();
