// One studio with camera and slides, five screens and five phones for a minute; then everybody
// leaves, and the server is as light as before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, all, goOnAir, prepare } from "../kit/cast.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const MINUTE = 60000;

test("five screens and five phones for a minute", { timeout: 210000 }, async (t) => {
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
    for (const site of sites) viewers.push(await cast.screen(site), await cast.home(site));
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
    const worst = { fps: Infinity, rms: Infinity };
    while (Date.now() < end) {
      for (const tab of viewers) {
        const [seen, heard] = await Promise.all([tab.watch({ ms: 1500 }), tab.listen({ ms: 1500 })]);
        assert.equal(seen.why, "", `${tab.name}: ${JSON.stringify(seen)}`);
        assert.equal(heard.why, "", `${tab.name}: ${JSON.stringify(heard)}`);
        worst.fps = Math.min(worst.fps, seen.fps);
        worst.rms = Math.min(worst.rms, heard.rms);
      }
      rounds++;
    }
    const peers = await all(viewers, (tab) => tab.roads());
    assert.ok(peers.every((p) => p.open === 1 && p.built <= 2), `peer connections: ${JSON.stringify(peers.map((p) => [p.built, p.open]))}`);
    stage.figure(`${rounds} rounds over ${viewers.length} pages; worst: ${worst.fps.toFixed(1)} frames/s, rms ${worst.rms.toFixed(3)}`);
    await stage.allQuiet();
  });

  await stage.step("leaving frees everything", async () => {
    const full = await antenne.weight();
    for (const tab of [...viewers, studio]) await tab.close();
    const after = await until("goroutines are back", async () => {
      const now = await antenne.weight();
      return now.goroutines <= before.goroutines + 8 && now;
    }, { within: 20000, seen: () => antenne.weight() });
    await sleep(2000);
    stage.figure(`goroutines ${before.goroutines} → ${full.goroutines} → ${after.goroutines}; memory ${before.rss.toFixed(0)} → ${full.rss.toFixed(0)} → ${(await antenne.weight()).rss.toFixed(0)} MB`);
  });
});
