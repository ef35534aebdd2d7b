/* Pictures that go from one place of the page to another: places that take pictures in register here, others send to them. */
"use strict";

(() => {
  const { paintbox } = window;
  const targets = new Map();
  const read = (id) => (paintbox.field(id) || { value: "" }).value;

  paintbox.pictures = {
    /** Places by id, in the order in which they were added: `{ id, label, open }`. */
    targets,

    /** Add a place: `open(picture)` takes `{ url, infotext, name }` in, opens its tab, and returns a promise. */
    addTarget: (target) => {
      targets.set(target.id, target);
      document.dispatchEvent(new CustomEvent("paintbox:pictures", { detail: target.id }));
    },

    /** Send a picture to a place; what goes wrong is said in the status line. Returns whether it arrived. */
    send: async (id, picture) => {
      try {
        const target = targets.get(id);
        if (!target) throw new Error("There is no place for this picture: its extension is switched off.");
        if (!picture) throw new Error("There is no picture to send. Generate one, or select it in the gallery.");
        await target.open(picture);
        return true;
      } catch (error) {
        paintbox.announce(error.message, true);
        return false;
      }
    },

    /** The selected picture of a form's gallery, or null; `job` and `number` name it at the server. */
    selected: async (form) => {
      const [job, number] = [read(`${form}_shown_job`), read(`${form}_selected`)];
      return job ? paintbox.pictures.ofJob(job, Number(number)) : null;
    },

    /** Picture `number` of a job, or null. */
    ofJob: async (job, number) => {
      const known = await paintbox.request("GET", `paintbox/v1/jobs/${encodeURIComponent(job)}`);
      const image = known.result.images[number];
      return image ? { url: paintbox.address(image.url), infotext: image.infotext, name: image.file, job, number } : null;
    },

    /** Send the selected picture of a form's gallery to a place. */
    sendSelected: async (form, id) => {
      const picture = await paintbox.pictures.selected(form).catch(() => null);
      return paintbox.pictures.send(id, picture);
    },

    /** Job and number of a picture whose address is that of a job's picture; null for others. */
    jobOf: ({ url }) => {
      const found = url.startsWith(paintbox.base()) && /\/paintbox\/v1\/jobs\/([^/]+)\/images\/(\d+)/.exec(url);
      return found ? { job: found[1], number: found[2] } : null;
    },

    /** The file behind a picture's address. */
    file: async ({ url, name }) => {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error("The picture is not there any more.");
      const blob = await answer.blob();
      return new File([blob], name || "picture", { type: blob.type });
    },
  };
})();
