// The séance of the issue, end to end: a mediator, a régie, two sites, a home, and questions that
// climb and come back answered. Each state is read by every role that may read it, and by no other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, WORDS, act, all, askFromDesk, askFromHome, goOnAir, onlyThese, prepare, question } from "../kit/cast.mjs";
import { sleep } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

test("a séance: picture, sound, and a question that goes up and comes back", { timeout: 240000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  let studio, control, screens, home, desks, otherHome;

  await stage.step("the mediator sees and hears themselves", async () => {
    studio = await cast.studio();
    await prepare(studio);
    await studio.press("#listen");
    await studio.hears({ within: 12000 });
  });

  await stage.step("the others open their pages", async () => {
    [control, ...desks] = await Promise.all([cast.control(), cast.desk(here), cast.desk(there)]);
    screens = await Promise.all([cast.screen(here), cast.screen(there)]);
    home = await cast.home(here);
    otherHome = await cast.home(there);
    for (const desk of desks) {
      await desk.sees("Il reste à vérifier le son");
      await desk.press("#check-heard");
      await desk.sees("Tout est prêt");
    }
  });

  await stage.step("before the press no viewer receives one packet", async () => {
    await sleep(2000);
    for (const tab of [...screens, home, otherHome, ...desks, control]) {
      const got = await tab.received();
      assert.deepEqual([got.audio, got.video], [0, 0], `${tab.name} received packets before the press`);
    }
    assert.equal((await studio.sent()).bytes, 0, "the studio itself sends nothing");
  });

  await stage.step("« Passer à l’antenne »: picture and sound, everywhere", async () => {
    await goOnAir(studio);
    const seen = await all([...screens, home, otherHome], (tab) => tab.seesMotion({ fps: 10 }));
    const heard = await all([...screens, home, otherHome], (tab) => tab.hears());
    assert.ok(seen.every((s) => s.codes.filter((c) => c >= 0).length >= 3), "it is the mediator's clip that is seen");
    for (const tab of screens) assert.ok(await tab.paintsMotion(), `${tab.name} paints the picture, nothing lies over it`);
    stage.figure(`pictures: ${seen.map((s) => `${s.fps.toFixed(0)}/s`).join(" ")}; sound: rms ${heard.map((h) => h.rms.toFixed(3)).join(" ")}`);
    for (const desk of desks) await desk.sees("reçoit bien");
  });

  await stage.step("a question from « Ma salle » is taken, shown and answered", async () => {
    const text = question("Peut-on remplacer le lait");
    const walls = [...screens, home, otherHome];
    await askFromDesk(desks[0], text);
    await onlyThese(text, [desks[0], control], [desks[1], ...walls]);
    await desks[0].sees(WORDS.relayed);
    await act(control, text, "Retenir");
    await desks[0].sees(WORDS.approved);
    await onlyThese(text, [desks[0], control, studio], [desks[1], ...walls]);
    await act(studio, text, "À l’antenne");
    await all([...walls, ...desks, control, studio], (tab) => tab.sees(text));
    const site = await desks[0].ask(() => document.getElementById("place").textContent);
    for (const tab of screens) await tab.sees(site, { in: "#card" });
    await desks[0].sees(WORDS.onAir);
    await studio.press("#now-answered");
    await desks[0].sees(WORDS.answered);
    await all(walls, (tab) => tab.seesNot(text));
  });

  await stage.step("a question from home passes by its own centre", async () => {
    const text = question("Mon four n’a pas de grill");
    await askFromHome(home, text);
    await home.sees(WORDS.asked);
    await onlyThese(text, [home, desks[0]], [desks[1], control, studio, otherHome, ...screens]);
    await act(desks[0], text, "Envoyer à la régie");
    await home.sees(WORDS.relayed);
    await onlyThese(text, [home, desks[0], control], [desks[1], otherHome, ...screens]);
    await act(control, text, "Écarter");
    await control.press("Nous parlons d’autre chose");
    await home.sees("Nous parlons d’autre chose");
    await onlyThese(text, [home, desks[0]], [desks[1], otherHome, ...screens]);
  });

  await stage.step("the séance ends in words, and no page complains", async () => {
    await studio.press("#end");
    await studio.press("Oui, terminer");
    await all([...screens, home, otherHome], (tab) => tab.sees("terminé"));
    await stage.allQuiet();
  });
});
