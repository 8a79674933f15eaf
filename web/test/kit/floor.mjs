// How a guest comes on air and speaks, as hands do it on the pages: used by the scenarios about the floor.

import { sleep, until } from "./poll.mjs";

/** What the guest's page says, as far as several scenarios rely on it. */
export const GUEST = {
  agree: "D’accord, ouvrir le micro",
  backstage: "En coulisses : seul le studio vous entend.",
  yours: "À VOUS",
  speak: "Parlez",
  latch: "Garder ouvert",
  unlatch: "Ne plus garder ouvert",
  turnDown: "Baissez le son de la salle",
  cut: "Couper",
};

/** The name of the room, as « Ma salle » has it once the class has said it. */
export function placeOf(desk) {
  return until(`${desk.name} knows its room`, () => desk.ask(() => document.getElementById("place").textContent !== "Ma salle" && document.getElementById("place").textContent));
}

/** The mediator invites a room by its name, from the list of those who may be. */
export async function inviteFromStudio(studio, place) {
  await studio.press("#tab-floor");
  await sleep(500); // what a hand needs: lists ignore quicker taps
  await studio.press("Inviter", { box: "#panel-floor li", near: place });
}

/** From « Ma salle », or from home: accepts, and is the guest's page from then on. */
export async function acceptAt(tab, { adult = false } = {}) {
  await tab.press(adult ? "J’accepte" : "Accepter");
  await until(`${tab.name} is the guest's page`, () => new URL(tab.page.url()).pathname.startsWith("/guest/"), { seen: () => tab.text() });
  await tab.sees(GUEST.agree);
}

/** The consent, and the microphone. */
export async function agree(guest) {
  await guest.press(GUEST.agree);
  await guest.sees(GUEST.backstage);
  await canTalk(guest);
}

/** Somebody hears: the button is no longer said to have to wait. */
export function canTalk(guest) {
  return until(`${guest.name} may talk`, () => guest.ask(() => document.getElementById("hold").dataset.talk === "closed"), { seen: () => guest.text() });
}

export async function putOnAir(studio, guest) {
  await studio.press("#guest-onair");
  await guest.sees(GUEST.yours);
  await canTalk(guest);
}

/** A finger on the big button; it stays there. Returns once the page says « Parlez ». */
export async function hold(guest) {
  const spot = await until(`${guest.name} finds the big button`, () => guest.find("#hold"));
  await guest.page.mouse.move(spot.x, spot.y);
  await guest.page.mouse.down();
  await guest.sees(GUEST.speak, { in: "#hold-word" });
}

export async function release(guest) {
  await sleep(350); // as long as who spoke had it down: a shorter tap keeps it open
  await guest.page.mouse.up();
  await until(`${guest.name}'s button is up`, () => guest.ask(() => document.getElementById("hold").dataset.talk !== "open"));
}
