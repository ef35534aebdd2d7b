/* What a form says above its parameters where it refuses: other scripts may say something there, too; the first change of the form ends it. */
"use strict";

(() => {
  const { paintbox } = window;
  const FORM = "#tabs > *";
  const PLACE = ".block.job-problem";
  const CHOICES = "[role=tab], [role=option]";

  /** Hide what gradio has written, which stays until Generate is answered again, and take away what scripts said. */
  const end = (place) => {
    place.dataset.over = "yes";
    for (const line of place.querySelectorAll(":scope > .note")) line.remove();
  };
  const placeOf = (form) => paintbox.element(`${form}_problem`);

  paintbox.problems = {
    /** Say something there; `words`: a whole sentence, "" for nothing. */
    tell: (form, words) => {
      const place = placeOf(form);
      if (!place) return;
      end(place);
      if (!words) return;
      place.append(paintbox.make("p", { class: "note error", role: "alert" }, words));
      place.scrollIntoView({ block: "nearest" });
    },
  };

  const changed = ({ target }) => {
    const form = target.closest && target.closest(FORM);
    if (form) form.querySelectorAll(PLACE).forEach(end);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("click", (event) => event.target.closest && event.target.closest(CHOICES) && changed(event));

  document.addEventListener("paintbox:job-answered", ({ detail }) => {
    const place = placeOf(detail.form);
    if (!place) return;
    end(place);
    delete place.dataset.over;
  });
})();
