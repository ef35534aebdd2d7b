/* The page "Defaults": what stands in the forms and is no default yet, writing it into ui-config.json, and lines that have no effect. */

const { paintbox } = window;
const { make } = paintbox;
const ADDRESS = "paintbox/v1/ui-defaults";
const words = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const table = (changes) =>
  make(
    "table",
    { class: "settings-table" },
    make("thead", {}, make("tr", {}, ...["Tab", "Control", "Default", "In the form"].map((head) => make("th", { scope: "col" }, head)))),
    make(
      "tbody",
      {},
      ...changes.map(({ tab, label, default: old, current }) =>
        make("tr", {}, make("td", { translate: "no" }, tab), make("td", {}, label), ...[old, current].map((value) => make("td", { translate: "no" }, words(value)))),
      ),
    ),
  );

const list = (title, sentences) =>
  sentences.length
    ? [make("details", {}, make("summary", {}, title), make("ul", { translate: "no" }, ...sentences.map((each) => make("li", {}, each))))]
    : [];

export const open = async (place) => {
  const seen = make("div", { id: "ui_defaults_review" });
  const told = make("p", { role: "status" });
  const guarded = (act) => async () => {
    try {
      await act();
    } catch (error) {
      told.textContent = error.message;
    }
  };
  const look = async () => {
    const { file, exists, applied, refused, unknown, changes } = await paintbox.request("GET", ADDRESS);
    const state = exists ? `${applied} lines of the file are in use.` : "There is no such file yet: every control has its own default.";
    seen.replaceChildren(
      make("p", {}, make("code", {}, file)),
      make("p", {}, state),
      changes.length ? table(changes) : make("p", {}, "Everything in the forms stands at its default."),
      ...list(`Lines that cannot be used (${Object.keys(refused).length})`, Object.values(refused)),
      ...list(`Lines for no control of this page (${unknown.length})`, unknown),
    );
  };
  const apply = async () => {
    const { message } = await paintbox.request("POST", ADDRESS);
    await look();
    told.textContent = message;
  };
  place.replaceChildren(
    make("p", {}, "The controls of the tabs begin with what the file ui-config.json says. Here you make the present values of your forms the new defaults."),
    make("p", {}, "The file may also change the limits of sliders and hide controls: edit it in a text editor, then Reload UI."),
    make(
      "p",
      { class: "settings-row" },
      make("button", { type: "button", id: "ui_defaults_view", onclick: guarded(look) }, "View changes"),
      make("button", { type: "button", id: "ui_defaults_apply", class: "primary", onclick: guarded(apply) }, "Apply"),
      make("button", { type: "button", "data-reload-page": true }, "Reload UI"),
    ),
    told,
    seen,
  );
  await guarded(look)();
};
