// The tests in a real Chromium. Builds once, then plays each scenario in its own process. Two are played side by side where the
// machine has the cores; one that failed so is played once more alone, and the second verdict counts: browsers that starve
// each other say nothing about the code. What needed it is said at the end.
//
//   node web/test/run.mjs [--only WORDS] [--keep]
//
// --only: the scenarios whose file name contains these letters
// --keep: copies the screenshots the guides use, made smaller, into docs/images

import { rm } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./kit/antenne.mjs";
import { fillWorkshop } from "./kit/stage.mjs";

const MOST_REPLAYS = 4; // more than these at once is no accident

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
  process.env.ANTENNE_LATE = "60"; // of the servers: this machine is late because it is busy with browsers, and 16 has a server without room
  if (chosen.keep) process.env.ANTENNE_TEST_KEEP = "1";
  await playAll(files);
} finally {
  await rm(workshop, { recursive: true, force: true });
}

/** @param {string[]} scenarios */
async function playAll(scenarios) {
  const failed = await play(scenarios, availableParallelism() >= 4 ? 2 : 1);
  if (failed.length === 0) return;
  if (failed.length > MOST_REPLAYS || failed.some((file) => !scenarios.includes(file))) return fail(failed);
  console.log(`\nplayed once more, alone: ${names(failed)}`);
  const still = await play(failed, 1);
  const recovered = failed.filter((file) => !still.includes(file));
  if (recovered.length > 0) console.log(`failed beside others, passed alone: ${names(recovered)}`);
  if (still.length > 0) fail(still);
}

/** @param {string[]} files */
function fail(files) {
  console.error(`failed: ${names(files)}`);
  process.exitCode = 1;
}

/** @param {string[]} files */
function names(files) {
  return files.map((file) => basename(file, ".mjs")).join(", ");
}

/**
 * @param {string[]} scenarios
 * @param {number} atOnce
 * @returns {Promise<string[]>} the files in which something failed
 */
function play(scenarios, atOnce) {
  const failed = new Set();
  return new Promise((resolve, reject) => {
    const events = run({ files: scenarios, concurrency: atOnce });
    events.on("test:fail", ({ file, name }) => failed.add(file || name));
    const report = events.compose(spec);
    report.on("end", () => resolve(scenariosOf(failed, scenarios)));
    report.on("error", reject);
    report.pipe(process.stdout, { end: false });
  });
}

/** A step that failed is told as of the file that made it, which may be the kit's; its scenario is told too. Where it is not, the file stands. */
function scenariosOf(failed, scenarios) {
  const known = scenarios.filter((file) => failed.has(file));
  return known.length > 0 ? known : [...failed];
}
