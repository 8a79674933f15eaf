import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** What browsers keep. */
class Shelf {
  #kept = new Map();
  getItem(key) { return this.#kept.has(key) ? this.#kept.get(key) : null; }
  setItem(key, value) { this.#kept.set(key, String(value)); }
}
globalThis.window = { localStorage: new Shelf(), sessionStorage: new Shelf() };
const { asCode, isWhole, keepPost, keepScreen, keptPost, screenToken } = await import("../../static/js/core/paired.js");

beforeEach(() => {
  window.localStorage = new Shelf();
  window.sessionStorage = new Shelf();
});

test("a code takes its shape while it is typed", () => {
  const typed = { "": "", a: "A", abcd: "ABCD", abcde: "ABCD-E", "abcd-": "ABCD", "ab cd–ef.gh": "ABCD-EFGH", "abcd-efghjk": "ABCD-EFGH", "i1l0o2": "2", "éàü": "", "2345 6789": "2345-6789" };
  for (const [text, code] of Object.entries(typed)) assert.equal(asCode(text), code, text);
  for (const text of Object.keys(typed)) assert.equal(asCode(asCode(text)), asCode(text));
});

test("a code is whole with its eight symbols", () => {
  for (const whole of ["ABCDEFGH", "abcd-efgh", "2345-6789"]) assert.ok(isWhole(whole));
  for (const part of ["", "ABCD-EFG", "ABCD-EFG0"]) assert.ok(!isWhole(part));
});

test("a screen remembers its place, and nothing that is no token", () => {
  assert.equal(screenToken(), "");
  keepScreen("uyNSq3-H030IsZOnZScizg");
  assert.equal(screenToken(), "uyNSq3-H030IsZOnZScizg");
  keepScreen("");
  assert.equal(screenToken(), "");
  keepScreen("<script>");
  assert.equal(screenToken(), "");
});

test("a post remembers its séance until it forgets it", () => {
  assert.equal(keptPost(), null);
  keepPost({ room: "cuisine", token: "uyNSq3-H030IsZOnZScizg" });
  assert.deepEqual(keptPost(), { room: "cuisine", token: "uyNSq3-H030IsZOnZScizg" });
  keepPost(null);
  assert.equal(keptPost(), null);
});
