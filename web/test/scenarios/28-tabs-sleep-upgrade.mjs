// An animator with two tabs, a phone that slept in a pocket, and a page from before an upgrade: said in words, nothing lost,
// nothing doubled.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SIZES } from "../kit/browser.mjs";
import { Cast, act, askFromDesk, askFromHome, goOnAir, prepare, question } from "../kit/cast.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { fallAsleep } from "../kit/sleep.mjs";
import { Stage } from "../kit/stage.mjs";
import { buildWithWords } from "../kit/upgrade.mjs";

/** Longer than every patience of the house and of the page: both have given the other up. */
const NAP = 75000;

/** What the phone's clock says more than that when it wakes, so that it believes to have slept ten minutes. */
const TEN_MINUTES = 600000 - NAP;

test("two tabs, a sleeping phone, a page from before an upgrade", { timeout: 420000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site, other] = cast.sites;
  const [studio, control] = [await cast.studio(), await cast.control()];
  const one = await cast.desk(site, { size: SIZES.phone, name: "first tab" });
  const person = stage.people.find((p) => p.tabs.includes(one));
  studio.guard.allow(/404 .*\/whip\/.*\/sessions\//); // it lets go of a session that died with the server
  let two;

  await stage.step("a second tab of the same animator: both say so and show the same", async () => {
    await prepare(studio);
    await goOnAir(studio);
    two = await person.tab(cast.link("animator", site), "second tab");
    for (const tab of [one, two]) await tab.sees("ouverte sur 2 appareils");
    await one.press("plus lentement");
    for (const tab of [one, two]) await until(`${tab.name} shows it pressed`, () => pressed(tab, "slower"));
    await two.press("Une personne de plus");
    for (const tab of [one, two]) await until(`${tab.name} counts one`, async () => (await people(tab)) === "1");
  });

  const text = question("Deux onglets, une question");
  await stage.step("one outbox: what one tab keeps the other shows, and sends when the first has crashed", async () => {
    for (const tab of stage.tabs) tab.guard.expectOutage(true);
    await antenne.kill();
    await one.sees("n’est plus relié");
    await askFromDesk(one, text);
    for (const tab of [one, two]) await tab.sees(text);
    await one.crash();
    await antenne.again();
    await control.sees(text);
    for (const tab of stage.tabs) tab.guard.expectOutage(false);
    await sleep(5000); // what a second tab would send again, it would have sent by now
    assert.equal(await rows(control, text), 1, "the régie has it once");
    assert.equal(await rows(two, text), 1, "and so has the room");
    await two.seesNot("appareils");
  });

  const slept = { mine: question("Juste avant de dormir"), home: question("Pendant qu’elle dort") };
  const lone = await stage.loneBrowser(antenne.host);
  const phone = await stage.seat(lone, "phone", cast.link("animator", other), { size: SIZES.phone });
  const home = await cast.home(other, { untouched: true });
  let wake;
  await stage.step("a phone falls asleep in the middle of a gesture", async () => {
    await phone.press("on est bloqués");
    await control.sees("bloqués");
    await phone.press("Une personne de plus");
    await until("the studio's wall knows", async () => (await people(phone)) === "1");
    await phone.type("La question", slept.mine);
    await phone.press("#send");
    await phone.ask(laterClock, TEN_MINUTES);
    wake = fallAsleep(lone.pid);
  });

  await stage.step("the class goes on without it, and the house gives it up", async () => {
    const end = Date.now() + NAP;
    try {
      await askFromHome(home, slept.home);
      await home.sees("Personne de votre centre n’est là", { within: 40000 });
      await sleep(end - Date.now());
    } finally {
      wake(); // a browser that sleeps cannot be put away either
    }
  });

  await stage.step("it wakes: says how long, shows what is, and everything once", async () => {
    await phone.sees("De retour après 10 min");
    await until("pressed as before", () => pressed(phone, "stuck"));
    assert.equal(await people(phone), "1");
    await phone.sees(slept.home, { in: "#tosend" });
    await control.sees(slept.mine);
    assert.equal(await rows(control, slept.mine), 1);
    assert.equal(await rows(phone, slept.mine), 1);
    await phone.seesNot("appareils");
    await act(phone, slept.home, "Envoyer à la régie");
    await control.sees(slept.home);
  });

  let remote;
  await stage.step("the mediator's phone holds the camera over the hands", async () => {
    await studio.press("#tab-phone");
    await studio.press("Relier mon téléphone");
    const url = await until("the phone's address is there", () => studio.ask(() => document.getElementById("phone-url").textContent));
    remote = await stage.seat(await cast.hall("studio"), "mediator's phone", url, { size: SIZES.phone, camera: true });
    await remote.press("Ouvrir la caméra");
    await remote.seesMotion({ which: "hands" });
  });

  await stage.step("the server comes back with other pages: each page says that it is an old one, and loses nothing by the new", async () => {
    const draft = "Une phrase à moitié";
    await two.type("La question", draft);
    assert.ok(!(await two.reads("d’avant une mise à jour")), "nobody is told to update while nothing was upgraded");
    antenne.binary = await buildWithWords(stage.folder, "desk.pace.title", "La météo de votre salle ?");
    for (const tab of stage.tabs) tab.guard.expectOutage(true);
    await antenne.stop();
    await antenne.again();
    for (const tab of [two, phone, control, home]) await tab.sees("d’avant une mise à jour");
    await remote.sees("elle attend que vous fermiez la caméra");
    assert.equal(await remote.find("Mettre à jour"), null, "a camera that is open is not closed by an update");
    assert.ok(!(await two.reads("La météo de votre salle")), "the old page stays until a person asks for the new one");
    await two.press("Mettre à jour");
    await two.sees("La météo de votre salle");
    await two.seesNot("d’avant une mise à jour");
    await until("pressed as before", () => pressed(two, "slower"));
    assert.equal(await people(two), "1");
    assert.equal(await two.ask(() => document.getElementById("text").value), draft, "what was being written is still there");
    assert.equal(await rows(two, text), 1);
    await remote.press("Fermer la caméra");
    await remote.press("Mettre à jour");
    await remote.seesNot("mise à jour");
    await remote.sees("Ouvrir la caméra");
    for (const tab of stage.tabs) tab.guard.expectOutage(false);
    await stage.allQuiet();
  });
});

/** Runs in the page: the clock of a phone that sees, when it wakes, that more time has passed than this test waits. */
function laterClock(jump) {
  const real = Date.now.bind(Date);
  let last = real();
  let ahead = 0;
  Date.now = () => {
    if (real() - last > 30000) ahead = jump;
    last = real();
    return last + ahead;
  };
}

/** Whether this pace stands pressed on « Ma salle ». */
function pressed(tab, pace) {
  return tab.ask((name) => document.querySelector(`[data-pace="${name}"]`).getAttribute("aria-pressed") === "true", pace);
}

function people(tab) {
  return tab.ask(() => document.getElementById("people").value);
}

/** How many rows of the page carry this text. */
function rows(tab, text) {
  return tab.ask((words) => {
    const t = window.__antenneTest;
    return [...document.querySelectorAll("li, article")].filter((row) => t.shown(row) && !row.querySelector("li, article") && t.fold(row.innerText).includes(t.fold(words))).length;
  }, text);
}
