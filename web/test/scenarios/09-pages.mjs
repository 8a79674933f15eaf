// Every page at three sizes in the states that matter: pictures for the eye, and rules for the
// machine: nothing cut, nothing overlapping, nothing beyond the edge, no finding of axe.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inaccessible, picture, tiny, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, act, all, askFromDesk, askFromHome, goOnAir, prepare, WORDS } from "../kit/cast.mjs";
import { sleep } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

/** The states kept for the README and the guides, by page-state-size. */
const KEPT = {
  "screen-card-wall": "seance-ecran",
  "screen-before-wall": "ecran-ouvrir",
  "screen-poster-wall": "ecran-avant",
  "screen-incident-wall": "ecran-incident",
  "screen-locked-wall": "ecran-son",
  "live-card-phone": "maison",
  "desk-onair-phone": "ma-salle",
  "desk-onair-desk": "ma-salle-ordinateur",
  "control-onair-wall": "regie",
  "studio-before-wall": "studio-avant",
  "studio-onair-wall": "studio",
  "home-before-desk": "programme",
};

test("the pages, at three sizes", { timeout: 420000 }, async (t) => {
  const stage = await Stage.open(t);
  await stage.plainClip();
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site, other] = cast.sites;
  const faults = [];
  let pages;
  const look = (state, ...names) => all(names, (name) => lookAt(faults, name, state, pages[name]));

  await stage.step("before the hour", async () => {
    pages = await openAll(stage, cast, site);
    await sleep(1200);
    await look("before", ...Object.keys(pages));
  });

  await stage.step("the studio is prepared", async () => {
    await prepare(pages.studio);
    await look("ready", "studio");
  });

  await stage.step("on air, with questions in every state", async () => {
    await pages.live.press(WORDS.watchAtHome);
    await pages.screen.press(WORDS.openRoom);
    await look("poster", "screen");
    await goOnAir(pages.studio);
    await pages.screen.reload();
    await pages.screen.sees(WORDS.clickForSound);
    await pages.screen.seesMotion();
    await look("locked", "screen", "desk");
    await pages.screen.press(WORDS.clickForSound);
    await pages.live.seesMotion();
    await fill(cast, pages, other);
    await look("onair", "studio", "control", "desk", "screen", "live", "home");
    await pages.studio.press("#share");
    await pages.screen.seesMotion({ which: "slides", fps: 0.5 });
    await look("slides", "studio", "screen", "live");
    await pages.studio.press("#share");
  });

  await stage.step("a question is on air", async () => {
    const long = "Quand on n’a ni fouet ni saladier assez grand chez soi, avec quoi peut-on battre les œufs sans tout salir ?";
    await askFromDesk(pages.desk, long);
    await act(pages.control, long, "Retenir");
    await act(pages.studio, long, "À l’antenne");
    await pages.screen.sees(long);
    await look("card", "studio", "control", "desk", "screen", "live");
    await pages.studio.press("#now-answered");
  });

  await stage.step("pause, then an incident", async () => {
    await pages.studio.press("#pause");
    await pages.screen.sees("Pause");
    await look("pause", "studio", "screen", "live", "desk");
    await pages.studio.press("#pause");
    await pages.screen.seesMotion();
    for (const tab of stage.tabs) tab.guard.expectOutage(true);
    await antenne.kill();
    await pages.screen.sees(WORDS.broken);
    await look("incident", "studio", "control", "desk", "screen", "live");
    await antenne.again();
    await pages.screen.seesMotion({ within: 30000 });
    for (const tab of stage.tabs) tab.guard.expectOutage(false);
  });

  await stage.step("the end", async () => {
    await pages.studio.press("#end");
    await sleep(300);
    await look("sure", "studio");
    await pages.studio.press("Oui, terminer");
    await pages.screen.sees("terminé");
    await pages.home.reload();
    await look("ended", "studio", "control", "desk", "screen", "live", "home");
  });

  await stage.step("addresses that lead nowhere, and links that open nothing", async () => {
    const lost = await stage.seat(await cast.hall("rooms"), "lost", `${antenne.url}/live/nowhere`);
    lost.guard.allow(/404 .*\/live\/nowhere/);
    await lookAt(faults, "lost", "room", lost);
    for (const path of ["screen?room=" + cast.room, `desk/${cast.room}`, `control/${cast.room}`, `studio/${cast.room}`]) {
      const tab = await stage.seat(await cast.hall("rooms"), path.split(/[/?]/)[0], `${antenne.url}/${path}`);
      await sleep(400);
      await lookAt(faults, tab.name, "no-link", tab);
    }
  });

  await stage.step("nothing is cut, overlapped, pale, nameless or too small for a wall", async () => {
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

async function openAll(stage, cast, site) {
  const plain = async (name, path) => stage.seat(await cast.hall("rooms"), name, cast.antenne.url + path);
  const opening = {
    home: plain("home", "/"),
    place: plain("place", `/c/${site}`),
    data: plain("data", "/donnees"),
    live: cast.home(site, { untouched: true }),
    screen: cast.screen(site, { untouched: true }),
    desk: cast.desk(site),
    control: cast.control(),
    studio: cast.studio(),
  };
  const names = Object.keys(opening);
  const tabs = await Promise.all(Object.values(opening));
  return Object.fromEntries(tabs.map((tab, i) => [names[i], tab]));
}

async function fill(cast, pages, other) {
  const desk = await cast.desk(other);
  await askFromDesk(desk, "Peut-on congeler la pâte ?");
  await askFromDesk(desk, "Faut-il un moule en métal ou en verre ?");
  await askFromDesk(pages.desk, "Combien de temps au four à gaz ?");
  await askFromHome(pages.live, "Je n’ai pas de levure, que mettre ?");
  await act(pages.control, "Peut-on congeler", "Retenir");
  await pages.studio.sees("Peut-on congeler");
}

/** The states in which a wide page shows more than a narrow one. */
const BUSY = new Set(["onair", "card"]);

/** One state of one page at the three sizes: a picture, the tidiness, and axe where it may differ. */
async function lookAt(faults, page, state, tab) {
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries(SIZES)) {
    await tab.page.setViewportSize(box);
    await sleep(150);
    const name = `${page}-${state}-${size}`;
    await picture(tab, name, KEPT[name]);
    for (const fault of await untidy(tab)) faults.push(`${name}: ${fault}`);
    if (page === "screen" && size === "wall" && state !== "before") for (const words of await tiny(tab)) faults.push(`${name}: too small for 8 m: ${words}`);
    if (size === "phone" || (size === "wall" && BUSY.has(state))) for (const fault of await inaccessible(tab)) faults.push(`${name}: axe: ${fault}`);
  }
  await tab.page.setViewportSize(before);
}
