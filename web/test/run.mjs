// The tests in a real Chromium. Builds once, then plays each scenario in its own process.
//
//   node web/test/run.mjs [--only WORDS] [--keep]
//
// --only: the scenarios whose file name contains these letters
// --keep: copies the screenshots the guides use, made smaller, into docs/images

import { rm } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./kit/antenne.mjs";
import { fillWorkshop } from "./kit/stage.mjs";

const { values: chosen } = parseArgs({ options: { only: { type: "string", default: "" }, keep: { type: "boolean", default: false } } });
const folder = fileURLToPath(new URL("./scenarios/", import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".mjs") && name.includes(chosen.only))
  .sort()
  .map((name) => join(folder, name));
if (files.length === 0) {
  console.error(`no scenario's name contains « ${chosen.only} »`);
  process.exit(2);
}

console.log("building the binary, drawing the clip and the voice");
const workshop = await fillWorkshop();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => rm(workshop, { recursive: true, force: true }).finally(() => process.exit(1)));
try {
  await build(workshop);
  process.env.ANTENNE_TEST_WORKSHOP = workshop;
  if (chosen.keep) process.env.ANTENNE_TEST_KEEP = "1";
  await play(files);
} finally {
  await rm(workshop, { recursive: true, force: true });
}

/** Two scenarios at a time where the machine has four cores, else one after the other. */
function play(scenarios) {
  return new Promise((resolve, reject) => {
    const events = run({ files: scenarios, concurrency: availableParallelism() >= 4 ? 2 : 1 });
    events.on("test:fail", () => (process.exitCode = 1));
    const report = events.compose(spec);
    report.on("end", resolve);
    report.on("error", reject);
    report.pipe(process.stdout, { end: false });
  });
}
