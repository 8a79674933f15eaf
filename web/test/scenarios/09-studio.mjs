// The studio and the mediator's phone in the states that a séance brings, at three sizes: pictures for the eye, rules for the machine.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, goOnAir, prepare } from "../kit/cast.mjs";
import { command } from "../kit/commands.mjs";
import { acceptAt, agree, inviteFromStudio, placeOf, putOnAir } from "../kit/floor.mjs";
import { sleep } from "../kit/poll.mjs";
import { comesInSight } from "../kit/sight.mjs";
import { Stage } from "../kit/stage.mjs";

const STEPS = ["10 Peser et tamiser", "15 Pétrir la pâte à la main | Paume ouverte, sans farine en plus.", "20 Laisser lever"].join("\n");

test("the studio and its phone, in every state", { timeout: 600000 }, async (t) => {
  const stage = await Stage.open(t);
  await stage.plainClip();
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [site, other] = cast.sites;
  const faults = [];
  let studio, phone, desk, guest;
  const mediator = (name, fields) => command(studio, cast.link("mediator"), { name, ...fields });

  await stage.step("before air: what is prepared behind each tab", async () => {
    studio = await cast.studio({ size: SIZES.desk });
    await prepare(studio);
    desk = await cast.desk(site);
    await cast.screen(site);
    await mediator("set-rundown", { steps: STEPS });
    for (const [tab, words] of [["rundown", "45 minutes en tout"], ["messages", "Une annonce à toutes les salles"]]) {
      await studio.press(`#tab-${tab}`);
      await studio.sees(words);
      await lookAt(faults, "studio", tab, studio);
    }
    await studio.press("#tab-rundown");
    await studio.press("Modifier le déroulé");
    await lookAt(faults, "studio", "writing", studio);
    await studio.press("Ne rien changer");
  });

  await stage.step("the phone is paired", async () => {
    await studio.press("#tab-phone");
    await studio.press("Relier mon téléphone");
    await studio.sees("Ce code marche une fois");
    await lookAt(faults, "studio", "pairing", studio);
    const url = await studio.ask(() => document.getElementById("phone-url").textContent);
    phone = await stage.seat(await cast.hall("studio"), "phone", url, { size: SIZES.phone, camera: true });
    await phone.sees("Ouvrir la caméra");
    await lookAt(faults, "phone", "before", phone);
  });

  await stage.step("on air: a step, a room that is lost, a question", async () => {
    await studio.press("#tab-main");
    await goOnAir(studio);
    await mediator("start-step", { step: "2" });
    await desk.press("on est bloqués");
    await command(desk, cast.link("animator", site), { name: "ask", question: "6f1c1a52-9f0b-4c6e-8f43-0c7f4f8d1a11", text: "" });
    await studio.sees("On est bloqués");
    await lookAt(faults, "studio", "stuck", studio);
    await underHand(studio, ["share", "hands", "switch", "pause", "incident", "end", "step-next"]);
    await phone.sees("veut demander quelque chose");
    await lookAt(faults, "phone", "onair", phone);
    await phone.press("Ouvrir la caméra");
    await phone.sees("Les salles ne la voient pas encore", { within: 30000 });
    await phone.press("Montrer mes mains");
    await studio.sees("Vos salles voient vos mains");
    await lookAt(faults, "studio", "hands", studio);
    await lookAt(faults, "phone", "hands", phone);
    await studio.press("#hands");
  });

  await stage.step("an exercise", async () => {
    await mediator("start-exercise", { instruction: "Pétrissez la pâte dix minutes, à la main, sur la table farinée.", minutes: "5" });
    await studio.press("#tab-exercise");
    await studio.sees("Pas encore répondu");
    await lookAt(faults, "studio", "exercise", studio);
    await underHand(studio, ["speak", "exercise-more", "exercise-end", "pause", "incident", "end", "step-next"]);
    await phone.sees("Pétrissez la pâte");
    await lookAt(faults, "phone", "exercise", phone);
    await mediator("end-exercise", {});
  });

  await stage.step("a guest: invited, backstage, on air", async () => {
    guest = await stage.seat(await cast.hall("studio"), "guest", cast.link("animator", other), { size: SIZES.phone, camera: true });
    await inviteFromStudio(studio, await placeOf(guest));
    await studio.sees("Invitation envoyée");
    await lookAt(faults, "studio", "invited", studio);
    await acceptAt(guest);
    await agree(guest);
    await studio.sees("En coulisses");
    await lookAt(faults, "studio", "backstage", studio);
    await underHand(studio, ["guest-onair", "guest-cut", "guest-headphones", "guest-loudspeaker", "pause", "incident", "end", "step-next"]);
    await studio.press("#guest-headphones");
    await putOnAir(studio, guest);
    await studio.sees("toutes les salles entendent");
    await lookAt(faults, "studio", "guest", studio);
    await mediator("start-exercise", { instruction: "Pétrissez la pâte dix minutes, à la main, sur la table farinée.", minutes: "5" });
    await studio.sees("Pétrissez la pâte", { in: "#exercise" });
    await underHand(studio, ["guest-thank", "guest-cut", "speak", "exercise-more", "exercise-end"]);
    await lookAt(faults, "studio", "guest-exercise", studio);
    await mediator("end-exercise", {});
    await studio.seesNot("Pétrissez la pâte", { in: "#exercise" });
    await phone.sees("À l’antenne.", { in: "#guest" });
    await lookAt(faults, "phone", "guest", phone);
    await phone.press("Couper");
    await studio.seesNot("toutes les salles entendent");
  });

  await stage.step("the slate, and the end", async () => {
    await studio.press("#incident");
    await studio.sees("Incident affiché");
    await lookAt(faults, "studio", "incident-slate", studio);
    await studio.press("#pause");
    await studio.press("#end");
    await studio.press("Oui, terminer");
    await phone.sees("La séance est terminée");
    await lookAt(faults, "phone", "ended", phone);
  });

  await stage.step("a phone that nobody paired", async () => {
    const lost = await stage.seat(await cast.hall("rooms"), "phone", `${antenne.url}/studio/${cast.room}/phone`);
    await lost.sees("Ce téléphone n’est pas relié");
    await lookAt(faults, "phone", "no-link", lost);
  });

  await stage.step("nothing is cut, overlapped, pale, nameless or too small", async () => {
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

/** One state of one page at the three sizes. */
async function lookAt(faults, page, state, tab) {
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries(SIZES)) {
    await tab.page.setViewportSize(box);
    await sleep(150);
    const name = `${page}-${state}-${size}`;
    await picture(tab, name);
    for (const fault of await untidy(tab)) faults.push(`${name}: ${fault}`);
    if (size !== "wall") for (const fault of await inaccessible(tab)) faults.push(`${name}: axe: ${fault}`);
  }
  await tab.page.setViewportSize(before);
}

/** On a desk's screen and on a wall's, nothing scrolled, these buttons are whole before the eyes. */
async function underHand(tab, ids) {
  const before = tab.page.viewportSize();
  for (const name of ["desk", "wall"]) {
    await tab.page.setViewportSize(SIZES[name]);
    await tab.ask(() => window.scrollTo(0, 0));
    for (const id of ids) await comesInSight(tab, `#${id}`, { share: 0.9, within: 3000 });
  }
  await tab.page.setViewportSize(before);
}
