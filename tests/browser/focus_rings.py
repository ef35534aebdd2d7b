"""Whether somebody who uses the keyboard sees where they are: each control looks different while it has the focus."""

from __future__ import annotations

from playwright.sync_api import Page

UNSEEN = """() => {
  const LOOKS = ["boxShadow", "borderColor", "borderWidth", "backgroundColor"];
  const LEVELS = 4;
  const look = (element) => {
    const found = [];
    for (let each = element, level = 0; each && level < LEVELS; each = each.parentElement, level += 1) {
      for (const part of [null, "::before", "::after"]) {
        const style = getComputedStyle(each, part);
        found.push(style.outlineStyle === "none" ? "" : `${style.outlineWidth} ${style.outlineColor}`, ...LOOKS.map((name) => style[name]));
      }
    }
    return JSON.stringify(found);
  };
  const unseen = new Set();
  const controls = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
  for (const each of controls) {
    if (each.tabIndex < 0 || each.disabled || !each.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    document.activeElement.blur();
    const before = look(each);
    each.focus({ preventScroll: true });
    if (document.activeElement !== each || !each.matches(":focus-visible")) continue;
    if (look(each) === before) unseen.add(`${each.tagName.toLowerCase()} ${each.type || ""} in ${each.closest("[id]")?.id}`);
  }
  document.activeElement.blur();
  return [...unseen];
}"""
"""Script: the controls that look the same with the focus as without, among those that are shown."""


def unseen_focus(page: Page, place: str) -> list[str]:
    """What a place has against it; the key makes the browser show the focus."""
    page.keyboard.press("Tab")
    return [f"{place}: the focus is not seen on {each}" for each in page.evaluate(UNSEEN)]
