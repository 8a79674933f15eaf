// A server that has no room: who comes is told so in its own words and waits as long as it asks for, on the phone, on the
// wall and in « Ma salle »; who is in keeps what is playing; and a place that is given up is taken without a tap.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, all, goOnAir, prepare } from "../kit/cast.mjs";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { Stage } from "../kit/stage.mjs";

const FULL = "Le serveur accueille déjà tout le monde qu’il peut";
const NEXT = "Nouvel essai dans";
const BACK = 25000; // the longest that the server may ask for, its jitter and the way in

test("a server without room", { timeout: 300000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne({ args: ["--viewers", "1"] });
  const cast = new Cast(stage, antenne);
  const [site] = cast.sites;
  let first, second, screen, desk;

  await stage.step("one family is in, and the class is on air", async () => {
    first = await cast.home(site, { name: "first", best: true });
    const studio = await cast.studio();
    await prepare(studio);
    await goOnAir(studio);
    await first.seesMotion({ within: 40000, fps: 2 });
  });

  await stage.step("the next ones are told why they wait, and until when", async () => {
    second = await cast.home(site, { name: "second" });
    screen = await cast.screen(site);
    for (const late of [second, screen]) {
      late.guard.allow(/503/);
      await late.sees(FULL, { in: "#slate" });
      await late.sees(NEXT, { in: "#slate-next" });
    }
    await screen.sees("Un instant, s’il vous plaît", { in: "#slate" });
    await picture(second, "full-home-phone");
    await picture(screen, "full-wall");
    assert.deepEqual([...(await untidy(second)), ...(await inaccessible(second)), ...(await untidy(screen))], []);
  });

  await stage.step("« Ma salle » knows it too", async () => {
    desk = await cast.desk(site);
    await desk.sees("Le serveur est plein : l’écran n’a pas encore sa place.");
    await picture(desk, "full-desk");
  });

  await stage.step("one page knocks no more often than it was asked to, whatever happens to it", async () => {
    await second.ask(() => {
      window.knocks = [];
      const real = window.fetch;
      window.fetch = (url, how) => {
        if (how && how.method === "POST") window.knocks.push(Date.now());
        return real(url, how);
      };
    });
    for (const quality of ["Meilleure image", "Son seul", "Image économe"]) await second.press(quality);
    await second.ask(() => void window.dispatchEvent(new Event("online")));
    await second.sees(FULL, { in: "#slate" });
    assert.ok((await second.ask(() => window.knocks.length)) <= 1, "a tap made it knock");
  });

  await stage.step("a place that is given up is taken, and the words are gone", async () => {
    await screen.close();
    await first.seesMotion({ fps: 2 });
    await first.close();
    await second.seesMotion({ within: BACK, fps: 2 });
    await all([FULL, NEXT], (words) => second.seesNot(words));
    await desk.sees("L’écran n’est pas relié à la séance"); // it is waited for
  });

  await stage.step("nobody complains of anything else", () => stage.allQuiet());
});
