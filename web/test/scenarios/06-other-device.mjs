// The same mediator's link on another device is never refused; a different mediator's is, in words.

import { test } from "node:test";
import { Cast, WORDS, goOnAir, prepare } from "../kit/cast.mjs";
import { parseLinks } from "../kit/antenne.mjs";
import { Stage } from "../kit/stage.mjs";
import { until } from "../kit/poll.mjs";

test("the same mediator on another device", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const screen = await cast.screen(cast.sites[0]);
  const first = await cast.studio({ name: "first device" });
  let second;

  await stage.step("on air from the first device", async () => {
    await prepare(first);
    await goOnAir(first);
    await screen.seesMotion();
  });

  await stage.step("another mediator is refused with a sentence, the séance goes on", async () => {
    const [other] = parseLinks(await antenne.command("link", "--role", "mediator", "--room", cast.room));
    const stranger = await cast.studio({ name: "other mediator", url: other.url });
    await stranger.sees("tient l’antenne");
    await screen.seesMotion();
    await stranger.close();
  });

  await stage.step("the same link elsewhere takes the air over", async () => {
    second = await cast.studio({ name: "second device" });
    await second.press(WORDS.resumeHere);
    const tapped = Date.now();
    await until("the second device is on air", () => second.ask(() => document.body.dataset.phase === "onair"), { seen: () => second.text() });
    await until("the second device sends", async () => (await second.sent()).encoded > 0);
    await until("the first device stops", async () => (await first.roads()).open === 0);
    await screen.seesMotion();
    stage.figure(`the sites see the new device within ${Date.now() - tapped} ms of the tap`);
    await screen.hears();
    await first.sees("autre appareil");
  });

  await stage.step("and back again", async () => {
    await first.press(WORDS.resumeHere);
    await second.sees("autre appareil");
    await until("the second device stops", async () => (await second.roads()).open === 0);
    await screen.seesMotion();
    await screen.hears();
    await stage.allQuiet();
  });
});
