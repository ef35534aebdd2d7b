/* A field for several values out of a list: what is chosen stands in chips, typing filters the rest; arrows and Enter choose, Backspace takes back. */

const { make } = window.paintbox;
const SHOWN = 200;
let count = 0;

/** `choices` as [label, value]; `field.options(list)` offers others. */
export const chipsField = (given, choices) => {
  count += 1;
  const listId = `${given.id}_list_${count}`;
  let offered = choices;
  let chosen = [];
  let active = -1;

  const translate = choices.length ? "yes" : "no"; // what is offered later are names
  const chips = make("span", { class: "chips-chosen", translate });
  const input = make("input", { type: "text", id: `${given.id}_field`, role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder: "Choose …" });
  const list = make("ul", { id: listId, class: "chips-list", role: "listbox", translate, "aria-label": given.label, "aria-multiselectable": "true", hidden: true });
  const box = make("div", { class: "chips-box", onclick: () => input.focus() }, chips, input);
  const problem = make("p", { class: "tool-problem", hidden: true });
  const element = make("div", { class: "tool-field chips", id: given.id }, make("label", { for: input.id }, given.label), box, list, problem);

  const tell = () => element.dispatchEvent(new Event("input", { bubbles: true }));
  const labelOf = (value) => (offered.find(([, each]) => each === value) || [String(value)])[0];
  const found = () => {
    const words = input.value.trim().toLowerCase();
    return offered.filter(([label, value]) => !chosen.includes(value) && label.toLowerCase().includes(words)).slice(0, SHOWN);
  };

  const drawChips = () => {
    chips.replaceChildren(
      ...chosen.map((value) => {
        const label = labelOf(value);
        const take = make("button", { type: "button", "aria-label": `Remove ${label}`, title: `Remove ${label}`, onclick: () => set(chosen.filter((each) => each !== value)) }, "×");
        return make("span", { class: "chip" }, label, take);
      }),
    );
    input.placeholder = chosen.length ? "" : "Choose …";
  };

  const drawList = () => {
    const shown = found();
    active = Math.min(active, shown.length - 1);
    list.replaceChildren(
      ...shown.map(([label, value], place) => {
        const option = make("li", { id: `${listId}_${place}`, role: "option", "aria-selected": String(place === active) }, label);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          add(value);
        });
        return option;
      }),
    );
    list.hidden = !shown.length || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (active >= 0 && !list.hidden) {
      input.setAttribute("aria-activedescendant", `${listId}_${active}`);
      list.children[active].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };

  const set = (values) => {
    chosen = values;
    drawChips();
    drawList();
    tell();
  };
  const add = (value) => {
    input.value = "";
    set([...chosen, value]);
  };

  input.addEventListener("focus", drawList);
  input.addEventListener("blur", () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  });
  input.addEventListener("input", (event) => {
    event.stopPropagation(); // what is typed to search is no value
    active = 0;
    drawList();
  });
  input.addEventListener("keydown", (event) => {
    const shown = found();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      active = shown.length ? (active + step + shown.length) % shown.length : -1;
      drawList();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && shown.length) {
      event.preventDefault();
      add(shown[Math.max(0, active)][1]);
    } else if (event.key === "Backspace" && !input.value && chosen.length) {
      set(chosen.slice(0, -1));
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      list.hidden = true;
    }
  });

  return {
    name: given.name,
    title: given.label,
    input,
    element,
    complain(words) {
      problem.textContent = words;
      problem.hidden = !words;
    },
    changed: (call) => element.addEventListener("input", () => call()),
    get value() {
      return [...chosen];
    },
    show(values) {
      chosen = [...(values || [])];
      drawChips();
    },
    options(list_) {
      offered = list_;
      drawChips();
    },
  };
};
