// The régie in every state it knows, at three sizes, reached by its own buttons and keys: pictures for the eye, and rules for the
// machine; and what each press does to those it is for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { inaccessible, picture, tiny, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, act, all, askFromDesk, goOnAir, prepare, question } from "../kit/cast.mjs";
import { command } from "../kit/commands.mjs";
import { GUEST, acceptAt, agree, canTalk, hold, placeOf, release } from "../kit/floor.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { comesInSight } from "../kit/sight.mjs";
import { Stage } from "../kit/stage.mjs";

const INSTRUCTION = "Pétrissez la pâte dix minutes, à la main, sur la table farinée.";
const NEWS = "La pause est avancée à 10 h 40. Remplissez les bouilloires.";

test("the régie, in every state", { timeout: 420000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  const faults = [];
  const look = (state) => lookAt(faults, `control-is-${state}`, control);
  const lookAtWalls = (state) => all([[screen, "own"], [far, "far"]], ([tab, whose]) => lookAtWall(faults, `screen-${state}-${whose}`, tab));
  let studio, control, desk, other, screen, far, place;

  await stage.step("before the class: nobody there, nothing to sort", async () => {
    control = await cast.control();
    await control.sees("Le studio n’est pas là");
    await control.sees("Rien à trier");
    await look("before");
  });

  await stage.step("the board, full: to sort, to ask, on air, and those that are behind", async () => {
    studio = await cast.studio();
    const phones = await stage.browser(antenne.host, { camera: true });
    desk = await stage.seat(phones, "Ma salle", cast.link("animator", here), { size: SIZES.phone, camera: true });
    other = await cast.desk(there);
    [screen, far] = await all([here, there], (site) => cast.screen(site));
    place = await placeOf(desk);
    await prepare(studio);
    await goOnAir(studio);
    await control.sees("Le studio est là");
    const [kept, aired, later, answered] = ["Faut-il laisser lever la pâte deux fois, ou une seule fois suffit-elle quand la levure est fraîche", "Et au four", "Peut-on la congeler", "Quelle farine"].map(question);
    for (const text of [kept, aired, later]) await askFromDesk(desk, text);
    await askFromDesk(other, answered);
    const [post] = parseLinks(await antenne.command("link", "--role", "post", "--room", cast.room, "--site", there, "--note", "poste 3"));
    const table = await stage.seat(await cast.hall("rooms"), "poste 3", post.url, { size: SIZES.desk });
    await table.press("J’ai une question");
    await act(other, "veut demander", "Envoyer à la régie");
    await control.sees("veut demander", { in: "#toSort" });
    for (const text of [kept, aired]) await act(control, text, "Retenir");
    await act(studio, aired, "À l’antenne");
    await control.sees(aired, { in: "#onAir" });
    await act(control, later, "Après la séance");
    await until("it is kept for later", () => control.ask(() => document.getElementById("later-count").textContent === "1"), { seen: () => control.text() });
    await other.press("plus lentement");
    await control.sees("Plus lentement : 1 salle");
    await look("board");
    await actsInTwoRows(control);
    await act(control, answered, "Répondre par écrit");
    await control.sees("Qui la lira");
    await look("answer");
    await control.press("Envoyer la réponse");
    await control.sees("Écrivez d’abord une réponse");
    await look("answer-empty");
    await control.type("Votre réponse", "De la farine de sarrasin suffit.");
    await control.press("Envoyer la réponse");
    await other.sees("De la farine de sarrasin suffit.");
    await control.ask(() => { for (const fold of document.querySelectorAll("details.fold")) fold.open = true; });
    await look("unfolded");
    await control.ask(() => { for (const fold of document.querySelectorAll("details.fold")) fold.open = false; });
    await table.close();
  });

  await stage.step("each question to the person: decline, merge, suspend", async () => {
    for (const [button, title, state] of [["Écarter", "Écarter cette question", "decline"], ["Regrouper", "Regrouper avec laquelle", "merge"]]) {
      await control.press(button, { box: "#toSort > li", near: "veut demander" });
      await control.sees(title);
      await look(state);
      await control.press("Ne rien changer");
    }
    await control.press("Suspendre la salle", { box: "#toSort > li", near: "veut demander" });
    await look("suspend");
    await control.press("Suspendre ses questions");
    await control.sees("Questions suspendues");
    await other.sees("questions de votre salle sont en pause");
    await look("suspended");
    await control.press("Rétablir");
    await other.seesNot("questions de votre salle sont en pause");
  });

  await stage.step("« Annoncer »: every « Ma salle » reads it, and the régie what it said", async () => {
    await control.press("Annoncer");
    await control.type("L’annonce", NEWS);
    await look("announce");
    await control.press("Envoyer aux salles");
    await all([desk, other], (tab) => tab.sees(NEWS));
    await control.sees(NEWS, { in: "#announced" });
  });

  await stage.step("« Lancer un exercice »: the screens read it; two minutes more; its end", async () => {
    await command(studio, cast.link("mediator"), { name: "set-rundown", steps: "7 Pétrissez la pâte | À la main" });
    await control.press("Lancer un exercice");
    await control.press("Reprendre l’étape");
    assert.deepEqual(await control.ask(() => ["tell-text", "exercise-minutes"].map((id) => document.getElementById(id).value)), ["Pétrissez la pâte. À la main", "7"]);
    await control.ask(() => (document.getElementById("exercise-minutes").value = "5"));
    await control.type("La consigne", INSTRUCTION);
    await look("exercise-ask");
    await control.press("Lancer l’exercice");
    await all([screen, desk, other], (tab) => tab.sees(INSTRUCTION));
    const left = () => control.ask(() => document.getElementById("exercise-left").textContent);
    await until("under five minutes are left", async () => /^4:\d\d|4 min/.test(await left()), { seen: left });
    await control.press("+ 2 min");
    await until("six minutes and more are left", async () => /^6:\d\d|6 min/.test(await left()), { seen: left });
    await look("exercise");
    await control.press("Terminer l’exercice");
    await screen.seesNot(INSTRUCTION);
    await all([desk, other], (tab) => tab.sees("C’est la fin"));
  });

  await stage.step("the floor from the régie: asked for, invited, on air, and cut by one key", async () => {
    await desk.press("#ask-floor-do");
    await desk.press("Poser une question de vive voix");
    await control.sees("Poser une question de vive voix", { in: "#requests" });
    await look("request");
    await control.press("Inviter", { box: "#requests > li", near: place });
    await control.sees("Invitation envoyée", { in: "#floor-now" });
    await look("invited");
    await acceptAt(desk);
    await agree(desk);
    await control.sees("En coulisses", { in: "#floor-now" });
    await look("backstage");
    await screen.sees("Votre salle passe bientôt à l’antenne");
    await lookAtWalls("soon");
    await control.press("Mettre à l’antenne");
    await desk.sees(GUEST.yours);
    await canTalk(desk);
    await screen.sees("Votre salle est à l’antenne");
    await control.sees("À l’antenne", { in: "#floor-word" });
    await look("guest-on-air");
    await cutInSightFarDown(control);
    await lookAt(faults, "guest-on-air", desk);
    await hold(desk);
    await screen.sees("À VOUS", { in: "#you" });
    await lookAtWalls("your-turn");
    await release(desk);
    await screen.seesNot("À VOUS", { in: "#you" });
    await control.page.keyboard.press("c");
    await desk.sees("La régie passe à la suite. Merci à vous !");
    await desk.sees("Le micro et la caméra sont fermés");
    await control.sees("La régie a coupé", { in: "#floor-now" });
    await screen.seesNot("Votre salle est à l’antenne");
    await look("cut");
    await desk.press("Revenir à « Ma salle »");
    await placeOf(desk);
  });

  await stage.step("a room that has not asked: chosen, refused", async () => {
    await control.press("Inviter une salle");
    await control.sees("Une seule à la fois");
    await look("choose");
    await control.press(place, { box: ".dialog-stack" });
    await desk.press("Refuser");
    await control.sees("La salle ne vient pas cette fois", { in: "#floor-now" });
  });

  await stage.step("after the séance: what is left to answer, and nothing that cannot be done any more", async () => {
    await studio.press("#end");
    await studio.press("Oui, terminer");
    await control.sees("Peut-on la congeler", { in: "#follow" });
    await control.sees("réponse promise", { in: "#follow" });
    for (const words of ["Annoncer", "Lancer un exercice", "Inviter une salle"]) await control.seesNot(words);
    await look("follow");
    await control.page.emulateMedia({ media: "print" });
    await picture(control, "control-is-paper-wall");
    await control.page.emulateMedia({ media: "screen" });
  });

  await stage.step("a link that is missing is said, and what to do", async () => {
    const lost = await stage.seat(await cast.hall("rooms"), "no link", `${antenne.url}/control/${cast.room}`, { size: SIZES.wall });
    await lost.sees("Cette page s’ouvre avec le lien de la régie");
    await lookAt(faults, "control-is-no-link", lost);
    await lost.close();
  });

  await stage.step("nothing is cut, overlapped, pale, nameless or too small", async () => {
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

async function lookAt(faults, state, tab) {
  await atEachSize(tab, async (size) => {
    const name = `${state}-${size}`;
    await picture(tab, name);
    for (const fault of await untidy(tab)) faults.push(`${name}: ${fault}`);
    if (size !== "desk") for (const fault of await inaccessible(tab)) faults.push(`${name}: axe: ${fault}`);
  });
}

/** On the screen of an ordinary computer the six acts of a card stand in two rows: four of twelve questions are before the eyes, not two. */
async function actsInTwoRows(tab) {
  const before = tab.page.viewportSize();
  await tab.page.setViewportSize(SIZES.wall);
  await until("the acts of each card to sort stand in two rows", async () => (await tab.ask(actRows)).every((rows) => rows === 2), { within: 3000, seen: () => tab.ask(actRows) });
  await tab.page.setViewportSize(before);
}

/** Runs in the page. How many rows of buttons each card to sort has. */
function actRows() {
  const rows = (card) => new Set([...card.querySelectorAll(".acts button")].map((button) => Math.round(button.getBoundingClientRect().top))).size;
  return [...document.querySelectorAll("#toSort > li:not(.leaving)")].map(rows);
}

/** « Couper » is before the eyes of who has scrolled far down a long board. */
async function cutInSightFarDown(tab) {
  const before = tab.page.viewportSize();
  for (const size of ["desk", "wall"]) {
    await tab.page.setViewportSize(SIZES[size]);
    await tab.ask(() => {
      document.querySelector(".control-board").style.minHeight = "300vh";
      window.scrollTo({ top: 1.5 * window.innerHeight, behavior: "instant" });
    });
    assert.ok(await tab.ask(() => window.scrollY >= window.innerHeight), "the board is scrolled by more than a window");
    await comesInSight(tab, "#floor-cut", { within: 3000 });
  }
  await tab.ask(() => {
    document.querySelector(".control-board").style.minHeight = "";
    window.scrollTo({ top: 0, behavior: "instant" });
  });
  await tab.page.setViewportSize(before);
}

/** A wall, which is read from eight metres. */
async function lookAtWall(faults, state, tab) {
  await atEachSize(tab, async (size) => {
    const name = `${state}-${size}`;
    await picture(tab, name);
    for (const fault of await untidy(tab)) faults.push(`${name}: ${fault}`);
    for (const fault of await inaccessible(tab)) faults.push(`${name}: axe: ${fault}`);
    if (size === "wall") for (const words of await tiny(tab)) faults.push(`${name}: too small for 8 m: ${words}`);
  });
}

async function atEachSize(tab, look) {
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries(SIZES)) {
    await tab.page.setViewportSize(box);
    await sleep(250);
    await look(size);
  }
  await tab.page.setViewportSize(before);
}
