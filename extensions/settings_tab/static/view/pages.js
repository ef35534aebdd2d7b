/* Pages of the settings that are no lists of settings: extensions name them in `paintbox.settingsPages`; each is filled when first shown. */

import { make } from "./dom.js";

const { paintbox } = window;
const OTHER = "Other";
const OWN = { id: "tab_profiles", title: "Profiles, export and import", order: 0, module: "settings_tab/view/keeping.js" };

/** {id, title, category, module} of each, in their order. A module exports `open(place)`. */
export const extraPages = () =>
  [OWN, ...(paintbox.settingsPages || [])].sort((one, other) => one.order - other.order).map((page) => ({ category: OTHER, ...page }));

/** Fill the page the first time; one that fails says why, and tries again when it is shown the next time. */
export const fillPage = async (page) => {
  const { module } = page.section;
  if (!module || page.isFilled) return;
  page.isFilled = true;
  const place = page.element.querySelector(".settings-column");
  place.replaceChildren(make("p", { role: "status", textContent: "Loading …" }));
  try {
    const view = await import(paintbox.address(`paintbox/assets/${module}`));
    await view.open(place);
  } catch (error) {
    page.isFilled = false;
    place.replaceChildren(make("p", { role: "alert", class: "note error", textContent: `This could not be shown: ${error.message}` }));
  }
};
