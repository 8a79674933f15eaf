// « Ma salle » in every state it knows, at three sizes: pictures for the eye, and rules for the machine.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { OUT, inaccessible, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, goOnAir, prepare } from "../kit/cast.mjs";
import { command } from "../kit/commands.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { comesInSight, inSight } from "../kit/sight.mjs";
import { Stage } from "../kit/stage.mjs";

const STEPS = ["10 Peser et tamiser", "15 Pétrir la pâte à la main | Paume ouverte, sans farine en plus.", "20 Laisser lever", "0 Cuire et goûter"].join("\n");

test("« Ma salle », in every state", { timeout: 600000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site] = cast.sites;
  const faults = [];
  const studio = await cast.studio();
  const mediator = (name, fields) => command(studio, cast.link("mediator"), { name, ...fields });
  const moderator = (name, fields) => command(studio, cast.link("moderator"), { name, ...fields });
  const animator = (name, fields) => command(studio, cast.link("animator", site), { name, ...fields });
  const screen = await cast.screen(site, { untouched: true });
  let desk;

  await stage.step("before the class: the check list, the screen's code, the steps", async () => {
    await mediator("set-rundown", { steps: STEPS });
    desk = await cast.desk(site);
    await desk.sees("L’écran n’est pas encore ouvert");
    await lookAt(faults, "check", desk);
    await screen.press("Ouvrir la salle");
    await desk.sees("Il reste à vérifier le son", { in: "#verdict" });
    await desk.press("#check-heard");
    await desk.sees("Le son est vérifié");
    await desk.sees("Tout est prêt", { in: "#verdict" });
    await lookAt(faults, "checked", desk);
  });

  await stage.step("the posts' code stands on one line, and a post without a name is no screen", async () => {
    await antenne.command("link", "--role", "post", "--room", cast.room, "--site", site);
    await desk.press("#posts-show");
    await desk.sees("poste sans nom", { in: "#open-list" });
    await desk.page.setViewportSize(SIZES.phone);
    assert.equal(await desk.ask(() => {
      const range = document.createRange();
      range.selectNodeContents(document.getElementById("posts-code"));
      return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
    }), 1);
    await desk.page.setViewportSize(SIZES.desk);
    await lookAt(faults, "posts", desk);
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
    await desk.sees("Annonce du studio", { in: "#announcement-from" });
    await lookAt(faults, "busy", desk);
    await sleep(500); // a hand needs that long to see what has just come
    await desk.press("J’y vais");
    await until("nothing is left to be read aloud of who was lost", () => desk.ask(() => document.getElementById("lost-said").textContent === ""));
    await moderator("announce", { text: "La pause est avancée à 10 h 30." });
    await desk.sees("Annonce de la régie", { in: "#announcement-from" });
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
    await desk.page.setViewportSize(SIZES.phone);
    await desk.ask(() => document.getElementById("ask-floor").scrollIntoView({ block: "center", behavior: "instant" }));
    const grant = crypto.randomUUID();
    await mediator("invite", { grant, site });
    await comesInSight(desk, "#floor-call");
    await comesInSight(desk, "#bar-floor");
    assert.equal(await inSight(desk, "#floor-acts"), 0);
    await photograph(desk, "desk-invited-where-asked");
    await desk.page.mouse.click(...(await desk.ask(() => { // without the scrolling of a press
      const box = document.getElementById("bar-floor").getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2];
    })));
    await comesInSight(desk, "#floor-acts");
    await until("what stood over the page has gone", async () => (await inSight(desk, "#floor-call")) === 0);
    await desk.ask(() => window.scrollTo({ top: 0, behavior: "instant" }));
    await sleep(1200); // it looks once a second where the card is
    assert.deepEqual([await inSight(desk, "#floor-call"), (await inSight(desk, "#floor-acts button")) > 0.9], [0, true], "from the top of the page the answer is before the eyes");
    await desk.page.setViewportSize(SIZES.desk);
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

  await stage.step("every fate and every act of a question has its drawing", async () => {
    assert.deepEqual(await desk.ask(() => {
      const t = window.__antenneTest;
      const drawn = (el) => [...el.querySelectorAll("svg.picto")].some((svg) => t.shown(svg));
      const lines = [...document.querySelectorAll(".question .fate, .question .acts button, #open-form button, #posts-rotate, #ask button")];
      const seen = lines.filter((el) => t.shown(el) && el.innerText.trim());
      return seen.length > 6 ? seen.filter((el) => !drawn(el)).map((el) => el.innerText) : ["too few of them"];
    }), []);
  });

  await stage.step("an incident is no pause; a screen whose line is cut is waited for", async () => {
    await mediator("pause", { slate: "incident" });
    await desk.sees("Incident au studio", { in: "#verdict" });
    await screen.close();
    await desk.sees("L’écran se reconnecte tout seul", { in: "#verdict" });
    await lookAt(faults, "incident", desk);
  });

  await stage.step("after the end nothing is asked of anybody", async () => {
    await mediator("end");
    await desk.sees("La séance est terminée", { in: "#verdict" });
    await desk.sees("Pas posée", { in: "#tosend" });
    for (const gone of ["#pace", "#people-card", "#ask-card", "#tosend-hint", "#bar-room", "#tosend .acts button"]) assert.equal(await desk.find(gone), null, `${gone} is still there`);
    await lookAt(faults, "ended", desk);
  });

  await stage.step("nothing is cut, overlapped, pale, nameless or too small", async () => {
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

/** The window as it stands, wherever it was scrolled to. */
async function photograph(tab, file) {
  await tab.page.screenshot({ path: join(OUT, `${file}.png`) });
}

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
