// « Ma salle » in every state it knows, at three sizes: pictures for the eye, and rules for the machine.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, goOnAir, prepare } from "../kit/cast.mjs";
import { command } from "../kit/commands.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const STEPS = ["10 Peser et tamiser", "15 Pétrir la pâte à la main | Paume ouverte, sans farine en plus.", "20 Laisser lever", "0 Cuire et goûter"].join("\n");

test("« Ma salle », in every state", { timeout: 420000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site] = cast.sites;
  const faults = [];
  const studio = await cast.studio();
  const mediator = (name, fields) => command(studio, cast.link("mediator"), { name, ...fields });
  const animator = (name, fields) => command(studio, cast.link("animator", site), { name, ...fields });
  const screen = await cast.screen(site, { untouched: true });
  let desk;

  await stage.step("before the class: the check list, the screen's code, the steps", async () => {
    await mediator("set-rundown", { steps: STEPS });
    desk = await cast.desk(site);
    await desk.sees("L’écran n’est pas encore ouvert");
    await lookAt(faults, "check", desk);
    await screen.press("Ouvrir la salle");
    await desk.sees("L’écran est ouvert");
    await desk.press("#check-heard");
    await desk.sees("Le son est vérifié");
    await lookAt(faults, "checked", desk);
  });

  await stage.step("the weather, and who has seen it", async () => {
    await prepare(studio);
    await goOnAir(studio);
    await mediator("start-step", { step: "2" });
    await desk.sees("Étape 2 sur 4");
    await desk.press("plus lentement");
    await desk.press("pas de son");
    await desk.sees("Retouchez une fois");
    await lookAt(faults, "slower", desk);
    await desk.press("pas de son");
    await mediator("see-pace", { site });
    await desk.sees("Le médiateur a vu");
    await lookAt(faults, "seen", desk);
  });

  await stage.step("an exercise, and its end", async () => {
    await mediator("start-exercise", { instruction: "Pétrissez la pâte dix minutes, à la main, sur la table farinée.", minutes: "5" });
    await desk.press("Encore 2 min");
    await desk.sees("encore 2 minutes");
    await lookAt(faults, "exercise", desk);
    await mediator("end-exercise");
    await desk.sees("C’est la fin");
    await lookAt(faults, "pooling", desk);
  });

  await stage.step("all that waits for one hand: lost posts, an announcement, questions with and without words", async () => {
    const [post] = parseLinks(await antenne.command("link", "--role", "post", "--room", cast.room, "--site", site, "--note", "poste 3"));
    await command(studio, post.url, { name: "say-lost", lost: "yes" });
    await command(studio, post.url, { name: "ask", question: crypto.randomUUID(), text: "" });
    await command(studio, post.url, { name: "ask", question: crypto.randomUUID(), text: "Peut-on remplacer le beurre par de l’huile d’olive, ou est-ce que la pâte ne tiendra pas ?" });
    await mediator("announce", { text: "La pause est avancée à 10 h 40. Remplissez les bouilloires." });
    for (const words of ["J’y vais", "La pause est avancée", "poste 3", "huile d’olive"]) await desk.sees(words);
    await lookAt(faults, "busy", desk);
    await desk.press("#wordless");
    await desk.sees("D’où vient-elle");
    await lookAt(faults, "where", desk);
    await desk.press("poste 5");
    await mediator("suspend-site", { site });
    await desk.sees("questions de votre salle sont en pause");
    await lookAt(faults, "suspended", desk);
    await mediator("allow-site", { site });
    await desk.press("Compris");
  });

  await stage.step("the floor: asked for, offered, another room's, refused", async () => {
    await desk.press("#ask-floor-do");
    await desk.sees("Pourquoi demander");
    await lookAt(faults, "reasons", desk);
    await desk.press("Montrer ce que nous avons fait");
    await desk.sees("Vous avez demandé");
    await lookAt(faults, "requested", desk);
    const grant = crypto.randomUUID();
    await mediator("invite", { grant, site });
    await desk.sees("Vous êtes invités");
    await lookAt(faults, "invited", desk);
    await desk.press("Refuser");
    await desk.sees("Vous avez refusé");
    await lookAt(faults, "refused", desk);
  });

  await stage.step("a second device; a page that is told of another build", async () => {
    const second = await cast.desk(site, { name: "second" });
    await desk.sees("ouverte sur 2 appareils");
    await lookAt(faults, "twice", desk);
    await second.close();
    await desk.seesNot("appareils");
  });

  await stage.step("what an animator says stays on the page after a reload", async () => {
    await animator("count-people", { people: "12" });
    await desk.reload();
    await until("12 people", () => desk.ask(() => document.getElementById("people").value === "12"));
    assert.equal(await desk.ask(() => document.querySelector("[data-pace=slower]").getAttribute("aria-pressed")), "true");
  });

  await stage.step("nothing is cut, overlapped, pale, nameless or too small", async () => {
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

async function lookAt(faults, state, tab) {
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries(SIZES)) {
    await tab.page.setViewportSize(box);
    await sleep(150);
    const name = `desk-${state}-${size}`;
    await picture(tab, name);
    for (const fault of await untidy(tab)) faults.push(`${name}: ${fault}`);
    if (size !== "desk") for (const fault of await inaccessible(tab)) faults.push(`${name}: axe: ${fault}`);
  }
  await tab.page.setViewportSize(before);
}
