/* Several values out of many: chips in their order, and a field that finds the others by typing (or takes any text). */

import { make } from "./dom.js";

const SHOWN = 200;

/** `choices`: [{label, value}], or null where anything can be typed. `id` is the field's; `changed()` is called after a change. */
export const makePicker = ({ id, label, describedBy, choices, disabled, changed }) => {
  let values = [];
  let active = -1;
  const list = make("ul", { id: `${id}_list`, role: "listbox", "aria-label": label, hidden: true });
  const chips = make("ul", { class: "chips", "aria-label": `${label}: chosen` });
  const field = make("input", {
    id,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-autocomplete": "list",
    "aria-describedby": describedBy,
    placeholder: choices ? "Add …" : "Type and press Enter",
    disabled,
  });
  const labelOf = (value) => (choices || []).find((choice) => choice.value === value)?.label ?? String(value);

  const set = (next) => {
    values = next;
    drawChips();
    changed();
  };
  const add = (value) => {
    field.value = "";
    close();
    if (!values.includes(value)) set([...values, value]);
  };
  const remove = (value) => set(values.filter((each) => each !== value));
  const move = (value, by) => {
    const from = values.indexOf(value);
    const to = from + by;
    if (to < 0 || to >= values.length) return;
    const next = values.filter((each) => each !== value);
    next.splice(to, 0, value);
    set(next);
    chips.children[to].querySelector("button").focus();
  };

  const drawChips = () => {
    chips.replaceChildren(
      ...values.map((value) => {
        const words = labelOf(value);
        const button = make("button", {
          type: "button",
          textContent: "✕",
          disabled,
          "aria-label": `Remove ${words}`,
          title: "Remove; the arrow keys move it",
          onclick: () => {
            remove(value);
            field.focus();
          },
          onkeydown: (event) => {
            const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
            if (!by) return;
            event.preventDefault();
            move(value, by);
          },
        });
        return make("li", { class: "chip" }, make("span", { textContent: words }), button);
      }),
    );
  };

  const open = () => {
    const typed = field.value.trim().toLowerCase();
    /* what is typed in full comes first, then what begins with it */
    const rank = ({ label: words, value }) => {
      if ([words, String(value)].some((text) => text.toLowerCase() === typed)) return 0;
      return words.toLowerCase().startsWith(typed) ? 1 : 2;
    };
    const free = (choices || [])
      .filter((choice) => !values.includes(choice.value) && choice.label.toLowerCase().includes(typed))
      .sort((one, other) => rank(one) - rank(other));
    list.replaceChildren(
      ...free.slice(0, SHOWN).map((choice, number) =>
        make("li", {
          id: `${list.id}_${number}`,
          role: "option",
          textContent: choice.label,
          "aria-selected": "false",
          onmousedown: (event) => {
            event.preventDefault();
            add(choice.value);
          },
        }),
      ),
    );
    list.values = free.map((choice) => choice.value);
    list.hidden = !free.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    point(typed && free.length ? 0 : -1);
  };
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    point(-1);
  };
  const point = (number) => {
    active = number;
    [...list.children].forEach((option, each) => option.setAttribute("aria-selected", String(each === number)));
    const option = list.children[number];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  };

  const keys = {
    ArrowDown: () => (list.hidden ? open() : point(Math.min(active + 1, list.children.length - 1))),
    ArrowUp: () => point(Math.max(active - 1, 0)),
    Enter: () => {
      if (!list.hidden && active >= 0) add(list.values[active]);
      else if (!choices && field.value.trim()) add(field.value.trim());
    },
  };
  field.addEventListener("keydown", (event) => {
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Backspace" && !field.value && values.length) {
      remove(values[values.length - 1]);
    }
  });
  field.addEventListener("input", open);
  field.addEventListener("click", open);
  field.addEventListener("blur", () => {
    close();
    if (!choices && field.value.trim()) add(field.value.trim());
  });

  return {
    element: make("div", { class: "picker" }, chips, make("div", { class: "picker-field" }, field, list)),
    read: () => values,
    show: (next) => {
      values = Array.isArray(next) ? [...next] : [];
      drawChips();
    },
  };
};
