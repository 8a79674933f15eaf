// What the eyes meet without a hand that scrolls: `reads` and `sees` of a tab find words anywhere on the page, these only in the
// window. Neither scrolls; press() does, so ask before it.

import { until } from "./poll.mjs";

/**
 * How much of the first shown element of this selector is within the window with nothing in front of it.
 * @param {import("./tab.mjs").Tab} tab
 * @param {string} selector  CSS
 * @returns {Promise<number>} 0: nothing, or no such element is shown; 1: all of it
 */
export async function inSight(tab, selector) {
  return (await look(tab, selector)).share;
}

/**
 * Waits until so much of it is in sight.
 * @param {import("./tab.mjs").Tab} tab
 * @param {string} selector  CSS
 * @param {{ share?: number, within?: number }} [o]  share: 0.95 unless told, because round corners show what is behind
 */
export async function comesInSight(tab, selector, { share = 0.95, within } = {}) {
  await until(`${tab.name} has ${share * 100} % of ${selector} before its eyes`, async () => (await look(tab, selector)).share >= share,
    { within, seen: () => look(tab, selector) });
}

/** @returns {Promise<{ share: number, why: string }>} */
function look(tab, selector) {
  return tab.ask((wanted) => {
    const GRID = 12; // points each way
    const t = window.__antenneTest;
    const el = [...document.querySelectorAll(wanted)].find((one) => t.shown(one) && !one.closest(".leaving"));
    if (!el) return { share: 0, why: "no such element is shown" };
    const clear = (one) => /transparent|rgba\(.*, 0(\.\d+)?\)$/.test(getComputedStyle(one).backgroundColor) && !/^(video|canvas|img|iframe)$/.test(one.localName);
    /** What is in front of el at this point; null where el itself is seen. */
    const front = (x, y) => {
      for (const hit of document.elementsFromPoint(x, y)) {
        if (hit === el || el.contains(hit)) return null;
        if (!clear(hit) || hit.contains(el)) return hit;
      }
      return document.documentElement;
    };
    const box = el.getBoundingClientRect();
    const inset = Math.min(4, box.width / 8, box.height / 8);
    const at = (from, size, i) => from + inset + ((size - 2 * inset) * i) / (GRID - 1);
    // What lets taps through still hides what is under it.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { pointer-events: auto !important; }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    let seen = 0;
    let why = "";
    for (let i = 0; i < GRID; i++) {
      for (let k = 0; k < GRID; k++) {
        const [x, y] = [at(box.x, box.width, i), at(box.y, box.height, k)];
        const outside = x < 0 || y < 0 || x >= window.innerWidth || y >= window.innerHeight;
        const cover = outside ? null : front(x, y);
        if (outside) why = why || `beyond the window: ${Math.round(box.top)} to ${Math.round(box.bottom)} px of ${window.innerHeight}`;
        else if (cover) why = `under ${t.describe(cover)}`;
        else seen += 1;
      }
    }
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    return { share: seen / (GRID * GRID), why };
  }, selector);
}
