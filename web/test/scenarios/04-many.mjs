// One studio with camera and slides, five screens and five phones for a minute; then everybody
// leaves, and the server is as light as before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, all, goOnAir, prepare } from "../kit/cast.mjs";
import { until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const MINUTE = 60000;
/** A room that has been on air keeps its lane; this test's own look at the figures costs two more. */
const KEPT_BY_ROOM = 6;
/** MB that the runtime may keep for later. */
const MEMORY_KEPT = 30;

test("five screens and five phones for a minute", { timeout: 300000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const sites = cast.sites.slice(0, 5);
  const before = await antenne.weight();
  const viewers = [];
  let studio;

  await stage.step("everybody comes", async () => {
    studio = await cast.studio();
    await prepare(studio);
    for (const site of sites) viewers.push(await cast.screen(site, { size: { width: 800, height: 450 } }), await cast.home(site, { best: true }));
    await goOnAir(studio);
    await all(viewers, (tab) => tab.seesMotion({ within: 30000 }));
  });

  await stage.step("the mediator shares slides beside the camera", async () => {
    await studio.press("#share");
    await studio.sees("Arrêter");
    await all(viewers, (tab) => tab.hears());
  });

  await stage.step("for a minute every picture moves and every page has sound", async () => {
    const end = Date.now() + MINUTE;
    let rounds = 0;
    const worst = { camera: Infinity, slides: Infinity, rms: Infinity };
    while (Date.now() < end) {
      // Eleven pages on one machine: a slow picture is none that stands still, so each is watched for longer.
      await all(viewers, async (tab) => {
        const [camera, slides, heard] = await Promise.all([tab.watch({ which: "camera", ms: 4000, every: 500 }), tab.watch({ which: "slides", ms: 4000, every: 500, moving: 0.1 }), tab.listen({ every: 500 })]);
        for (const report of [camera, slides, heard]) assert.equal(report.why, "", `${tab.name}: ${JSON.stringify(report)}`);
        worst.camera = Math.min(worst.camera, camera.fps);
        worst.slides = Math.min(worst.slides, slides.fps);
        worst.rms = Math.min(worst.rms, heard.rms);
      });
      rounds++;
    }
    const peers = await all(viewers, (tab) => tab.roads());
    assert.ok(peers.every((p) => p.open === 1 && p.built <= 2), `peer connections: ${JSON.stringify(peers.map((p) => [p.built, p.open]))}`);
    stage.figure(`${rounds} rounds over ${viewers.length} pages; worst: camera ${worst.camera.toFixed(1)} and slides ${worst.slides.toFixed(1)} frames/s, rms ${worst.rms.toFixed(3)}`);
    await stage.allQuiet();
  });

  await stage.step("leaving frees everything", async () => {
    const full = await antenne.weight();
    for (const tab of [...viewers, studio]) await tab.close();
    await until("every media session is gone", async () => (await antenne.weight()).goroutines < full.goroutines - viewers.length, { within: 10000 });
    await stage.sendHome();
    const light = async () => {
      const now = await antenne.weight();
      return now.goroutines <= before.goroutines + KEPT_BY_ROOM && now.rss <= before.rss + MEMORY_KEPT && now;
    };
    const after = await until("goroutines and memory are back", light, { seen: () => antenne.weight() });
    const tell = (of) => [before, full, after].map((w) => w[of].toFixed(0)).join(" → ");
    stage.figure(`goroutines ${tell("goroutines")}; memory ${tell("rss")} MB (empty → full → empty)`);
  });
});
