// What the wall says of its own room's turn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Time } from "./dom.mjs";
import { install } from "./sheet.mjs";

new Time().install();
install({});
const { signOf } = await import("../../static/js/ui/screen-floor.js");

test("the wall: its own room's turn", () => {
  for (const [phase, why, aired, sign] of [
    ["invited", "", false, ""],
    ["accepted", "", false, "soon"],
    ["backstage", "", false, "soon"],
    ["on-air", "", true, "on-air"],
    ["on-air", "lost", true, "lost"],
    ["backstage", "lost", false, "lost"],
    ["backstage", "lost", true, "lost"],
    ["backstage", "", true, ""], // its turn is over: nothing is promised
    ["ended", "", true, ""],
  ]) {
    assert.equal(signOf(phase, why, aired), sign, `${phase} ${why} ${aired}`);
  }
});
