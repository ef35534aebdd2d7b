/* The page "Licenses": what is carried and installed, with its licence; a text is fetched when it is opened. */

const { paintbox } = window;
const { make } = paintbox;
const ADDRESS = "paintbox/v1/licenses";

const entry = ({ id, name, version, licence, home, has_text: hasText }) => {
  const head = [make("strong", {}, name), version && ` ${version}`, licence && ` — ${licence}`].filter(Boolean);
  const link = home ? [" ", make("a", { href: home, target: "_blank", rel: "noopener noreferrer" }, "Home page")] : [];
  if (!hasText) return make("div", { class: "licence" }, make("span", { translate: "no" }, ...head), ...link);
  const text = make("pre", { class: "settings-report", tabindex: 0 }, "Loading …");
  const show = async () => {
    if (!element.open || element.dataset.read) return;
    element.dataset.read = "1";
    const answer = await fetch(paintbox.address(`${ADDRESS}/text?id=${encodeURIComponent(id)}`));
    text.textContent = answer.ok ? await answer.text() : `The text could not be read (${answer.status}).`;
  };
  const element = make("details", { class: "licence", ontoggle: show }, make("summary", { translate: "no" }, ...head), ...link, text);
  return element;
};

export const open = async (place) => {
  const all = await paintbox.request("GET", ADDRESS);
  const of = (kind) => all.filter((each) => each.kind === kind).map(entry);
  place.replaceChildren(
    make("h4", {}, "Paintbox and the data that it carries"),
    ...of("carried"),
    make("h4", {}, "Installed packages"),
    ...of("package"),
  );
};
