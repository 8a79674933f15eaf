// The people of a séance and what each of them does with their page, in one place: when a page
// changes its words, only this file follows.

import assert from "node:assert/strict";
import { SIZES } from "./browser.mjs";
import { sleep, until } from "./poll.mjs";

/** What the pages say, as far as several scenarios rely on it. */
export const WORDS = {
  openRoom: "Ouvrir la salle",
  clickForSound: "Cliquez pour le son",
  watchAtHome: "Écouter et regarder",
  bestPicture: "Meilleure image",
  resumeHere: "Reprendre l’antenne ici",
  asked: "Envoyée à votre salle",
  relayed: "Envoyée à la régie",
  approved: "Retenue",
  onAir: "À l’antenne",
  answered: "Répondue",
  broken: "Incident, nous revenons",
};

/** Everybody of one séance on one server, seated as needed. */
export class Cast {
  /**
   * @param {import("./stage.mjs").Stage} stage
   * @param {import("./antenne.mjs").Antenne} antenne
   * @param {{room?: string, links?: {role:string,site:string,url:string}[]}} [o] another room than the demonstration's
   */
  constructor(stage, antenne, { links } = {}) {
    this.stage = stage;
    this.antenne = antenne;
    this.given = links;
    this.halls = {};
  }

  get links() {
    return this.given || this.antenne.links;
  }

  get room() {
    return new URL(this.link("mediator")).pathname.split("/").pop();
  }

  get sites() {
    return [...new Set(this.links.map((l) => l.site).filter((s) => s !== "-"))];
  }

  link(role, site) {
    const found = this.links.find((l) => l.role === role && (!site || l.site === site));
    assert.ok(found, `a link for ${role} ${site || ""}`);
    return found.url;
  }

  /** The public address of a home that comes through a site, or through none. */
  homeAddress(site) {
    return `${this.antenne.url}/live/${this.room}${site ? `?c=${site}` : ""}`;
  }

  /** One browser per kind of machine; contexts inside it are as many machines. */
  async hall(kind) {
    if (!this.halls[kind]) this.halls[kind] = this.stage.browser(this.antenne.host, { camera: kind === "studio" });
    return this.halls[kind];
  }

  async studio({ name = "studio", url = this.link("mediator"), size = SIZES.wall } = {}) {
    return this.stage.seat(await this.hall("studio"), name, url, { camera: true, size });
  }

  async control({ name = "régie", size = SIZES.wall } = {}) {
    return this.stage.seat(await this.hall("rooms"), name, this.link("moderator"), { size });
  }

  async desk(site, { name = `desk ${site}`, size = SIZES.desk } = {}) {
    return this.stage.seat(await this.hall("rooms"), name, this.link("animator", site), { size });
  }

  /** A wall; opened by the gesture of the person who switches the projector on, unless `untouched`. */
  async screen(site, { name = `screen ${site}`, untouched = false, size = SIZES.wall } = {}) {
    const tab = await this.stage.seat(await this.hall("rooms"), name, this.link("screen", site), { size });
    if (!untouched) await tab.press(WORDS.openRoom);
    return tab;
  }

  /** A phone at home; tapped, unless `untouched`. It gets the cheapest picture, a still one if need be, unless `best` is asked for. */
  async home(site, { name = `home ${site || "alone"}`, untouched = false, best = false, size = SIZES.phone, browser } = {}) {
    const tab = await this.stage.seat(browser || (await this.hall("homes")), name, this.homeAddress(site), { size });
    if (best) await tab.press(WORDS.bestPicture);
    if (!untouched) await tab.press(WORDS.watchAtHome);
    return tab;
  }
}

/**
 * Opens the camera and the microphone (or the test card), ready to go on air. Where the browser
 * has been allowed before, the studio opens them by itself.
 */
export async function prepare(studio, { card = false } = {}) {
  const button = card ? "#ask-card" : "#ask-devices";
  const shown = async () => (await studio.watch({ which: "picture", ms: 400, every: 100 })).why === "";
  await until("the studio can be prepared", async () => {
    // A browser that was allowed before opens them by itself, at times under the very finger that goes to the button.
    if (await studio.find(button)) await studio.press(button, { within: 1500 }).catch(() => undefined);
    return shown();
  }, { within: 30000, seen: () => studio.text() });
  await studio.seesMotion({ which: "picture", fps: 8 });
}

export async function goOnAir(studio) {
  await studio.press("Passer à l’antenne");
  await until("the studio is on air", () => studio.ask(() => document.body.dataset.phase === "onair"), { seen: () => studio.text() });
}

/** Types a question on « Ma salle ». */
export async function askFromDesk(desk, text) {
  await desk.type("La question", text);
  await desk.press("#send");
}

/** Types a question at home. */
export async function askFromHome(home, text) {
  await home.type("Votre question", text);
  await home.press("Envoyer ma question");
}

/**
 * What a hand needs between seeing a row and pressing its button. The lists ignore quicker taps:
 * they were aimed at what stood there before.
 */
const REACTION = 500;

/** Acts on the question with this text: the button inside its own row. */
export async function act(tab, text, button, o = {}) {
  await tab.sees(text, o);
  await sleep(REACTION);
  await tab.press(button, { box: "li, article, .card, .now", near: text, ...o });
}

/** A question text that exists once in the world. */
let counter = 0;
export function question(words = "Faut-il du beurre salé") {
  counter += 1;
  return `${words} (${counter}) ?`;
}

/**
 * Who reads these words now, and who does not: neither on the page, nor in anything the house ever
 * sent to it. Those who should are waited for; only then are the others looked at, so that nobody
 * passes for being slow.
 * @param {string} words
 * @param {import("./tab.mjs").Tab[]} seeing
 * @param {import("./tab.mjs").Tab[]} blind
 */
export async function onlyThese(words, seeing, blind) {
  for (const tab of seeing) {
    await tab.sees(words);
    await until(`${tab.name} is told « ${words} »`, () => tab.guard.wire.includes(words)); // its own outbox shows it first
  }
  for (const tab of blind) {
    const everything = await tab.ask(() => document.documentElement.innerHTML);
    assert.ok(!everything.includes(words.replace(/&/g, "&amp;")), `${tab.name} must not have « ${words} » anywhere in its page`);
    assert.ok(!tab.guard.wire.includes(words), `${tab.name} was told « ${words} »`);
  }
}

/** Several at once; the first failure is told with all that failed. */
export async function all(tabs, act) {
  const results = await Promise.allSettled(tabs.map(act));
  const failed = results.filter((r) => r.status === "rejected");
  if (failed.length > 0) throw new Error(failed.map((f) => f.reason.message).join("\n"));
  return results.map((r) => r.value);
}
