// Looks over a page as it stands: what is cut, what overlaps, what a tool finds inaccessible.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./antenne.mjs";
import { readPNG, writeSmallPNG } from "./png.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
export const OUT = join(dirname(dirname(fileURLToPath(import.meta.url))), "out");
export const KEPT = join(ROOT, "docs", "images");

/**
 * All findings of axe, whatever their weight, as lines to read.
 * @param {import("./tab.mjs").Tab} tab
 */
export async function inaccessible(tab) {
  const source = await readFile(AXE, "utf8");
  await tab.run(`if (!window.axe) { ${source} } void 0`);
  const found = await tab.ask(async () => {
    const rules = {
      // A live picture has no caption file; captions are said on the page when there are some.
      "video-caption": { enabled: false },
    };
    // A bar pinned to the edge of the window covers targets only until they are scrolled out from under it.
    const edges = [...document.querySelectorAll("[data-edge]")];
    for (const edge of edges) edge.style.position = "static";
    const { violations } = await window.axe.run({ exclude: [".leaving"] }, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules, resultTypes: ["violations"] });
    for (const edge of edges) edge.style.position = "";
    return violations
      .map((v) => `${v.id} (${v.impact}): ${v.help} at ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.any?.[0]?.message || ""}`).join("; ")}`);
  }, undefined, { patience: 90000 });
  return found;
}

/** What is cut or overlapped, from the top of the page to its end. */
export async function untidy(tab) {
  const faults = new Set();
  const height = await tab.ask(() => {
    window.scrollTo(0, 0);
    return [document.scrollingElement.scrollHeight, window.innerHeight];
  });
  for (let y = 0; y < height[0]; y += Math.floor(height[1] * 0.7)) {
    for (const fault of await tab.ask(lookOver, y)) faults.add(fault);
  }
  await tab.ask(() => window.scrollTo(0, 0));
  return [...faults];
}

/** Runs in the page. */
function lookOver(y) {
  window.scrollTo({ top: y, behavior: "instant" });
  const wide = window.innerWidth;
  const high = window.innerHeight;
  const t = window.__antenneTest;
  const faults = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > wide + 1) faults.push(`the page is ${page.scrollWidth - wide} px wider than the window`);

  const name = (el) => `${t.describe(el)} « ${(el.innerText || el.value || el.getAttribute("aria-label") || "").trim().slice(0, 40)} »`;
  const scrolls = (el) => {
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      const flow = getComputedStyle(up);
      if (/auto|scroll/.test(flow.overflowX + flow.overflowY)) return true;
    }
    return false;
  };
  const clipped = (el) => {
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      const s = getComputedStyle(up);
      const box = up.getBoundingClientRect();
      if ((s.clip !== "auto" || s.clipPath !== "none") && box.width <= 2 && box.height <= 2) return true;
    }
    return false;
  };
  // While a dialog stands, it is the page; what moves out of a list, and what floats over the page
  // for a moment to tell something, is on its way.
  const dialog = [...document.querySelectorAll("dialog[open], [aria-modal=true]")].find((el) => t.shown(el));
  const floating = (el) => {
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      const s = getComputedStyle(up);
      if (s.position === "fixed" && s.pointerEvents === "none") return true;
    }
    return false;
  };
  const passing = (el) => Boolean(el.closest(".leaving")) || floating(el) || (dialog && !dialog.contains(el));
  const visible = (el) => t.shown(el) && !clipped(el) && !passing(el);

  const controls = [...document.querySelectorAll("button, a[href], input:not([type=hidden]), textarea, select, summary")].filter((el) => visible(el) && !el.closest(".skip"));
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const el = node.parentElement;
    if (!node.data.trim() || !el || /SCRIPT|STYLE|NOSCRIPT|OPTION|TITLE/i.test(el.tagName) || !visible(el) || el.closest(".skip")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 2 && box.height > 2) texts.push({ el, box });
  }

  for (const { el, box } of texts) {
    if ((box.left < -1 || box.right > wide + 1) && !scrolls(el)) faults.push(`text beyond the edge: ${name(el)}`);
    for (let up = el; up && up !== document.body; up = up.parentElement) {
      const s = getComputedStyle(up);
      const around = up.getBoundingClientRect();
      const cutX = /hidden|clip/.test(s.overflowX) && (box.right > around.right + 1.5 || box.left < around.left - 1.5);
      const cutY = /hidden|clip/.test(s.overflowY) && (box.bottom > around.bottom + 3 || box.top < around.top - 3);
      if (cutX || cutY) faults.push(`text cut by its box: ${name(el)} in ${t.describe(up)}`);
    }
  }
  for (const el of controls) {
    const box = el.getBoundingClientRect();
    if ((box.left < -1 || box.right > wide + 1) && !scrolls(el)) faults.push(`control beyond the edge: ${name(el)}`);
    const small = Math.min(box.width, box.height);
    if (small < 24 && getComputedStyle(el).display !== "inline" && !/checkbox|radio|range/.test(el.type || "")) faults.push(`control of ${Math.round(small)} px: ${name(el)}`);
  }

  const related = (a, b) => a === b || a.contains(b) || b.contains(a);
  const inView = (box) => box.top >= 0 && box.bottom <= high && box.left >= 0 && box.right <= wide;
  const opaque = (el) => {
    const colour = getComputedStyle(el).backgroundColor;
    return /^(video|canvas|img)$/.test(el.localName) || !/^rgba\(.*, 0(\.\d+)?\)$|transparent/.test(colour);
  };
  /** Pinned to an edge of the window: what scrolls under it can be scrolled out again. */
  const pinned = (el) => {
    for (let up = el; up && up !== document.body; up = up.parentElement) if (getComputedStyle(up).position === "sticky") return true;
    return false;
  };
  /** What stands in front of this element at a point and lets nothing through. */
  const cover = (el, x, top) => {
    for (const hit of document.elementsFromPoint(x, top)) {
      if (related(hit, el)) return null;
      if (opaque(hit)) return hit;
    }
    return null;
  };
  const seen = texts.filter(({ el, box }) => inView(box) && !cover(el, box.left + box.width / 2, box.top + box.height / 2));
  for (const { el, box } of seen) {
    const inset = Math.min(3, box.height / 3);
    const corners = [[box.left + inset, box.top + inset], [box.right - inset, box.top + inset], [box.left + inset, box.bottom - inset], [box.right - inset, box.bottom - inset]];
    const over = corners.map(([x, top]) => cover(el, x, top)).find(Boolean);
    if (over && !pinned(over)) faults.push(`text partly covered: ${name(el)} by ${t.describe(over)}`);
  }
  for (let i = 0; i < seen.length; i++) {
    for (let k = i + 1; k < seen.length; k++) {
      const [a, b] = [seen[i], seen[k]];
      if (a.el === b.el) continue;
      const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      if (across > 3 && down > 0.4 * Math.min(a.box.height, b.box.height)) faults.push(`texts overlap: ${name(a.el)} and ${name(b.el)}`);
    }
  }
  return [...new Set(faults)];
}

/** Below this share of the height of the screen nobody reads anything at 8 m. */
const LEAST_LETTERS = 0.03;

/**
 * What is written too small on a wall; the address beside the code is for who stands near it.
 * @param {import("./tab.mjs").Tab} tab
 */
export function tiny(tab) {
  return tab.ask((least) => {
    const t = window.__antenneTest;
    return [...document.querySelectorAll("#wall *")]
      .filter((el) => t.shown(el) && !el.closest("#follow") && [...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
      .filter((el) => parseFloat(getComputedStyle(el).fontSize) < least * window.innerHeight)
      .map((el) => `${t.describe(el)} « ${el.innerText} » ${((100 * parseFloat(getComputedStyle(el).fontSize)) / window.innerHeight).toFixed(1)} %`);
  }, LEAST_LETTERS);
}

/**
 * Takes a picture of the page into web/test/out, and into docs/images where it is to be kept.
 * @param {import("./tab.mjs").Tab} tab
 * @param {string} file without ending
 * @param {string} [keep] its name in docs/images, when run with --keep
 */
export async function picture(tab, file, keep = "") {
  await mkdir(OUT, { recursive: true });
  await tab.ask(() => window.scrollTo(0, 0));
  if (keep) await tab.ask(nameDevices);
  const { data } = await tab.cdp.send("Page.captureScreenshot", { format: "png", optimizeForSpeed: true });
  const png = Buffer.from(data, "base64");
  await writeFile(join(OUT, `${file}.png`), png);
  if (!keep || !process.env.ANTENNE_TEST_KEEP) return;
  await mkdir(KEPT, { recursive: true });
  await writeFile(join(KEPT, `${keep}.png`), writeSmallPNG(readPNG(png)));
}

/** The fake devices bear the names of files: a guide shows names as real ones have. */
function nameDevices() {
  for (const [id, name] of [["camera", "Caméra du bureau"], ["microphone", "Micro de table"]]) {
    const select = document.getElementById(id);
    const chosen = select instanceof HTMLSelectElement && select.selectedOptions[0];
    if (chosen && /^\/|Fake/.test(chosen.textContent)) chosen.textContent = name;
  }
}
