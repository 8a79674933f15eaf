// Press, and the page shows it: a real régie and a real studio at work while 220 simulated sites live their class, then while most
// of them ask five questions a second. Figures, not judgements of the machine: they are printed, and kept in web/test/out.
//
//   node web/test/crowd.mjs [--sites 220] [--for 60] [--rude-for 60] [--acts 30] [--most 200] [--profile]
//
// Ends with 1 when a p95 is not kept. With --profile, what each page's script spends its time at is printed too.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseArgs } from "node:util";
import assert from "node:assert/strict";
import { OUT, picture } from "./kit/audit.mjs";
import { SIZES } from "./kit/browser.mjs";
import { Cast, goOnAir, prepare } from "./kit/cast.mjs";
import { Crowd } from "./kit/crowd.mjs";
import { sleep, until } from "./kit/poll.mjs";
import { Stage } from "./kit/stage.mjs";

const { values: chosen } = parseArgs({
  options: { sites: { type: "string", default: "220" }, for: { type: "string", default: "60" }, "rude-for": { type: "string", default: "60" }, acts: { type: "string", default: "30" }, most: { type: "string", default: "200" }, profile: { type: "boolean", default: false } },
});
const lasts = Number(chosen.for);
const rudeFor = Number(chosen["rude-for"]);
const sites = Number(chosen.sites);

/** Presses a button and says how long the page takes to show what it did, as its own clock counts: from the press to the change. */
const press = (tab, how) =>
  tab.ask(
    ({ button, effect }) =>
      new Promise((resolve) => {
        const t = window.__antenneTest;
        const buttons = [...document.querySelectorAll(button)].filter((el) => t.shown(el) && el.getAttribute("aria-disabled") !== "true" && !el.closest(".leaving"));
        const chosen = buttons[0];
        if (!chosen) return resolve(null);
        const row = chosen.closest("li") || chosen;
        const shows = { leaves: () => !row.isConnected || row.classList.contains("leaving"), seen: () => Boolean(row.querySelector(".tile-seen svg")) || !row.isConnected }[effect];
        const watch = new MutationObserver(() => shows() && end(performance.now() - began));
        const late = setTimeout(() => end(8000), 8000);
        const end = (took) => {
          watch.disconnect();
          clearTimeout(late);
          resolve(took);
        };
        watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
        const began = performance.now();
        chosen.click();
      }),
    how,
  );

const rank = (sorted, p) => sorted[Math.max(0, Math.ceil((sorted.length * p) / 100) - 1)];
const told = (all) => {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted.length ? `n=${sorted.length} p50=${rank(sorted, 50).toFixed(0)} p95=${rank(sorted, 95).toFixed(0)} max=${sorted[sorted.length - 1].toFixed(0)} ms` : "none";
};

/** Acts of the two pages, one after the other, for a while. */
async function work(pages, seconds) {
  const took = { régie: [], studio: [] };
  const end = Date.now() + seconds * 1000;
  for (let n = 0; Date.now() < end && took.régie.length < Number(chosen.acts); n++) {
    const one = await press(pages.control, n % 3 === 2 ? { button: ".wall-of-sites .tile > button.tile-face", effect: "seen" } : { button: "#toSort [data-act=" + (n % 3 ? "later" : "approve") + "]", effect: "leaves" });
    if (one !== null) took.régie.push(one);
    await sleep(500); // a hand
    const two = await press(pages.studio, { button: ".wall-of-sites .tile > button.tile-face", effect: "seen" });
    if (two !== null) took.studio.push(two);
    await sleep(500);
  }
  return took;
}

const BUSIEST = 14; // functions told of each page

/** Begins to note where a page's script spends its time; what it gives ends that, and tells it. */
async function profile(tab) {
  if (!chosen.profile) return async () => [];
  await tab.cdp.send("Profiler.enable");
  await tab.cdp.send("Profiler.setSamplingInterval", { interval: 500 });
  await tab.cdp.send("Profiler.start");
  return async () => busiest((await tab.cdp.send("Profiler.stop")).profile);
}

/** The functions that took most, by themselves. */
function busiest({ nodes, samples, timeDeltas, startTime, endTime }) {
  const names = new Map(nodes.map((n) => [n.id, `${n.callFrame.functionName || "(anonymous)"} ${n.callFrame.url.split("/").pop()}:${n.callFrame.lineNumber + 1}`]));
  const spent = new Map();
  samples.forEach((id, i) => spent.set(names.get(id), (spent.get(names.get(id)) || 0) + timeDeltas[i]));
  const share = (us) => `${((100 * us) / (endTime - startTime)).toFixed(2)} %`;
  return [...spent].filter(([name]) => !/^\((idle|root)\)/.test(name)).sort((a, b) => b[1] - a[1]).slice(0, BUSIEST).map(([name, us]) => `${share(us)} ${name}`);
}

/** What a page weighs: its heap, and how much of it is drawn. */
async function weight(tab) {
  const { metrics } = await tab.cdp.send("Performance.getMetrics");
  const of = (name) => metrics.find((m) => m.name === name).value;
  return { heap: of("JSHeapUsedSize") / 1e6, nodes: of("Nodes"), script: of("ScriptDuration"), layout: of("LayoutDuration"), style: of("RecalcStyleDuration"), task: of("TaskDuration") };
}

test(`a real régie and a real studio with ${sites} sites`, { timeout: (lasts + rudeFor + 240) * 1000 }, async (t) => {
  const stage = await Stage.open(t);
  const crowd = await Crowd.start(stage, { sites, lasts: `${lasts + 40}s`, args: ["--abuse", "--rude", String(Math.round(sites * 0.9)), "--rude-for", `${rudeFor}s`, "--most", "60s", "--acting", "2s", "--pace", "60s"] });
  const cast = new Cast(stage, crowd, { links: crowd.links });
  const moderators = crowd.links.filter((l) => l.role === "moderator");
  const said = [];
  const say = (words) => {
    said.push(words);
    stage.figure(words);
  };
  const pages = {};
  const broken = [];

  const measure = async (name, seconds) => {
    const before = { control: await weight(pages.control), studio: await weight(pages.studio), at: Date.now() };
    const profiles = { control: await profile(pages.control), studio: await profile(pages.studio) };
    const took = await work(pages, seconds);
    const elapsed = (Date.now() - before.at) / 1000;
    for (const [who, all] of Object.entries(took)) {
      say(`${name}, ${who}: press to shown ${told(all)}`);
      const p95 = rank([...all].sort((a, b) => a - b), 95);
      if (!(p95 < Number(chosen.most))) broken.push(`${name}: ${who} p95 ${p95} ms`);
    }
    for (const who of ["control", "studio"]) {
      const w = await weight(pages[who]);
      const share = (of) => `${((100 * (w[of] - before[who][of])) / elapsed).toFixed(1)} %`;
      say(`${name}, ${who}: heap ${w.heap.toFixed(1)} MB, ${w.nodes} nodes; of its thread: script ${share("script")}, style ${share("style")}, layout ${share("layout")}, all ${share("task")}`);
      for (const line of await profiles[who]()) say(`    ${line}`);
      await picture(pages[who], `crowd-${sites}-${name}-${who}`);
    }
    say(`${name}, server: ${(await crowd.weight()).toFixed(1)} MB`);
  };

  await stage.step("both pages are open", async () => {
    pages.control = await stage.seat(await cast.hall("rooms"), "régie", moderators[1].url, { size: SIZES.wall });
    pages.studio = await stage.seat(await cast.hall("studio"), "studio", cast.link("mediator"), { camera: true, size: SIZES.wall });
    for (const tab of Object.values(pages)) await tab.cdp.send("Performance.enable");
    await pages.control.sees(`sur ${sites}`);
    await prepare(pages.studio);
    await pages.studio.press("Reprendre l’antenne", { within: 4000 }).catch(() => undefined);
    await goOnAir(pages.studio).catch(() => undefined);
  });

  await stage.step("a class", () => measure("class", lasts));

  await stage.step("while most rooms ask five questions a second", async () => {
    await until("the calm is over", () => crowd.has("class"), { within: 120000, seen: () => crowd.tail() });
    await sleep(5000);
    await measure("abuse", rudeFor - 8);
  });

  await stage.step("what the crowd itself measured", async () => {
    await crowd.report().then((text) => text.split("\n").forEach(say));
    await writeFile(join(OUT, "crowd.txt"), said.join("\n") + "\n");
    assert.deepEqual(broken, []);
  });
});
