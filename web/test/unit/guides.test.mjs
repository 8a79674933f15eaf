// The one-page guides say what the pages say, in their words and in no other, and stay one page.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../kit/antenne.mjs";
import { GUIDES, Guide } from "../kit/guide.mjs";

const locale = JSON.parse(readFileSync(join(ROOT, "web/locale/fr.json"), "utf8"));
const said = new Set(Object.values(locale).map(fold));

/** Words of the trade, and of other products: a guide that needs them has not been understood. */
const TRADE = /\b(stream|live|room|kiosque|dashboard|login|buffer|WebRTC|WHIP|WHEP|codec|débit|URL|token|onglet|cliquez|scanner|serveur web|modérateur|streaming|visioconférence|hôte|client|session|navigateur par défaut)\b/i;

const MOST_WORDS = 480; // with a picture, a sheet of paper

for (const name of GUIDES) {
  test(`the guide « ${name} »`, async (t) => {
    const guide = await Guide.open(name);
    await t.test("what it tells to touch is what a page says", () => {
      assert.ok(guide.labels.length > 5);
      const unknown = guide.labels.map((label) => label.replace(/ \?$| :$/, "")).filter((label) => !said.has(fold(label)));
      assert.deepEqual(unknown, []);
    });
    await t.test("no word of the trade", () => assert.equal(TRADE.exec(guide.text.replace(/\(\.\.[^)]*\)/g, "")), null));
    await t.test("one page, with its picture", () => {
      assert.ok(guide.text.split(/\s+/).length <= MOST_WORDS, `${guide.text.split(/\s+/).length} words`);
      const [, picture] = /!\[[^\]]+\]\(\.\.\/(images\/[^)]+)\)/.exec(guide.text);
      assert.ok(existsSync(join(ROOT, "docs", picture)), `${picture} is there`);
    });
  });
}

function fold(words) {
  return words.replace(/ /g, " ").replace(/'/g, "’").trim().toLowerCase();
}
