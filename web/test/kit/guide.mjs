// The printed guides, as somebody holds them who does not like computers: what may be pressed is what they say in bold.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./antenne.mjs";

export const GUIDES = ["animation", "mediation", "regie", "coordination"];

export class Guide {
  /** @param {string} name one of GUIDES */
  static async open(name) {
    const made = new Guide();
    made.name = name;
    made.text = await readFile(join(ROOT, "docs", "guides", `${name}.md`), "utf8");
    made.labels = [...made.text.matchAll(/\*\*([^*]+)\*\*/g)].map((m) => m[1]);
    return made;
  }

  /** What the reader of this guide presses: only words that it says. */
  press(tab, label, o) {
    this.#says(label);
    return tab.press(label, o);
  }

  /** What the reader looks for on the page: only words that it says. */
  sees(tab, label, o) {
    this.#says(label);
    return tab.sees(label, o);
  }

  #says(label) {
    assert.ok(this.labels.includes(label), `the guide « ${this.name} » does not say « ${label} »`);
  }
}
