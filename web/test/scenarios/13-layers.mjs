// A camera of 720 lines leaves the studio in three layers; a wall gets the best, a phone the cheapest, and more only when
// somebody asks for it. What an hour costs is measured at the wire.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Cast, goOnAir, prepare } from "../kit/cast.mjs";
import { CLIP, writeClip } from "../kit/clip.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

/** Few frames, so that a busy machine makes all three layers. */
const LARGE = { ...CLIP, width: 1280, height: 720, fps: 15, frames: 60, barcode: false };
const LIMIT = 80; // MB an hour at « Image économe », all around included
const MEASURED = 20000;
const LOW = 320; // across; less where a busy machine makes everything smaller

test("three layers, and what a family pays", { timeout: 300000 }, async (t) => {
  const stage = await Stage.open(t);
  stage.media = { ...stage.media, clip: join(stage.folder, "large.y4m") };
  await writeClip(stage.media.clip, LARGE);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site] = cast.sites;
  let studio, screen, home;
  const moves = (tab) => tab.seesMotion({ fps: 2, within: 40000 }); // the base frames of 15 a second
  const width = (tab) => tab.ask(() => document.getElementById("camera").videoWidth);

  await stage.step("the cost is said before anything is spent", async () => {
    home = await cast.home(site, { untouched: true });
    await home.sees("Environ 80 Mo par heure", { in: "#start" });
    assert.deepEqual((await home.received()).bytes, 0);
    await home.press("Écouter et regarder");
  });

  await stage.step("the camera leaves the studio in three layers", async () => {
    studio = await cast.studio();
    screen = await cast.screen(site);
    await prepare(studio);
    await goOnAir(studio);
    const pressed = Date.now();
    const sizes = { q: "320x180", h: "640x360", f: "1280x720" };
    let before = {};
    const up = async () => {
      const now = await studio.layers();
      const all = Object.entries(sizes).every(([rid, size]) => now[rid] && now[rid].size === size && before[rid] && now[rid].frames > before[rid].frames);
      before = now;
      return all;
    };
    await until("three layers are sent", up, { within: 60000, seen: () => before });
    stage.figure(`three layers up ${((Date.now() - pressed) / 1000).toFixed(1)} s after the press`);
  });

  await stage.step("the wall gets the best of them, the phone the cheapest", async () => {
    const served = async () => [...(await antenne.metrics())].filter(([name, n]) => name.includes('slot="camera",view=') && n > 0).map(([name]) => name);
    await until("the server serves both", async () => {
      const views = (await served()).join();
      return views.includes('"high"') && views.includes('"low"');
    }, { within: 60000, seen: served });
    await until("the wall shows more than the phone", async () => (await width(screen)) > (await width(home)), { seen: () => width(screen) });
    assert.ok((await width(home)) <= LOW, `${await width(home)} wide on the phone`);
    await moves(home);
    await home.hears();
  });

  await stage.step("an hour at « Image économe » costs less than was said", async () => {
    const cost = await home.costs(MEASURED);
    stage.figure(`image économe: ${cost.perHour.toFixed(0)} MB an hour (picture ${cost.video.toFixed(0)}, sound ${cost.audio.toFixed(0)} kbit/s)`);
    assert.ok(cost.perHour < LIMIT, `${cost.perHour} MB an hour`);
    assert.ok(cost.packets > 0 && cost.audio > 0);
    await home.sees("depuis le début", { in: "#cost-now" });
  });

  await stage.step("a tap brings the large picture, and another takes it back", async () => {
    await home.press("Meilleure image");
    await until("the phone shows more", async () => (await width(home)) > LOW, { within: 30000, seen: () => width(home) });
    const cost = await home.costs(6000);
    stage.figure(`meilleure image: ${cost.perHour.toFixed(0)} MB an hour at ${await width(home)} wide`);
    await home.press("Image économe");
    await until("the phone shows the small one again", async () => (await width(home)) <= LOW, { seen: () => width(home) });
    await moves(home);
  });

  await stage.step("« Son seul » stops the picture and not the sound", async () => {
    await home.press("Son seul");
    const silent = async () => (await home.costs(1500)).packets === 0;
    await until("no packet of a picture comes", silent);
    const cost = await home.costs(6000);
    assert.equal(cost.packets, 0, "packets of pictures");
    stage.figure(`son seul: ${cost.perHour.toFixed(0)} MB an hour`);
    await home.hears();
    await home.sees("aucune image n’est envoyée", { in: "#slate" });
    await home.press("Image économe");
    await moves(home);
    assert.equal((await home.roads()).built, 1, "the same session all along");
  });

  await stage.step("« Couper le son » silences the page, and the sound comes back by the same button", async () => {
    await home.press("Couper le son");
    await until("no player is open", async () => !(await home.listen()).open);
    await moves(home);
    await home.press("Remettre le son");
    await home.hears();
    await home.sees("Couper le son", { in: "#mute" });
  });

  await stage.step("another network is told to the house in the same session", async () => {
    const [before] = await home.farNames();
    await home.ask(() => void window.dispatchEvent(new Event("online")));
    await until("the house answers by another name", async () => (await home.farNames())[0] !== before);
    await sleep(1000);
    await moves(home);
    await home.hears();
    const roads = await home.roads();
    assert.deepEqual([roads.built, roads.open], [1, 1], "no other session was made");
  });

  await stage.step("nobody complains", () => stage.allQuiet());
});
