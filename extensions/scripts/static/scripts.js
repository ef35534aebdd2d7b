/* The list of scripts below a form: when one is chosen its fields are drawn by a module that is loaded then; unfinished jobs are offered. */
"use strict";

(() => {
  const { paintbox } = window;
  const VIEW = "paintbox/assets/scripts/view/script_view.js";
  const NONE = "None";
  const decorators = new Map();
  const forms = new Map();
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
  scripts.show = async (form, title, values) => {
    const place = document.querySelector(`#${form}_script_fields .script-fields`);
    if (!place || (title === NONE && !forms.has(form))) return;
    loading = loading || import(paintbox.address(VIEW));
    try {
      const { ScriptArea } = await loading;
      if (!forms.has(form)) forms.set(form, new ScriptArea(form, place));
      await forms.get(form).show(title === NONE ? "" : title, values);
    } catch (error) {
      loading = null;
      place.textContent = `The fields of the script could not be shown: ${error.message}`;
    }
  };

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
    const resume = make("button", { type: "button", id: `${form}_script_resume`, class: "lg secondary", onclick: () => take(form, job, notice) }, "Resume");
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

  document.addEventListener("paintbox:job-shown", ({ detail }) => scripts.offer(detail.form, detail.job));
  document.addEventListener("paintbox:job-followed", ({ detail }) => {
    const notice = paintbox.element(`${detail.form}_script_unfinished`);
    if (notice) notice.hidden = true;
  });
})();
