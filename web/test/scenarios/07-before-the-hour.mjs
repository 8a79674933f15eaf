// A phone taps « Écouter et regarder » before the hour, is locked and unlocked, and has picture
// and sound when the séance starts, without another tap.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, WORDS, all, goOnAir, prepare } from "../kit/cast.mjs";
import { sleep } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

test("a home before the hour", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne({ demo: false });
  const cast = await later(stage, antenne);
  let locked, awake, studio;

  await stage.step("the page says when, and takes the tap early", async () => {
    locked = await stage.seat(await stage.loneBrowser(antenne.host), "locked phone", cast.homeAddress("fives"), { size: SIZES.phone });
    awake = await cast.home("fives", { name: "phone in hand" });
    await locked.sees("Cuisine du soir");
    await locked.press(WORDS.watchAtHome);
    await all([locked, awake], (tab) => tab.sees("commenceront tout seuls"));
  });

  await stage.step("locked and unlocked, it waits", async () => {
    locked.guard.allow(/Page entered Back-Forward Cache/); // how the browser says that it stopped the page's timers
    await locked.hide();
    await locked.freeze();
    await sleep(3000);
    await locked.thaw();
    await locked.show();
    await sleep(1000);
    await locked.hide();
  });

  await stage.step("the séance starts: picture and sound without another tap", async () => {
    studio = await cast.studio();
    await prepare(studio);
    await goOnAir(studio);
    await awake.seesMotion();
    await awake.hears();
    await locked.show();
    await locked.seesMotion();
    await locked.hears();
    const roads = await all([locked, awake], (tab) => tab.roads());
    assert.ok(roads.every((r) => r.open === 1 && r.built <= 4), `peer connections: ${roads.map((r) => `${r.built} built, ${r.open} open`).join("; ")}`);
    await stage.allQuiet();
  });
});

/** A séance in two hours, made by the commands anybody would use. */
async function later(stage, antenne) {
  const sites = join(stage.folder, "sites.csv");
  await writeFile(sites, "fives;Maison de quartier des Ateliers;Lille\nroubaix;Centre social du Canal;Roubaix\n");
  const at = new Date(Date.now() + 2 * 3600 * 1000).toISOString().slice(0, 19) + "Z";
  const room = (await antenne.command("room", "add", "--title", "Cuisine du soir", "--at", at, "--sites", sites, "--public", "--mediator", "Nadia")).trim();
  const links = parseLinks(await antenne.command("link", "--role", "mediator", "--room", room));
  return new Cast(stage, antenne, { links });
}
