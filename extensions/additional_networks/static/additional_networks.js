/* The rows of Additional Networks: a file, its weights and its blocks each; a hidden field of the form holds them as JSON. */
"use strict";

(() => {
  const { paintbox } = window;
  const ADDRESS = "paintbox/v1/additional-networks";
  const LIST = { models: "additional_networks_models", presets: "additional_networks_presets" };
  const EMPTY = { model: "", unet: 1, text_encoder: 1, blocks: "", enabled: true };
  const FURTHEST = 10;
  const shown = new Map();

  const make = (tag, facts = {}, children = []) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(facts)) {
      if (name in element && typeof value !== "string") element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  const fieldOf = (form) => `${form}_additional_networks_rows`;
  const read = (form) => {
    const field = paintbox.field(fieldOf(form));
    try {
      const rows = JSON.parse((field && field.value) || "[]");
      return Array.isArray(rows) ? rows.map((row) => ({ ...EMPTY, ...row })) : [];
    } catch (error) {
      return [];
    }
  };

  // --- what can be chosen: asked for when a field is used for the first time ---

  let asked = null;
  const fill = (choices) => {
    for (const [kind, id] of Object.entries(LIST)) {
      const list = paintbox.element(id) || document.body.appendChild(make("datalist", { id }));
      list.replaceChildren(...choices[kind].map((value) => make("option", { value })));
    }
    const known = new Set(choices.models);
    for (const place of shown.keys()) for (const input of place.querySelectorAll(".model input")) mark(input, known);
    return known;
  };
  const choices = (again = false) => {
    if (!asked || again) {
      asked = paintbox.request(again ? "POST" : "GET", again ? `${ADDRESS}/refresh` : ADDRESS).then(fill);
      asked.catch(() => (asked = null));
    }
    return asked;
  };
  const mark = (input, known) => {
    const bare = input.value.trim().replace(/\([0-9a-fA-F]{8,64}\)$/, "");
    const isMissing = Boolean(bare) && !known.has(bare) && ![...known].some((name) => name.split("/").pop() === bare);
    input.classList.toggle("missing", isMissing);
    input.title = isMissing ? "There is no file of this name in models/Lora" : input.value;
  };

  // --- one row ---

  const weight = (row, key, label, changed) => {
    const number = make("input", { type: "number", min: String(-FURTHEST), max: String(FURTHEST), step: "0.05", "aria-label": `${label}, number` });
    const range = make("input", { type: "range", min: "-1", max: "2", step: "0.05", "aria-label": label });
    number.value = range.value = row[key];
    const take = (text) => {
      const value = Math.max(-FURTHEST, Math.min(FURTHEST, Number.parseFloat(text)));
      if (Number.isNaN(value)) return;
      row[key] = value;
      changed();
    };
    range.addEventListener("input", () => ((number.value = range.value), take(range.value)));
    number.addEventListener("input", () => ((range.value = number.value), take(number.value)));
    number.addEventListener("change", () => (number.value = row[key]));
    return make("label", { class: `weight ${key}` }, [make("span", {}, [label]), range, number]);
  };

  const rowElement = (row, number, { changed, remove }) => {
    const name = `Network ${number}`;
    const on = make("input", { type: "checkbox", checked: row.enabled, "aria-label": `${name}: use it`, title: "Use this network" });
    const model = make("input", { type: "text", list: LIST.models, placeholder: "Name of a LoRA", "aria-label": `${name}: model`, autocomplete: "off" });
    const blocks = make("input", { type: "text", list: LIST.presets, placeholder: "all", "aria-label": `${name}: block weights`, autocomplete: "off" });
    blocks.title = "Block weights: a preset such as OUTALL, or 12, 17, 20 or 26 numbers with commas";
    const drop = make("button", { type: "button", class: "remove", "aria-label": `Remove ${name.toLowerCase()}`, title: "Remove this network" }, ["×"]);
    model.value = row.model;
    blocks.value = row.blocks;
    const element = make("div", { class: "additional-row", role: "group", "aria-label": name }, [
      on,
      make("label", { class: "model" }, [make("span", {}, ["Model"]), model]),
      weight(row, "unet", "Weight", changed),
      weight(row, "text_encoder", "Text encoder", changed),
      make("label", { class: "blocks" }, [make("span", {}, ["Block weights"]), blocks]),
      drop,
    ]);
    element.classList.toggle("off", !row.enabled);
    on.addEventListener("change", () => ((row.enabled = on.checked), element.classList.toggle("off", !row.enabled), changed()));
    const markIt = () => choices().then((known) => mark(model, known), () => {});
    model.addEventListener("focus", () => choices().catch(() => {}));
    blocks.addEventListener("focus", () => choices().catch(() => {}));
    model.addEventListener("input", () => ((row.model = model.value), changed()));
    model.addEventListener("change", markIt);
    blocks.addEventListener("input", () => ((row.blocks = blocks.value), changed()));
    drop.addEventListener("click", remove);
    if (row.model) markIt();
    return element;
  };

  // --- all rows of a form ---

  const draw = (place) => {
    const form = place.dataset.form;
    const rows = read(form);
    const save = () => {
      const text = rows.length ? JSON.stringify(rows) : "";
      shown.set(place, text);
      paintbox.setField(fieldOf(form), text);
    };
    const redraw = (focused) => {
      const list = make("div", { class: "additional-list" }, rows.map((row, index) => rowElement(row, index + 1, { changed: save, remove: () => remove(index) })));
      const add = make("button", { type: "button", class: "add" }, ["+ Add network"]);
      const again = make("button", { type: "button", class: "refresh", title: "Look for new and removed files" }, ["Refresh models"]);
      add.addEventListener("click", () => (rows.push({ ...EMPTY }), save(), redraw(rows.length - 1)));
      again.addEventListener("click", () => choices(true).catch((error) => paintbox.announce(error.message, true)));
      place.replaceChildren(list, make("div", { class: "additional-tools" }, [add, again]));
      const target = focused < 0 ? add : list.children[focused] && list.children[focused].querySelector(".model input");
      if (target) target.focus();
    };
    const remove = (index) => (rows.splice(index, 1), save(), redraw(Math.min(index, rows.length - 1)));
    shown.set(place, rows.length ? JSON.stringify(rows) : "");
    redraw();
  };

  paintbox.additionalNetworks = {
    /** The hidden field of a form has changed: a draft, or a pasted infotext. */
    show: (form) => {
      for (const place of document.querySelectorAll(`.additional-rows[data-form="${form}"]`)) {
        const rows = read(form);
        if (shown.get(place) !== (rows.length ? JSON.stringify(rows) : "")) draw(place);
      }
    },
  };
  paintbox.whenDrawn(".additional-rows", draw);

  // --- the cards of the page of networks, where that is installed, get a button ---

  /** One more row of a form, and the block is ticked; `name` is the path of a LoRA below its folder. */
  paintbox.additionalNetworks.add = (form, name) => {
    const rows = [...read(form), { ...EMPTY, model: name.replace(/\.[^./]+$/, "") }];
    paintbox.setField(fieldOf(form), JSON.stringify(rows));
    paintbox.additionalNetworks.show(form);
    const tick = document.querySelector(`#${form}_additional_networks-checkbox input`);
    if (tick && !tick.checked) tick.click();
  };
  paintbox.once(".additional-rows", () => {
    if (!paintbox.networks) return;
    paintbox.networks.addCardAction({
      id: "additional_networks",
      icon: "additional",
      label: "Add to Additional Networks",
      fits: (card) => card.type === "lora",
      run: (card, place) => paintbox.additionalNetworks.add(place.form, card.name),
    });
  });
})();
