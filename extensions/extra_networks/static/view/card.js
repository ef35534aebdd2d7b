/* Draws one card: picture, name, description, what does not fit; and the buttons that appear with the pointer or the focus. */

const { paintbox } = window;
const { make } = paintbox;

/** A small button with an icon. */
export const tool = (icon, words, onclick, more = {}) =>
  make("button", { type: "button", class: `tool icon-${icon}`, title: words, "aria-label": words, onclick, ...more });

const picture = (card, isPassing) => {
  const empty = () => make("div", { class: "card-empty", "aria-hidden": "true" }, [...card.title][0] ?? "?");
  if (!card.preview) return empty();
  const source = { [isPassing ? "data-src" : "src"]: paintbox.address(card.preview) };
  const image = make("img", { class: "card-preview", alt: "", loading: "lazy", decoding: "async", ...source });
  image.addEventListener("error", () => image.replaceWith(empty()), { once: true });
  return image;
};

const act = (card, call) => (event) => {
  event.stopPropagation();
  call(card);
};

/** `pane` offers `click(card)`, `isChosen(card)`, `options`; `isPassing`: it may be gone in a moment, so its picture is not fetched yet. */
export const drawCard = (card, pane, isPassing = false) => {
  if (!card) return make("div", { class: "network-card is-waiting" });
  const reason = card.unfit || (card.pending ? "This file is still being read." : "");
  const isChosen = pane.isChosen(card);
  const words = make("span", { class: "card-words" }, make("span", { class: "card-name", translate: "no" }, card.title));
  if (reason) words.append(make("span", { class: "card-reason", translate: "yes" }, reason));
  if (card.description && pane.options.shows_descriptions) words.append(make("span", { class: "card-description", translate: "no" }, card.description));
  const name = [card.title, reason].filter(Boolean).join(". ");
  const main = make(
    "button",
    { type: "button", class: "card-main", translate: "no", "aria-pressed": String(isChosen), "aria-label": name, title: reason || card.name, onclick: act(card, pane.click) },
    picture(card, isPassing),
    words,
  );
  const state = [isChosen && "is-chosen", card.unfit && "is-unfit"].filter(Boolean).join(" ");
  return make("div", { class: `network-card ${state}`, "data-name": card.name }, main);
};

/** What comes when a card stays: its picture, and its buttons; `pane` offers `edit(card)`, `info(card)`, `copyPath(card)`, `actions(card)`. */
export const finishCard = (element, card, pane) => {
  const image = element.querySelector("[data-src]");
  if (image) image.src = image.dataset.src;
  const actions = make("div", { class: "card-actions" }, tool("copy", "Copy the path of the file", act(card, pane.copyPath)));
  if (card.has_metadata) actions.append(tool("info", "Show what the file says of itself", act(card, pane.info)));
  actions.append(tool("edit", "Edit notes and preview", act(card, pane.edit)));
  for (const { icon, label, run } of pane.actions(card)) actions.append(tool(icon, label, act(card, run)));
  element.append(actions);
};

/** The same card with its text in the prompt, or not any more. */
export const markCard = (element, isChosen) => {
  element.classList.toggle("is-chosen", isChosen);
  element.querySelector(".card-main")?.setAttribute("aria-pressed", String(isChosen));
};
