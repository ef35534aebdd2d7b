/* The parts of a canvas: stage, buttons, brush, colour and the row by which the picture is extended; it draws them and wires nothing. */
"use strict";

(() => {
  const { paintbox } = window;
  const STEP_PX = 64;

  const ICONS = {
    open: "M4 16v3h16v-3M12 4v11M7 9l5-5 5 5",
    undo: "M9 5L4 10l5 5M4 10h10a5 5 0 0 1 0 10h-4",
    redo: "M15 5l5 5-5 5M20 10H10a5 5 0 0 0 0 10h4",
    clear: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
    eraser: "M8 20h12M4 15l9-10 7 6-8 9H8z M9 9l6 6",
    zoomOut: "M5 12h14",
    zoomIn: "M5 12h14M12 5v14",
    reset: "M4 12a8 8 0 1 1 3 6M4 12V6M4 12h6",
    fullscreen: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
    extend: "M8 8h8v8H8zM3 3h2M3 21h2M19 3h2M19 21h2M3 9v6M21 9v6M9 3h6M9 21h6",
    remove: "M5 5l14 14M19 5L5 19",
    left: "M20 12H4M10 6l-6 6 6 6",
    right: "M4 12h16M14 6l6 6-6 6",
    up: "M12 20V4M6 10l6-6 6 6",
    down: "M12 4v16M6 14l6 6 6-6",
  };

  const make = (tag, facts = {}, children = []) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(facts)) {
      if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };

  const icon = (name) => {
    const holder = document.createElement("template");
    holder.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
    return holder.content.firstChild;
  };

  const button = (name, words, facts = {}) => make("button", { type: "button", title: words, "aria-label": words, class: name, ...facts }, [icon(name)]);
  const group = (label, children) => make("div", { class: "group", role: "group", "aria-label": label }, children);

  const paintingTools = (isColour, brush) => {
    const size = make("input", { type: "range", min: 1, max: 200, value: 40, class: "size", title: "Size of the brush (Ctrl+wheel, Q, W)", "aria-label": "Size of the brush" });
    const colour = make("input", { type: "color", value: brush, class: "colour", title: "Colour of the brush", "aria-label": "Colour of the brush" });
    return [
      group("Painting", [
        button("undo", "Undo (Ctrl+Z)"),
        button("redo", "Redo (Ctrl+Shift+Z)"),
        button("clear", "Clear what is painted"),
        button("eraser", "Eraser (E)", { "aria-pressed": "false" }),
      ]),
      group("Brush", isColour ? [colour, size] : [size]),
    ];
  };

  const extendRow = () => {
    const step = make("input", { type: "number", class: "step", min: 8, max: 2048, step: 8, value: STEP_PX, "aria-label": "Pixels by which a side is extended", title: "Pixels" });
    const sides = ["left", "up", "down", "right"].map((side) => button(side, `Extend ${side}`));
    return make("div", { class: "extend-row", role: "group", "aria-label": "Extend the picture", hidden: true }, [
      ...sides, step, make("span", { class: "extended" }), button("undo", "Do not extend", { class: "no-extend" }),
    ]); // prettier-ignore
  };

  /** Fill the root element; returns the parts by name. */
  paintbox.canvasParts = (root, { kind, label, brush, extends: extendable }) => {
    const paints = kind !== "picture";
    const image = make("img", { alt: "", draggable: "false" });
    const layer = make("canvas", { class: "layer" });
    const frame = make("div", { class: "frame", hidden: true });
    const proportions = make("div", { class: "proportions", hidden: true });
    const ring = make("div", { class: "ring", hidden: true });
    const file = make("input", { type: "file", accept: "image/*", hidden: true, "aria-label": `${label}: file` });
    const empty = make("button", { type: "button", class: "empty", "aria-label": `${label}: choose a picture` }, [
      icon("open"), make("span", {}, ["Drop a picture here, paste it, or click to choose one"]),
    ]); // prettier-ignore
    const stage = make("div", { class: "stage", tabindex: 0, role: "group", "aria-label": label }, [image, layer, frame, proportions, ring, empty]);
    const extend = extendRow();
    const tools = make("div", { class: "canvas-tools", role: "toolbar", "aria-label": `${label}: tools` }, [
      group("Picture", [button("open", "Choose another picture"), button("remove", "Remove the picture")]),
      ...(paints ? paintingTools(kind === "colour", brush) : []),
      group("View", [
        button("zoomOut", "Zoom out (Alt+wheel)"),
        button("zoomIn", "Zoom in (Alt+wheel)"),
        button("reset", "Show the whole picture (R)"),
        button("fullscreen", "Fill the window (S)", { "aria-pressed": "false" }),
      ]),
      ...(extendable ? [group("Extend", [button("extend", "Extend the picture at its sides", { "aria-pressed": "false" })])] : []),
    ]);
    const message = make("div", { class: "canvas-message", role: "status", "aria-live": "polite" });
    root.replaceChildren(tools, extend, stage, message, file);
    return { root, stage, image, layer, frame, proportions, ring, file, empty, tools, extend, message };
  };
})();
