// Timed work with nobody at the régie: read on the walls, the studio's sound down to a murmur in the rooms and back while the
// mediator holds « Parler », each room's « fini » or « encore 2 min », and who is missing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cast, all, goOnAir, prepare } from "../kit/cast.mjs";
import { command } from "../kit/commands.mjs";
import { until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const INSTRUCTION = "Épluchez les carottes, puis coupez-les en rondelles.";
const STEPS = "5 Épluchez les carottes, puis coupez-les en rondelles.\n12 Faites-les revenir | À feu doux, sans couvercle";

/** Shares of the level before: a murmur is well below the first, a voice well above the second. */
const LOW = 0.45;
const FULL = 0.7;
const LISTEN = 5000; // ms: the voice makes pauses, and a level is that of several sentences

test("an exercise, from the instruction to the pooling", { timeout: 300000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  let studio, desks, screens, home, before, names;
  const walls = () => [...screens, home];

  await stage.step("on air: two rooms and a home hear the studio", async () => {
    studio = await cast.studio();
    await prepare(studio);
    desks = await Promise.all([cast.desk(here), cast.desk(there)]);
    screens = await Promise.all([cast.screen(here), cast.screen(there)]);
    home = await cast.home(here);
    await command(studio, cast.link("mediator"), { name: "set-rundown", steps: STEPS });
    await goOnAir(studio);
    await all(walls(), (tab) => tab.hears());
    before = await levels(walls());
    names = await all(desks, (desk) => desk.ask(() => document.getElementById("place").textContent));
  });

  await stage.step("the instruction and a countdown stand on every wall", async () => {
    await studio.press("#tab-exercise");
    await studio.press("Lancer l’exercice");
    await studio.sees("Écrivez d’abord la consigne");
    await studio.press("Une autre étape");
    await studio.press("2. Faites-les revenir");
    assert.deepEqual(await studio.ask(prepared), ["Faites-les revenir. À feu doux, sans couvercle", "12"], "the step's own words and minutes");
    await studio.press("Reprendre l’étape");
    assert.deepEqual(await studio.ask(prepared), [INSTRUCTION, "5"]);
    await studio.press("Lancer l’exercice");
    await all([...walls(), ...desks], (tab) => tab.sees(INSTRUCTION, { in: "#exercise" }));
    await all([...walls(), studio], runsDown);
  });

  await stage.step("in the rooms the studio is a murmur", async () => {
    const now = await soundBecomes(walls(), before, (share) => share < LOW);
    stage.figure(`level during the exercise, of what it was: ${now.map(percent)}`);
  });

  await stage.step("while « Parler » is held the rooms hear the mediator, and not after", async () => {
    await studio.ask(() => document.getElementById("speak").scrollIntoView({ block: "center" }));
    const spot = await until("« Parler » can be held", () => studio.find("#speak"));
    await studio.page.mouse.move(spot.x, spot.y);
    await studio.page.mouse.down();
    await studio.sees("Les salles vous entendent", { in: "#speak" });
    const held = await soundBecomes(walls(), before, (share) => share > FULL);
    await studio.page.mouse.up();
    await studio.seesNot("Les salles vous entendent", { in: "#speak" });
    const after = await soundBecomes(walls(), before, (share) => share < LOW);
    stage.figure(`held: ${held.map(percent)}; released: ${after.map(percent)}`);
  });

  await stage.step("by the key too; never from a field in which its letter is typed", async () => {
    await studio.press("#tab-messages");
    await studio.type("Le nom", "");
    await studio.page.keyboard.press("v");
    assert.equal(await studio.ask(() => document.getElementById("strip-title").value), "v");
    assert.equal(await studio.reads("Les salles vous entendent", "#speak"), false);
    await studio.press("#tab-exercise");
    await studio.page.keyboard.down("v");
    await studio.sees("Les salles vous entendent", { in: "#speak" });
    await soundBecomes(screens, before, (share) => share > FULL);
    await new Promise((resolve) => setTimeout(resolve, 500)); // longer than a tap
    await studio.page.keyboard.up("v");
    await studio.seesNot("Les salles vous entendent", { in: "#speak" });
    await soundBecomes(screens, before, (share) => share < LOW);
  });

  await stage.step("who is missing, who has finished, who wants more", async () => {
    await all(names, (name) => studio.sees(name, { in: "#missing-names" }));
    await desks[0].press("Fini");
    await studio.sees(names[0], { in: "#done-names" });
    await studio.seesNot(names[0], { in: "#missing-names" });
    await studio.sees("1 sur 2 ont fini");
    await desks[1].press("Encore 2 min");
    await studio.sees(names[1], { in: "#more-names" });
    await studio.sees("Personne", { in: "#missing-names" });
    await all(desks, (desk) => desk.sees("Le studio sait"));
  });

  await stage.step("« + 2 min » on every clock", async () => {
    const was = await all(walls(), secondsLeft);
    await studio.press("+ 2 min");
    await all(walls().map((tab, i) => [tab, was[i]]), ([tab, old]) => until(`${tab.name} has more time`, async () => (await secondsLeft(tab)) > old + 60, { seen: () => tab.text() }));
  });

  await stage.step("the pooling: the walls are the studio's again, and it is heard", async () => {
    await studio.press("#exercise-end");
    await all(walls(), (tab) => tab.seesNot(INSTRUCTION));
    await all(desks, (desk) => desk.sees("C’est la fin"));
    await soundBecomes(walls(), before, (share) => share > FULL);
    await all(screens, (tab) => tab.seesMotion({ fps: 8 }));
    await stage.allQuiet();
  });
});

const percent = (share) => `${Math.round(100 * share)} %`;

/** Runs in the page: the instruction and the minutes that stand in the form. */
function prepared() {
  return [document.getElementById("instruction").value, document.querySelector("input[name=minutes]:checked").value];
}

/** What each page gives out, over a few sentences. */
function levels(tabs) {
  return all(tabs, async (tab) => (await tab.listen({ ms: LISTEN })).rms);
}

/** Waits until the level of each page, as a share of what it was, is as wanted. */
async function soundBecomes(tabs, before, wanted) {
  let shares = [];
  await until(
    "the sound of the rooms changes",
    async () => {
      shares = (await levels(tabs)).map((level, i) => level / before[i]);
      return shares.every(wanted);
    },
    { within: 40000, seen: () => shares.map(percent) },
  );
  return shares;
}

/** Seconds on the clock of an exercise; NaN where there is none. */
function secondsLeft(tab) {
  return tab.ask(() => {
    const [minutes, seconds] = (document.getElementById("exercise-left").textContent.match(/\d+/g) || []).map(Number);
    return 60 * minutes + seconds;
  });
}

async function runsDown(tab) {
  const first = await until(`${tab.name} shows a clock`, () => secondsLeft(tab), { seen: () => tab.text() });
  assert.ok(first > 0 && first <= 300, `${tab.name} shows ${first} s of 5 minutes`);
  await until(`the clock of ${tab.name} runs down`, async () => (await secondsLeft(tab)) < first);
}
