/* Makes elements of the page: `make("p", {class: "x", textContent: "words"}, child, ...)`; nothing of it is ever read as HTML. */

const PROPERTIES = ["textContent", "value", "checked", "disabled", "hidden", "title", "type", "tabIndex", "htmlFor"];

/** Properties as named above, `on<event>` listeners, everything else as attributes; null and false leave an attribute out. */
export const make = (tag, given = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (PROPERTIES.includes(name)) element[name] = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

/** Whether two values are the same as JSON. */
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
