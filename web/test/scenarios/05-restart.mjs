// The server is killed while on air and started again on the same data and ports. Nobody touches
// a page: a sentence meanwhile, then picture and sound again. Where the browser wants a gesture
// for the sound, the wall says so in big letters and « Ma salle » as well.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, WORDS, all, goOnAir, prepare } from "../kit/cast.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

test("kill -9 while on air, and start again", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site] = cast.sites;
  let studio, screen, home, desk;

  await stage.step("on air", async () => {
    [screen, home, desk] = [await cast.screen(site), await cast.home(site), await cast.desk(site)];
    studio = await cast.studio();
    await prepare(studio);
    await goOnAir(studio);
    await all([screen, home], async (tab) => (await tab.seesMotion(), await tab.hears()));
  });

  await stage.step("the server dies: each page says so in words", async () => {
    for (const tab of [studio, screen, home, desk]) tab.guard.expectOutage(true);
    const died = Date.now();
    await antenne.kill();
    await screen.sees(WORDS.broken);
    stage.figure(`words on the wall ${Date.now() - died} ms after the kill`);
    await Promise.all([home.sees(WORDS.broken), desk.sees("n’est plus relié"), studio.sees("coupée")]);
    await sleep(1500);
  });

  await stage.step("it comes back: picture and sound return by themselves", async () => {
    const before = await Promise.all([screen, home].map((tab) => tab.received()));
    antenne.spawn();
    await until("the server listens", () => antenne.answers("/healthz"), { every: 20 });
    const listens = Date.now();
    const back = await Promise.all(
      [screen, home].map(async (tab, i) => {
        await until(`${tab.name} decodes again`, async () => (await tab.received()).decoded > 0 && (await tab.watch({ ms: 300, every: 60 })).moves > 0, { within: 30000, every: 50 });
        return [tab.name, Date.now() - listens, before[i].decoded];
      }),
    );
    stage.figure(`picture after the server listens again: ${back.map(([name, ms]) => `${name} ${ms} ms`).join(", ")}`);
    await all([screen, home], async (tab) => (await tab.seesMotion(), await tab.hears()));
    await screen.seesNot(WORDS.broken);
    await desk.sees("reçoit bien");
    for (const tab of [screen, home]) {
      const roads = await tab.roads();
      assert.ok(roads.open === 1 && roads.built <= 6, `${tab.name} built ${roads.built} peer connections, ${roads.open} are open`);
    }
  });

  await stage.step("no road leaks while nothing happens", async () => {
    const count = async () => (await Promise.all([screen, home, studio].map((tab) => tab.roads()))).map((r) => r.built);
    const then = await count();
    await sleep(5000);
    assert.deepEqual(await count(), then);
    for (const tab of [studio, screen, home, desk]) tab.guard.expectOutage(false);
  });

  await stage.step("a wall reloaded without a gesture says so in big letters, and so does « Ma salle »", async () => {
    await screen.reload();
    const asked = Date.now();
    await screen.sees(WORDS.clickForSound);
    const wall = Date.now() - asked;
    await desk.sees("clique");
    stage.figure(`locked sound: said on the wall after ${wall} ms, on « Ma salle » after ${Date.now() - asked} ms`);
    const size = await screen.ask((words) => {
      const t = window.__antenneTest;
      const el = [...document.querySelectorAll("body *")].filter((e) => t.shown(e) && t.fold(e.innerText || "").includes(t.fold(words))).pop();
      return (100 * parseFloat(getComputedStyle(el).fontSize)) / window.innerHeight;
    }, WORDS.clickForSound);
    assert.ok(size >= 4.5, `letters of ${size.toFixed(1)} % of the height can be read at 8 m`);
    await screen.seesMotion();
    assert.notEqual((await screen.listen()).why, "", "no sound without the gesture");
    await screen.press(WORDS.clickForSound);
    await screen.hears();
    await screen.seesNot(WORDS.clickForSound);
    await desk.sees("reçoit bien");
    await stage.allQuiet();
  });
});
