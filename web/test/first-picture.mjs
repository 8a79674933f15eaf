// How long a person waits for the picture: a real Chromium joins again and again while a crowd watches.
//
//   node web/test/first-picture.mjs [--joins 40] [--crowd 200] [--pages player,live,screen] [--limit MS] [--json FILE]
//
// The server has a core of its own where the machine has four, the crowd another, Chromium the rest. The teacher plays what a
// Chromium recorded (VP8 in three layers). Each join is a page of its own, closed before the next:
//
//   player  a plain WHEP player, from before its offer is made: the highest layer
//   live    the page of a family, from the tap on « Écouter et regarder »: the cheapest moving picture
//   screen  the wall of a site, from the tap on « Ouvrir la salle »
//
// A moving picture is the second frame, other than the first, that was put on the screen; on our pages with no words over it.
// Times are in ms. With --limit it ends with 1 when p95 of that is above; nothing else here judges a time.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { Antenne, build } from "./kit/antenne.mjs";
import { Browser, SIZES } from "./kit/browser.mjs";
import { Cast, WORDS } from "./kit/cast.mjs";
import { percentile } from "./kit/diary.mjs";
import { ONE, join as watch } from "./kit/player.mjs";
import { sleep, until } from "./kit/poll.mjs";

const execute = promisify(execFile);
const BEGINNINGS = fileURLToPath(new URL("./kit/beginnings.js", import.meta.url));

const chosen = readArguments();
const CORES = availableParallelism(); // before this process is kept to some of them

/** In the order in which they happen. */
const MOMENTS = {
  posted: "the offer is posted",
  answered: "the answer is there",
  path: "a path is found (ICE)",
  connected: "keys are agreed (DTLS)",
  decoded: "a frame is decoded",
  first: "a first frame is on the screen",
  moving: "a second one, other than the first",
  seen: "a frame with no words over it",
  seenMoving: "moving, with no words over it",
};

/** The pages that can be joined. Each sits down and gives back how it begins. */
const PAGES = {
  player: async (cast, person) => {
    const tab = await person.tab(`${cast.antenne.url}/donnees`);
    return { tab, begin: async () => {
      await tab.ask(() => window.antenneBeginnings.begin());
      const { later } = await tab.ask(watch, { url: `/whep/${cast.room}`, kinds: ONE });
      if (later) throw new Error("the house has no room: a measure of another thing");
    } };
  },
  live: async (cast, person) => {
    const tab = await person.tab(cast.homeAddress());
    return { tab, begin: () => tab.press(WORDS.watchAtHome) };
  },
  screen: async (cast, person) => {
    const tab = await person.tab(cast.link("screen", cast.sites[0]));
    return { tab, begin: () => tab.press(WORDS.openRoom) };
  },
};

function readArguments() {
  const { values } = parseArgs({
    options: {
      joins: { type: "string", default: "40" },
      crowd: { type: "string", default: "200" },
      pages: { type: "string", default: "player,live" },
      limit: { type: "string", default: "0" },
      json: { type: "string", default: "" },
    },
  });
  const read = { joins: Number(values.joins), crowd: Number(values.crowd), limit: Number(values.limit), pages: values.pages.split(","), json: values.json };
  const wrong =
    (!(read.joins >= 1 && read.joins <= 500) && "--joins: a number from 1 to 500") ||
    (!(read.crowd >= 0 && read.crowd <= 1000) && "--crowd: a number from 0 to 1000") ||
    (!(read.limit >= 0) && "--limit: ms") ||
    (read.pages.some((page) => !["player", "live", "screen"].includes(page)) && "--pages: player, live, screen, with commas between");
  if (!wrong) return read;
  console.error(wrong);
  process.exit(2);
}

/** The audience in a process of its own, with the teacher. */
class Crowd {
  #child;
  #said = "";

  static async start(folder, links, count) {
    const made = new Crowd();
    const binary = await build(folder, "loadtest", "./loadtest");
    await writeFile(join(folder, "links"), links.filter((l) => l.role === "mediator").map((l) => `${l.role}\t${l.site}\t${l.url}\n`).join(""));
    await writeFile(join(folder, "crowd.toml"), scenario(join(folder, "links"), count));
    made.#child = spawn(binary, ["run", join(folder, "crowd.toml")], { stdio: ["ignore", "pipe", "pipe"] });
    made.ended = new Promise((resolve) => made.#child.once("exit", resolve));
    for (const stream of [made.#child.stdout, made.#child.stderr]) stream.on("data", (chunk) => (made.#said = (made.#said + chunk).slice(-4000)));
    await until(`${count} viewers watch`, () => made.#watching(), { within: 90000, seen: () => made.#said });
    return made;
  }

  #watching() {
    if (this.#child.exitCode !== null) throw new Error(`the crowd ended with ${this.#child.exitCode}`);
    return this.#said.includes("measuring");
  }

  /** Its last line: how many are there, and how late they get what is sent. */
  get line() {
    return this.#said.trimEnd().split("\n").pop().trim();
  }

  async stop() {
    this.#child.kill("SIGINT");
    await this.ended;
  }
}

/** A crowd always has one viewer at least: a wave without anybody is no wave. */
function scenario(links, count) {
  return `title = "a crowd for the time of a measure"
[server]
kind = "url"
links = ${JSON.stringify(links)}
[crowd]
cores = ${CORES >= 4 ? "[1]" : "[]"}
[teacher]
recording = "vp8-simulcast"
[time]
settle = "2s"
measure = "30m"
[[viewers]]
count = ${Math.max(1, count)}
over = "${Math.max(1, Math.round(count / 40))}s"
`;
}

/** Where a process may run from now on, all of its threads; a machine that cannot is said, not refused. */
async function keepTo(cores, pid) {
  if (CORES < 4) return console.log("  caution: less than four cores: everybody shares them");
  return execute("taskset", ["-acp", cores, String(pid)]).catch(() => console.log("  caution: no taskset: everybody shares the cores"));
}

async function startServer(folder) {
  process.env.GOMAXPROCS = CORES >= 4 ? "1" : "";
  const antenne = await Antenne.start({ binary: await build(folder), folder: join(folder, "server") });
  delete process.env.GOMAXPROCS;
  await keepTo("0", antenne.pid);
  return antenne;
}

/** One join of one page. @returns {Promise<Record<string, number>>} its moments */
async function joinOnce(browser, cast, page) {
  const person = await browser.person(page, { size: page === "screen" ? SIZES.wall : SIZES.phone });
  try {
    await person.context.addInitScript({ path: BEGINNINGS });
    const { tab, begin } = await PAGES[page](cast, person);
    await sleep(300 + Math.random() * 700); // a page at rest, and no step with the teacher's pictures
    await begin();
    const moments = () => tab.ask(() => window.antenneBeginnings.moments());
    return await until(`${page} sees a moving picture`, async () => {
      const at = await moments();
      return at.seenMoving !== undefined && at;
    }, { within: 15000, seen: moments });
  } finally {
    await person.leave();
  }
}

function tell(page, joins) {
  const row = (words, values) => `  ${words.padEnd(38)}${[0.5, 0.95, 1].map((share) => (values.length ? percentile(values, share).toFixed(0) : "-").padStart(8)).join("")}`;
  console.log(`\n${page}, ${joins.length} joins${" ".repeat(Math.max(1, 30 - page.length - String(joins.length).length))} ms: p50     p95     max`);
  for (const [name, words] of Object.entries(MOMENTS)) console.log(row(words, joins.map((at) => at[name]).filter((ms) => ms !== undefined)));
}

async function main() {
  const folder = await mkdtemp(join(tmpdir(), "antenne-first-picture-"));
  const stops = [() => rm(folder, { recursive: true, force: true })];
  try {
    await keepTo("2,3", process.pid);
    const antenne = await startServer(folder);
    stops.unshift(() => antenne.stop());
    const crowd = await Crowd.start(folder, antenne.links, chosen.crowd);
    stops.unshift(() => crowd.stop());
    const browser = await Browser.open({ host: antenne.host });
    stops.unshift(() => browser.close());
    const cast = new Cast(null, antenne);
    for (const page of chosen.pages) await joinOnce(browser, cast, page); // a browser's very first is slower: code is read, a decoder is made
    const joins = Object.fromEntries(chosen.pages.map((page) => [page, []]));
    for (let n = 0; n < chosen.joins; n++) for (const page of chosen.pages) joins[page].push(await joinOnce(browser, cast, page));
    console.log(`the crowd: ${crowd.line}\nthe machine: load ${loadavg()[0].toFixed(1)} on ${CORES} cores`);
    for (const page of chosen.pages) tell(page, joins[page]);
    if (chosen.json) await writeFile(chosen.json, JSON.stringify({ crowd: chosen.crowd, load: loadavg()[0], joins }, null, 1));
    const worst = Math.max(...chosen.pages.map((page) => percentile(joins[page].map((at) => at.seenMoving), 0.95)));
    if (chosen.limit && worst > chosen.limit) process.exitCode = 1;
  } finally {
    for (const stop of stops) await stop().catch((error) => console.error(error.message));
  }
}

await main();
