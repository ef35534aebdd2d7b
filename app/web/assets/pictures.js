/* Pictures that go from one place of the page to another: places that take pictures in register here, others send to them. */
"use strict";

(() => {
  const { paintbox } = window;
  const targets = new Map();
  const LOOK_MS = 40;
  const LONGEST_MS = 8000;
  const read = (id) => (paintbox.field(id) || { value: "" }).value;

  paintbox.pictures = {
    /** Places by id, in the order in which they were added: `{ id, label, open }`. */
    targets,

    /** Add a place: `open(picture)` takes `{ url, infotext, name }` in, opens its tab, and returns a promise. */
    addTarget: (target) => {
      targets.set(target.id, target);
      document.dispatchEvent(new CustomEvent("paintbox:pictures", { detail: target.id }));
    },

    /** Bring a picture's file to the server: `{ ref, width, height }`, the first of them its name in requests; a refusal has a `status`. */
    bring: async (file, name) => {
      const answer = await fetch(paintbox.address(`paintbox/v1/inputs?name=${encodeURIComponent(name)}`), { method: "POST", body: file });
      const data = await answer.json().catch(() => ({}));
      if (!answer.ok) throw Object.assign(new Error(data.detail || `The picture could not be sent (${answer.status}).`), { status: answer.status });
      return data;
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

    /** Addresses of the pictures in a gallery, by what its element's id begins with ("txt2img" for #txt2img_gallery). */
    inGallery: (prefix) => {
      const gallery = paintbox.element(`${prefix}_gallery`);
      const images = gallery ? gallery.querySelectorAll(".grid-container .thumbnail-item img") : [];
      return [...images].map((image) => image.src);
    },

    /** Which of them is selected. */
    placeInGallery: (prefix) => {
      const items = document.querySelectorAll(`[id="${prefix}_gallery"] .grid-container .thumbnail-item`);
      return [...items].findIndex((item) => item.classList.contains("selected"));
    },

    /** Select a picture of a gallery; resolves when its buttons act on this picture. */
    choose: async (prefix, place) => {
      const items = document.querySelectorAll(`[id="${prefix}_gallery"] .grid-container .thumbnail-item`);
      const image = items[place] && items[place].querySelector("img");
      if (!image) throw new Error("The picture is not there any more.");
      const wanted = paintbox.pictures.jobOf({ url: image.src });
      const isChosen = () => read(`${prefix}_shown_job`) === wanted.job && read(`${prefix}_selected`) === wanted.number;
      if (paintbox.pictures.placeInGallery(prefix) !== place) items[place].click();
      for (let wait = 0; wanted && paintbox.field(`${prefix}_selected`) && !isChosen(); wait += LOOK_MS) {
        if (wait > LONGEST_MS) throw new Error("The server did not answer. Try again.");
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
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
