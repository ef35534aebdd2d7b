/* The seam of the cards for other scripts, and the door to the tabs, which are drawn when they are first shown. */
"use strict";

(() => {
  const { paintbox } = window;
  const FOLDER = "paintbox/assets/extra_networks/view/";
  const STYLES = ["pane", "cards", "dialogs", "icons"];
  const MODULES = ["view", "card", "controls", "data", "editor", "folders", "grid", "info", "marks", "prompt", "random_prompt"];
  const CHANGED = "paintbox:networks";
  const tools = [];
  const actions = [];
  const panes = new Map(); // element -> what its view offers: { type, toolAdded(tool), actionAdded(action), refresh() }

  const eachPane = (call, type = null) =>
    Promise.all([...panes].filter(([place, pane]) => place.isConnected && (type === null || pane.type === type)).map(([, pane]) => call(pane)));

  /** Tell everybody who listens that files, notes or previews of a kind are others now. */
  const changed = (type) => document.dispatchEvent(new CustomEvent(CHANGED, { detail: { type } }));

  paintbox.networks = {
    tools,
    actions,

    /** A button in the control row of every tab: `{ id, icon, label, run(place) }`; `place` = `{ form, type, folder_kind, folder }`. */
    addTool: (tool) => {
      tools.push(tool);
      eachPane((pane) => pane.toolAdded(tool));
    },

    /** A button on cards and in their dialog: `{ id, icon, label, fits(card), run(card, place) }`. */
    addCardAction: (action) => {
      actions.push(action);
      eachPane((pane) => pane.actionAdded(action));
    },

    /** Look for new and removed files of a kind, then draw its cards anew. */
    refresh: async (type) => {
      await paintbox.request("POST", `paintbox/v1/networks/${encodeURIComponent(type)}/refresh`);
      await eachPane((pane) => pane.refresh(), type);
      changed(type);
    },

    changed,
  };

  // --- the tabs -----------------------------------------------------------------------------------------------------

  let loading = null;
  /** The view and what it imports, once; resolves to the module. */
  const load = () => {
    const imported = (name) => import(paintbox.address(`${FOLDER}${name}.js`));
    loading ||= Promise.all([Promise.all(MODULES.map(imported)), ...STYLES.map((name) => paintbox.loadStyle(`${FOLDER}${name}.css`))]).then(([[view]]) => view);
    return loading;
  };

  /** The view, and what it will ask the server first: none waits for another. */
  paintbox.whenSeen(".networks-pane", async (place) => {
    const route = `paintbox/v1/networks/${encodeURIComponent(place.dataset.type)}`;
    const first = Promise.all([route, `${route}/cards`].map((address) => paintbox.request("GET", address)));
    const [{ openPane }, answers] = await Promise.all([load(), first]);
    panes.set(place, openPane(place, answers));
  });

  /* the view comes while nothing else is to be done, so that the first tab does not wait for it */
  const idle = window.requestIdleCallback || ((call) => setTimeout(call, 1000));
  paintbox.once('[id$="_extra_tabs"]', () => idle(() => load().catch(() => (loading = null))));

  // --- the prompt box that was used last, by form: also before the first tab is shown ---------------------------------

  const used = new Map();
  document.addEventListener("focusin", ({ target }) => {
    const box = target.tagName === "TEXTAREA" && !target.dataset.filling && target.closest('[id$="_prompt"]');
    const found = box && /^(.+?)_(neg_)?prompt$/.exec(box.id);
    if (found) used.set(found[1], found[2] ? "neg_prompt" : "prompt");
  });

  /** "prompt" or "neg_prompt". */
  paintbox.networks.focused = (form) => used.get(form) || "prompt";
})();
