// A whole class in which nobody writes a word: the room's weather, its people, a question from a post, a home and « Ma salle »,
// an exercise, the floor. Every hand finds its way by a drawing and a word beside it, and no field is ever touched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, act, all, goOnAir, prepare } from "../kit/cast.mjs";
import { command } from "../kit/commands.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const FROM_POST = "Une personne du poste 3 veut demander quelque chose";
const FROM_HOME = "Une personne à la maison veut demander quelque chose";
/** Which post it was the room alone knows. */
const FROM_ROOM = "Une personne de la salle veut demander quelque chose";

test("a class without writing", { timeout: 300000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site] = cast.sites;
  const everybody = {};
  let name;

  await stage.step("everybody is there, by links and taps", async () => {
    const studio = await cast.studio();
    await prepare(studio);
    const [control, screen, home] = await Promise.all([cast.control(), cast.screen(site), cast.home(site)]);
    const phone = { size: SIZES.phone, camera: true };
    const desk = await stage.seat(await cast.hall("studio"), "desk", cast.link("animator", site), phone);
    const post = await stage.seat(await cast.hall("rooms"), "post 3", await postLink(antenne, cast.room, site), { size: SIZES.desk });
    Object.assign(everybody, { studio, control, screen, home, desk, post });
    await all(Object.values(everybody), watchForWriting);
    await desk.sees("L’écran est ouvert");
    await press(desk, "J’entends le son");
    await desk.sees("Le son est vérifié");
    name = await desk.ask(() => document.getElementById("place").textContent);
    await goOnAir(studio);
    await screen.seesMotion();
  });

  const { studio, control, screen, home, desk, post } = everybody;

  await stage.step("the weather by one tap: on the studio's wall in words, and a person's look comes back down", async () => {
    await press(desk, "on est bloqués");
    await tileReads(studio, name, "bloqués");
    await tileReads(control, name, "bloqués");
    await desk.seesNot("a vu", { in: "#pace" });
    await tap(studio, name);
    await desk.sees("Le médiateur a vu");
    await press(desk, "plus lentement");
    await tileReads(studio, name, "plus lentement");
    await desk.seesNot("a vu", { in: "#pace" });
    await press(desk, "pas de son");
    await tileReads(control, name, "pas de son");
    await press(desk, "pas de son");
    await press(desk, "on suit");
    await all([studio, control], (tab) => tab.sees("OK : 1")); // a room that follows needs nobody, and is counted
  });

  await stage.step("the people by − and +", async () => {
    for (let i = 0; i < 4; i++) await desk.press("Une personne de plus");
    await desk.press("Une personne de moins");
    await desk.sees("3 présents");
    await all([studio, control], (tab) => tab.sees("3 personnes"));
  });

  await stage.step("a question without words from a post: the tray, the régie, the studio, the wall, and back", async () => {
    await press(post, "J’ai une question");
    await fate(post, "Envoyée", "send");
    await desk.sees("veut demander quelque chose", { in: "#tosend" });
    await choose(desk, FROM_POST, "Envoyer à la régie");
    await choose(control, FROM_ROOM, "Retenir");
    await act(studio, FROM_ROOM, "À l’antenne");
    await screen.sees("veut demander quelque chose", { in: "#card" });
    await screen.seesNot("poste 3");
    await studio.press("#now-answered");
    await fate(post, "Répondue", "reply");
    await screen.seesNot("veut demander quelque chose");
  });

  await stage.step("one from a home, and one that the animator passes on in two taps", async () => {
    await press(home, "J’ai une question");
    await fate(home, "Envoyée", "send");
    await choose(desk, FROM_HOME, "Envoyer à la régie");
    await control.sees(FROM_HOME);
    await press(desk, "#wordless");
    await press(desk, "poste 2");
    await desk.sees("du poste 2", { in: "#mine" });
    await control.sees(FROM_ROOM);
    await choose(control, FROM_ROOM, "Écarter");
    await control.press("Le temps manque");
    await fate(desk, "Le temps manque aujourd’hui", "decline");
    assert.ok(!(await screen.reads("Le temps manque")), "a refusal is read on no wall");
  });

  await stage.step("somebody is lost at a post, and the animator goes there", async () => {
    await press(post, "Je suis perdu");
    await desk.sees("poste 3", { in: "#lost" });
    await post.sees("C’est dit à votre animateur");
    await choose(desk, "poste 3", "J’y vais", { in: "#lost", box: "#lost li" });
    await post.sees("arrive");
    await post.sees("Je suis perdu");
    await desk.seesNot("J’y vais");
  });

  await stage.step("an exercise: « Encore 2 min », then « Fini »", async () => {
    await command(studio, cast.link("mediator"), { name: "start-exercise", instruction: "Pétrissez la pâte.", minutes: "5" });
    await all([desk, screen], (tab) => tab.sees("Pétrissez la pâte", { in: "#exercise" }));
    await press(desk, "Encore 2 min");
    await desk.sees("encore 2 minutes");
    await press(studio, "#tab-exercise");
    await studio.sees("encore 2 min");
    await press(desk, "Fini");
    await desk.sees("a fini");
    await command(studio, cast.link("mediator"), { name: "end-exercise" });
    await desk.sees("C’est la fin");
  });

  await stage.step("the floor: asked for by a drawing, given, taken, given back", async () => {
    await press(desk, "Demander l’antenne");
    await press(desk, "Montrer ce que nous avons fait");
    await desk.sees("Vous avez demandé l’antenne");
    await press(studio, "#tab-floor");
    await studio.sees("Montrer ce que nous avons fait");
    await choose(studio, "Montrer ce que nous avons fait", "Inviter");
    await desk.sees("Vous êtes invités à l’antenne");
    await press(desk, "Accepter");
    await press(desk, "ouvrir le micro");
    await desk.sees("coulisses");
    await studio.sees("En coulisses");
    await press(desk, "Couper");
    await desk.press("Revenir à « Ma salle »");
    await desk.sees(name);
    await until("the animator may ask again", () => desk.find("Demander l’antenne"));
  });

  await stage.step("nobody has touched a field", async () => {
    for (const tab of Object.values(everybody)) assert.equal(await tab.ask(() => window.sessionStorage.getItem("test.written") || "0"), "0", `${tab.name} wrote something`);
    await stage.allQuiet();
  });
});

/** Presses what has a drawing beside its word. */
async function press(tab, words, o) {
  await drawn(tab, words, o);
  await tab.press(words, o);
}

/** The same for a control beside these words, as act() of the kit. */
async function choose(tab, text, button, o = {}) {
  await tab.sees(text, o);
  await drawn(tab, button, { box: "li, article, .card, .now", near: text, ...o });
  await act(tab, text, button, o);
}

/** Waits until the control of these words shows a drawing: who does not read finds it. */
function drawn(tab, words, o) {
  const look = (spot) => {
    const control = document.elementFromPoint(spot.x, spot.y)?.closest("button, a, label, [role=button]");
    return Boolean(control) && [...control.querySelectorAll("svg.picto")].some((svg) => window.__antenneTest.shown(svg) && svg.getBoundingClientRect().width >= 10);
  };
  return until(`« ${words} » of ${tab.name} has a drawing`, async () => {
    const spot = await tab.find(words, o);
    return spot !== null && tab.ask(look, spot);
  });
}

/** Waits until a question's fate is read, with its drawing beside it. */
function fate(tab, words, drawing) {
  const look = ({ words, drawing }) => {
    const t = window.__antenneTest;
    return [...document.querySelectorAll(".question .fate")].some((line) => {
      const svg = line.querySelector("svg.picto");
      return t.shown(line) && t.fold(line.innerText).includes(t.fold(words)) && svg !== null && t.shown(svg)
        && svg.getBoundingClientRect().width >= 10 && svg.firstElementChild.getAttribute("href").endsWith(`#${drawing}`);
    });
  };
  return until(`${tab.name} reads « ${words} » beside the drawing « ${drawing} »`, () => tab.ask(look, { words, drawing }), { seen: () => tab.text() });
}

/** From here on whatever is written into a field is counted, over the pages of this tab. */
async function watchForWriting(tab) {
  const count = () => document.addEventListener("input", (event) => {
    if (event.isTrusted && /^(textarea|input)$/i.test(event.target.tagName) && !/radio|checkbox|range|button/.test(event.target.type)) sessionStorage.setItem("test.written", "1");
  }, true);
  await tab.page.addInitScript(count);
  await tab.ask(count);
}

async function postLink(antenne, room, site) {
  const [line] = parseLinks(await antenne.command("link", "--role", "post", "--room", room, "--site", site, "--note", "poste 3"));
  return line.url;
}

/** Waits until the tile of a room reads these words. */
function tileReads(tab, name, words) {
  const read = ({ name, words }) => {
    const t = window.__antenneTest;
    const tile = [...document.querySelectorAll(".tile:not(.leaving)")].find((el) => t.shown(el) && t.fold(el.innerText).includes(t.fold(name)));
    return Boolean(tile) && t.fold(tile.innerText.replace(/\s+/g, " ")).includes(t.fold(words));
  };
  return until(`the tile of ${name} at ${tab.name} reads « ${words} »`, () => tab.ask(read, { name, words }), { seen: () => tab.text() });
}

/** Presses the tile of a room. */
async function tap(tab, name) {
  const at = await tab.ask((wanted) => {
    const t = window.__antenneTest;
    const tile = [...document.querySelectorAll(".tile")].find((el) => t.shown(el) && t.fold(el.innerText).includes(t.fold(wanted)));
    tile.scrollIntoView({ block: "center" });
    const box = tile.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + 8 };
  }, name);
  await sleep(500);
  await tab.page.mouse.click(at.x, at.y);
}
