// With only the printed guides in hand: an animator opens her room, sends a question, goes on air and gives the floor back; the
// mediator, the régie and the coordination do their part by theirs. Nothing is pressed that a guide does not say in bold.

import { test } from "node:test";
import { picture } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { Cast, goOnAir } from "../kit/cast.mjs";
import { canTalk, hold, placeOf, release } from "../kit/floor.mjs";
import { Guide } from "../kit/guide.mjs";
import { sleep, until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const HAND = 500; // ms between seeing a row and pressing in it: lists ignore quicker taps

test("a séance by the guides alone", { timeout: 360000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne();
  const cast = new Cast(stage, antenne);
  const [here, there] = cast.sites;
  const [animation, mediation, regie, coordination] = await Promise.all(["animation", "mediation", "regie", "coordination"].map((name) => Guide.open(name)));
  const question = "Peut-on remplacer le beurre par de l’huile ?";
  let studio, control, office, desk, screen, other, post, place;

  await stage.step("the animator opens the room: the screen, its sound, a post", async () => {
    const phones = await stage.browser(antenne.host, { camera: true });
    desk = await stage.seat(phones, "desk", cast.link("animator", here), { size: SIZES.phone, camera: true });
    place = await placeOf(desk);
    screen = await stage.seat(await cast.hall("rooms"), "screen", antenne.url, { size: SIZES.wall });
    await animation.press(screen, "Ouvrir l’écran de la salle");
    const shown = await until("the screen shows a code", () => screen.ask(() => (/[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(document.body.innerText) || [""])[0]));
    await desk.type("Le code", shown);
    await animation.press(desk, "Ouvrir cet écran");
    await screen.sees(place);
    await animation.press(desk, "J’entends le son");
    await animation.press(desk, "Montrer le code des postes");
    const code = await until("the desk shows the posts' code", () => desk.ask(() => (/[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(document.getElementById("open-room").innerText) || [""])[0]));
    post = await stage.seat(await cast.hall("rooms"), "post", antenne.url);
    await animation.press(post, "Rejoindre depuis un poste");
    await post.type("Le code", code);
    await animation.press(post, "Rejoindre");
    await post.sees("Cuisine de saison");
  });

  await stage.step("the coordination reads who is ready, and presses nothing", async () => {
    office = await stage.seat(await cast.hall("rooms"), "coordination", cast.link("coordinator"), { size: SIZES.wall });
    await coordination.sees(office, "Son vérifié");
    await coordination.sees(office, "Pas encore venue");
    await picture(office, "guide-coordination", "guide-coordination");
  });

  await stage.step("the mediator prepares and goes on air", async () => {
    [studio, control, other] = [await cast.studio(), await cast.control(), await cast.screen(there)];
    if (await studio.reads("Choisir ma caméra et mon micro")) await mediation.press(studio, "Choisir ma caméra et mon micro");
    await studio.seesMotion({ which: "picture", fps: 5 });
    mediation.sees(studio, "Passer à l’antenne");
    await goOnAir(studio);
    await Promise.all([screen, other].map((tab) => tab.seesMotion()));
  });

  await stage.step("the room says how it goes, and reads that a person saw it", async () => {
    await animation.press(desk, "plus lentement");
    await until("the studio's wall tells it", () => studio.reads("Plus lentement"));
    await sleep(HAND);
    await studio.press("Plus lentement", { box: ".wall-totals", near: "Plus lentement" });
    await desk.sees("Le médiateur a vu");
    await animation.press(desk, "on suit");
  });

  await stage.step("a question goes up, is chosen, asked and answered", async () => {
    await desk.type("La question", question);
    await animation.press(desk, "Envoyer à la régie");
    await control.sees(question);
    await sleep(HAND);
    await regie.press(control, "Retenir", { box: "li", near: question });
    await studio.sees(question);
    await sleep(HAND);
    await mediation.press(studio, "À l’antenne", { box: "li", near: question });
    await Promise.all([screen, other].map((tab) => tab.sees(question)));
    await picture(control, "guide-regie", "guide-regie");
    await picture(desk, "guide-animation", "guide-animation");
    await picture(studio, "guide-mediation", "guide-mediation");
    await mediation.press(studio, "Répondue");
    await desk.sees("Répondue");
  });

  await stage.step("an exercise", async () => {
    await mediation.press(studio, "Exercice");
    await studio.type("La consigne", "Battre les œufs.");
    await mediation.press(studio, "Lancer l’exercice");
    await screen.sees("Battre les œufs.");
    await animation.press(desk, "Fini");
    await studio.sees("1 sur");
    await studio.press("#exercise-end");
  });

  await stage.step("the room goes on air, speaks, and gives the floor back", async () => {
    await animation.press(desk, "Demander l’antenne");
    await desk.press("Montrer ce que nous avons fait");
    await mediation.press(studio, "Invités");
    await sleep(HAND);
    await mediation.press(studio, "Inviter", { box: "li", near: place });
    await animation.press(desk, "Accepter");
    await animation.press(desk, "D’accord, ouvrir le micro");
    await canTalk(desk);
    await mediation.press(studio, "J’ai un casque : écouter");
    await mediation.press(studio, "Mettre à l’antenne");
    await animation.sees(desk, "À VOUS");
    await canTalk(desk);
    await hold(desk);
    await animation.sees(screen, "À VOUS");
    await until("the other room hears the guest", () => other.ask(() => window.__antenneTest.sounds().some((p) => p.id === "guest-voice" && p.open && p.rms > 0.005)));
    await release(desk);
    await screen.seesNot("À VOUS");
    await animation.press(desk, "Couper");
    await animation.press(desk, "Revenir à « Ma salle »");
    await desk.sees("reçoit bien");
  });

  await stage.step("the end", async () => {
    await mediation.press(studio, "Terminer la séance");
    await studio.press("Oui, terminer");
    await Promise.all([screen, other].map((tab) => tab.sees("terminé")));
    await stage.allQuiet();
  });
});
