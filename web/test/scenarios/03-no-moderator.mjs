// Nobody holds the régie and one centre has no animator: questions climb all the same.

import { test } from "node:test";
import { Cast, WORDS, act, all, askFromDesk, askFromHome, goOnAir, onlyThese, prepare, question } from "../kit/cast.mjs";
import { Stage } from "../kit/stage.mjs";

test("without a régie and without an animator", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [staffed, empty] = cast.sites;
  const studio = await cast.studio();
  const desk = await cast.desk(staffed);
  const screen = await cast.screen(empty);
  const home = await cast.home(empty);

  await stage.step("the séance is on air", async () => {
    await prepare(studio);
    await goOnAir(studio);
    await all([screen, home], (tab) => tab.seesMotion());
  });

  await stage.step("a site's question goes to the studio: approving and taking are one tap", async () => {
    const text = question("Combien de temps de repos");
    await askFromDesk(desk, text);
    await desk.sees(WORDS.relayed);
    await act(studio, text, "À l’antenne");
    await all([screen, home, desk], (tab) => tab.sees(text));
    await studio.press("#now-answered");
    await desk.sees(WORDS.answered);
  });

  await stage.step("a home's question without a desk goes up by itself, and its asker is told", async () => {
    const text = question("Et sans gluten");
    await askFromHome(home, text);
    await home.sees(WORDS.relayed);
    await home.sees("directement à la régie");
    await onlyThese(text, [home, studio], [desk, screen]);
    await act(studio, text, "À l’antenne");
    await home.sees(WORDS.onAir);
    await screen.sees(text);
    await studio.press("#now-answered");
    await home.sees(WORDS.answered);
    await stage.allQuiet();
  });
});
