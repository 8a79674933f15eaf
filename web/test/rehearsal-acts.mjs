// What happens in the rehearsal besides questions: the room's weather, exercises, guests on air, a line that is cut, words to all.
// Each act goes by what people press and read, notes how long it took, and leaves the class as it found it.

import { goOnAir, prepare } from "./kit/cast.mjs";
import { acceptAt, agree, hold, inviteFromStudio, placeOf, putOnAir, release } from "./kit/floor.mjs";
import { sleep, until } from "./kit/poll.mjs";

export { goOnAir, prepare };

/** How long a page may take after its own room spoke, or its line came back, before picture and sound are due again. */
const SETTLE = 5000;

/** Three rooms say how it goes, the studio has seen it, the rooms read so. */
export async function weather(play) {
  const [first, second, third] = Object.values(play.desks);
  await count(first, 12);
  await count(second, 7);
  await first.press("plus lentement");
  await second.press("plus lentement");
  await third.press("on est bloqués");
  const told = Date.now();
  const label = "Plus lentement : 2 salles";
  await play.studio.sees(label);
  play.took("pace", Date.now() - told);
  await first.seesNot("Le médiateur a vu");
  await play.studio.press(label);
  await Promise.all([first, second].map((desk) => desk.sees("Le médiateur a vu")));
  await third.press("on suit");
  await first.press("on suit");
  await second.press("on suit");
}

async function count(desk, people) {
  for (let n = 0; n < people; n++) await desk.press("#people-more");
  await desk.sees(`${people} présents`);
}

/** Timed work: the walls show it, the rooms say where they are, the studio ends it. */
export async function exercise(play, instruction, ms) {
  const { studio } = play;
  await studio.press("#tab-exercise");
  await studio.type("La consigne", instruction);
  const pressed = Date.now();
  await studio.press("Lancer l’exercice");
  await Promise.all(Object.values(play.walls).map((wall) => wall.sees(instruction, { in: "#exercise" })));
  play.took("exercise", Date.now() - pressed);
  const [first, second, ...others] = Object.values(play.desks);
  await first.press("Fini");
  await second.press("Encore 2 min");
  await studio.sees("1 sur");
  await sleep(ms);
  for (const desk of [second, ...others]) await desk.press("Fini");
  await studio.press("#tab-exercise");
  await studio.press("Terminer", { exact: true });
  await Promise.all(Object.values(play.walls).map((wall) => wall.seesNot(instruction, { in: "#exercise" })));
}

/** A room goes on air: asks, is invited, backstage, three turns, thanked. Its own wall is silent while it speaks. */
export async function guestOfSite(play, site, turns = 3) {
  const desk = play.desks[site];
  const wall = play.walls[site];
  const place = await placeOf(desk);
  await desk.press("Demander l’antenne");
  await desk.press("Montrer ce que nous avons fait");
  await inviteFromStudio(play.studio, place);
  await acceptAt(desk);
  await backstageAndOn(play, desk, [wall], turns);
  await desk.press("Revenir à « Ma salle »");
  await until(`${desk.name} is « Ma salle » again`, () => new URL(desk.page.url()).pathname.startsWith("/desk/"));
  await desk.sees("reçoit bien");
}

/** A family goes on air, by voice alone. Its own page of the class is away meanwhile. */
export async function guestOfHome(play, home) {
  await home.press("Demander à passer à l’antenne");
  await home.press("J’ai 18 ans ou plus");
  await home.press("Envoyer ma demande");
  await inviteFromStudio(play.studio, "à la maison");
  const back = home.diary.excuse(SETTLE);
  await acceptAt(home, { adult: true });
  await backstageAndOn(play, home, [], 2);
  await home.press("Revenir à la séance");
  await home.press("Écouter et regarder");
  await home.seesMotion({ fps: 1, ms: 500 });
  await home.diary.open(home);
  back();
}

async function backstageAndOn(play, guest, ownWalls, turns) {
  await agree(guest);
  await putOnAir(play.studio, guest);
  const others = Object.values(play.walls).filter((wall) => !ownWalls.includes(wall));
  for (let n = 0; n < turns; n++) {
    const back = ownWalls.map((wall) => wall.diary.excuse(SETTLE));
    await hold(guest);
    for (const wall of ownWalls) await wall.sees("À VOUS");
    if (n === 0) await Promise.all(others.map((wall) => hearsGuest(wall)));
    await sleep(4000);
    await release(guest);
    for (const due of back) due();
    await sleep(3000);
  }
  const pressed = Date.now();
  await play.studio.press("#guest-thank");
  await guest.sees("Merci");
  play.took("guest", Date.now() - pressed);
}

/** The guest's own line brings sound here. */
function hearsGuest(wall) {
  return until(`${wall.name} hears the guest`, () => wall.ask(guestPlays), { within: 15000 });
}

/** In the page: whether the guest's player is open, and something comes out of it. */
function guestPlays() {
  return window.__antenneTest.sounds().some((p) => p.id === "guest-voice" && p.open && p.rms > 0.005);
}

/** The box in the cellar is unplugged: words on the wall, and everything by itself once it is back. */
export async function cutLine(play, road, site, ms) {
  const pages = [play.walls[site], play.desks[site]];
  for (const page of pages) page.guard.expectOutage(true);
  const back = play.walls[site].diary.excuse(SETTLE);
  const cut = Date.now();
  road.cut();
  await play.walls[site].sees("Incident, nous revenons");
  play.took("cut-said", Date.now() - cut);
  await play.desks[site].sees("n’est plus relié", { within: 30000 });
  await play.desks[site].type("La question", "Écrite pendant la coupure, est-elle gardée ?");
  await play.desks[site].press("#send");
  await sleep(Math.max(0, ms - (Date.now() - cut)));
  road.mend();
  const mended = Date.now();
  await play.studio.press("#tab-main");
  await play.walls[site].seesMotion({ fps: 1, ms: 500, within: 60000 });
  play.took("cut-back", Date.now() - mended);
  back();
  await play.studio.sees("Écrite pendant la coupure", { within: 60000 });
  await play.desks[site].sees("reçoit bien", { within: 60000 });
}

/** A word to all who look after a room. */
export async function announce(play, text) {
  await play.studio.press("#tab-messages");
  await play.studio.type("L’annonce", text);
  const pressed = Date.now();
  await play.studio.press("Envoyer aux salles");
  await Promise.all(Object.values(play.desks).map((desk) => desk.sees(text)));
  play.took("announcement", Date.now() - pressed);
}

/** « Incident, nous revenons », by the mediator's hand, and back. */
export async function incident(play, ms) {
  play.stopLive();
  const pressed = Date.now();
  await play.studio.press("#incident");
  await Promise.all(Object.values(play.walls).map((wall) => wall.sees("Incident, nous revenons")));
  play.took("slate", Date.now() - pressed);
  await sleep(ms);
  await play.goLive(() => play.studio.press("Reprendre"));
}
