// The floor, with everybody there: a room asks, the studio invites, the phone of « Ma salle » becomes a microphone. Backstage for the
// studio alone, on air for everybody else's loudspeakers, a picture after everybody's yes, and out by any of three hands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, all, goOnAir, prepare } from "../kit/cast.mjs";
import { GUEST, acceptAt, agree, canTalk, hold, inviteFromStudio, placeOf, putOnAir, release } from "../kit/floor.mjs";
import { comesInSight } from "../kit/sight.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

test("the floor: asked for, given, and taken back", { timeout: 600000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  const faults = [];
  let studio, control, itsWall, otherWall, guest, otherDesk, home, place, phones;

  const guestBytes = (tab) => tab.ask(() => window.__antenneTest.guestBytes());
  const nothingOf = async (tabs, what) => {
    for (const tab of tabs) assert.equal((await guestBytes(tab))[what], 0, `${tab.name} received the guest's ${what}`);
  };
  const comesTo = (tabs, what) =>
    all(tabs, async (tab) => {
      const before = (await guestBytes(tab))[what];
      await until(`${tab.name} receives the guest's ${what}`, async () => (await guestBytes(tab))[what] > before + 2000);
    });
  const look = async (state) => {
    await picture(guest, `guest-${state}-phone`);
    for (const fault of [...(await untidy(guest)), ...(await inaccessible(guest))]) faults.push(`guest-${state}: ${fault}`);
  };
  const backToDesk = async () => {
    await guest.press("Revenir à « Ma salle »");
    await placeOf(guest);
  };
  const bringOnAir = async () => {
    await inviteFromStudio(studio, place);
    await acceptAt(guest);
    await agree(guest);
    await putOnAir(studio, guest);
  };

  await stage.step("a séance on air, everybody there", async () => {
    phones = await stage.browser(antenne.host, { camera: true });
    studio = await cast.studio();
    control = await cast.control();
    guest = await stage.seat(phones, "phone", cast.link("animator", here), { size: SIZES.phone, camera: true });
    otherDesk = await cast.desk(there);
    [itsWall, otherWall] = await Promise.all([cast.screen(here), cast.screen(there)]);
    home = await stage.seat(phones, "home", cast.homeAddress(there), { size: SIZES.phone, camera: true });
    place = await placeOf(guest);
    await prepare(studio);
    await home.press("Écouter et regarder");
    await goOnAir(studio);
    await all([itsWall, otherWall], (tab) => tab.seesMotion());
  });

  await stage.step("a room asks, without writing; those who may invite read it, and nobody else", async () => {
    await guest.press("#ask-floor-do");
    await guest.press("Poser une question de vive voix");
    await guest.sees("Vous avez demandé l’antenne", { in: "#ask-floor" });
    await control.sees("Poser une question de vive voix", { in: "#requests" });
    await studio.press("#tab-floor");
    await studio.sees("Poser une question de vive voix", { in: "#volunteers" });
    for (const tab of [otherDesk, itsWall, otherWall, home]) assert.ok(!tab.guard.wire.includes("de vive voix"), `${tab.name} was told the reason`);
  });

  await stage.step("invited, accepted on « Ma salle »: backstage, heard by the studio alone", async () => {
    await studio.press("Inviter", { box: "#volunteers li", near: place });
    await acceptAt(guest);
    await look("consent");
    await agree(guest);
    await look("backstage");
    await itsWall.sees("passe bientôt à l’antenne");
    await studio.press("#guest-headphones");
    await hold(guest);
    await studio.hears();
    await sleep(1500);
    await nothingOf([itsWall, otherWall, home, otherDesk, control], "voice");
    await nothingOf([studio, itsWall, otherWall, home], "camera");
    await release(guest);
  });

  await stage.step("the invitation is worth nothing on another device", async () => {
    const token = await guest.ask(() => sessionStorage.getItem("antenne.token.guest/" + document.body.dataset.room));
    const thief = await stage.seat(phones, "another device", `${antenne.url}/guest/${cast.room}#${token}`, { size: SIZES.phone, camera: true });
    thief.guard.allow(/4\d\d/);
    await thief.press(GUEST.agree);
    await thief.sees("Le micro et la caméra sont fermés");
    await thief.sees("autre appareil");
    await thief.close();
    await guest.sees(GUEST.backstage);
  });

  await stage.step("a second tab of the same guest takes the place, and the first says so; one tap brings it back", async () => {
    const copy = await duplicate(stage, guest, `${antenne.url}/guest/${cast.room}`);
    await guest.sees("Cette page est ouverte ailleurs.");
    await guest.sees("Le micro et la caméra sont fermés");
    await look("elsewhere");
    await copy.sees(GUEST.backstage);
    await canTalk(copy);
    await guest.press("Continuer ici");
    await copy.sees("Cette page est ouverte ailleurs.");
    await guest.sees(GUEST.backstage);
    await canTalk(guest);
    await copy.close();
  });

  await stage.step("on air: every other room and every home hears, its own screen is silent for it; the picture comes to nobody", async () => {
    await putOnAir(studio, guest);
    await hold(guest);
    await itsWall.sees("À VOUS");
    await look("onair");
    await comesTo([otherWall, home, studio], "voice");
    await nothingOf([itsWall], "voice");
    await nothingOf([studio, itsWall, otherWall, home], "camera");
    await release(guest);
  });

  await stage.step("the picture, once everybody in it has agreed", async () => {
    await guest.press("#camera-open");
    await guest.seesMotion({ which: "frame", fps: 3 });
    await sleep(1000);
    await nothingOf([studio, itsWall, otherWall, home], "camera");
    await look("frame");
    await guest.press("#camera-agreed");
    await guest.press("#camera-show");
    await otherWall.seesMotion({ which: "guest", fps: 2 });
    await comesTo([studio], "camera");
    await nothingOf([itsWall], "camera");
    await looking(guest, false);
    await until("nobody looks: the picture is off the other wall", () => otherWall.ask(() => document.getElementById("stage").dataset.guest === "off"));
    assert.equal(await guest.ask(() => document.getElementById("frame").srcObject), null);
    await looking(guest, true);
    await guest.sees("L’image s’est fermée");
    await guest.press("#camera-open");
    await guest.seesMotion({ which: "frame", fps: 3 });
    await guest.press("#camera-agreed");
    await guest.press("#camera-show");
    await otherWall.seesMotion({ which: "guest", fps: 2 });
    await guest.press("#camera-off");
    await until("the picture is off the other wall", () => otherWall.ask(() => document.getElementById("stage").dataset.guest === "off"));
  });

  await stage.step("« Couper » on the guest's own page", async () => {
    await guest.press(GUEST.cut);
    await guest.sees("Vous avez coupé");
    await look("ended");
    await until("the studio has no guest any more", () => studio.ask(() => document.getElementById("guest").hidden));
    await control.sees("La personne a rendu l’antenne.");
    await stopped(guestBytes, [otherWall, home]);
    assert.equal(await guest.ask(() => document.getElementById("frame").srcObject), null);
    await backToDesk();
  });

  await stage.step("one key in the studio", async () => {
    await bringOnAir();
    await studio.page.keyboard.press("c");
    await guest.sees("Le studio passe à la suite. Merci à vous !");
    await control.sees("Le studio a coupé.");
    await guest.sees("Le micro et la caméra sont fermés");
    await stopped(guestBytes, [otherWall, home]);
    await backToDesk();
  });

  await stage.step("one press in the régie; it came although the answer to its yes was lost on the way", async () => {
    const lost = await loseAnswer(guest, `${antenne.url}/floor/*`);
    await bringOnAir();
    assert.equal(lost.answer, 201, "the house had answered");
    await control.press("#floor-cut");
    await guest.sees("La régie passe à la suite. Merci à vous !");
    await studio.sees("La régie a coupé.");
    await stopped(guestBytes, [otherWall, home]);
    await backToDesk();
  });

  await stage.step("a family, an adult, hears the studio on its own page", async () => {
    await home.press("Demander à passer à l’antenne");
    await home.press("Envoyer ma demande");
    await home.sees("Seul un adulte");
    await home.press("#floor-adult");
    await home.press("Envoyer ma demande");
    await comesInSight(home, "#floor"); // the button was at the foot of the page
    await home.ask(() => window.scrollTo(0, document.body.scrollHeight));
    await studio.press("#tab-floor");
    await studio.press("Inviter", { box: "#volunteers li", near: "maison" });
    await comesInSight(home, "#floor-acts");
    await home.press("J’accepte");
    await home.sees(GUEST.agree);
    await agree(home);
    await home.sees("Le studio vous répond ici.");
    await home.hears();
    await putOnAir(studio, home);
    await hold(home);
    await comesTo([itsWall, otherWall], "voice");
    await release(home);
    await home.press(GUEST.cut);
    await home.press("Revenir à la séance");
  });

  await stage.step("a phone that dies on air leaves it after ten seconds, and comes back only by another invitation", async () => {
    await bringOnAir();
    await guest.crash();
    await studio.sees("La liaison est tombée", { within: 30000 });
    await stopped(guestBytes, [otherWall]);
  });

  await stage.step("nothing is cut, overlapped or nameless, and no page complains", async () => {
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

/** The tab as browsers duplicate it: with all that it keeps. */
async function duplicate(stage, tab, url) {
  const kept = await tab.ask(() => JSON.stringify(sessionStorage));
  await tab.page.context().addInitScript((all) => {
    if (!sessionStorage.length) for (const [key, value] of Object.entries(JSON.parse(all))) sessionStorage.setItem(key, value);
  }, kept);
  return stage.people.find(({ context }) => context === tab.page.context()).tab(url, `${tab.name}, second tab`);
}

/** The house answers a request, and the answer is lost on the way: once. */
async function loseAnswer(tab, address) {
  const lost = { answer: 0 };
  tab.guard.allow(/ERR_CONNECTION_RESET/);
  await tab.page.route(address, async (route) => {
    lost.answer = (await route.fetch()).status();
    await route.abort("connectionreset");
  }, { times: 1 });
  return lost;
}

/** What the page is told when another window covers it, and when it comes back. */
function looking(tab, visible) {
  return tab.ask((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
    document.dispatchEvent(new Event("visibilitychange"));
  }, visible ? "visible" : "hidden");
}

/** Nothing more of the guest comes. */
async function stopped(guestBytes, tabs) {
  await sleep(500);
  for (const tab of tabs) {
    const before = await guestBytes(tab);
    await sleep(1000);
    assert.deepEqual(await guestBytes(tab), before, `${tab.name} still receives the guest`);
  }
}
