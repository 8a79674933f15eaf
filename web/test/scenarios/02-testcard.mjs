// The test card keeps its pace and its tone with the studio's tab hidden behind another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, goOnAir, prepare } from "../kit/cast.mjs";
import { Stage } from "../kit/stage.mjs";

test("the test card from a hidden tab", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const screen = await cast.screen(cast.sites[0]);
  let studio;

  await stage.step("the mediator chooses the test card and goes on air", async () => {
    studio = await stage.seat(await stage.loneBrowser(antenne.host), "studio", cast.link("mediator"));
    await prepare(studio, { card: true });
    await goOnAir(studio);
    await screen.seesMotion({ fps: 15 });
    await screen.hears();
  });

  await stage.step("hidden, it still gives 15 frames a second and its tone", async () => {
    await studio.hide();
    const seen = await screen.seesMotion({ fps: 15, ms: 6000 });
    const heard = await screen.listen({ ms: 3000 });
    assert.equal(heard.why, "");
    stage.figure(`hidden test card: ${seen.fps.toFixed(1)} frames/s, ${seen.width}x${seen.height}, rms ${heard.rms.toFixed(3)}`);
    await stage.allQuiet();
  });
});
