// An animator who has her phone alone opens the projector and eight posts. Nothing is ever typed but the name of the host and one
// code. The screen comes back after a reboot, follows the programme by itself, in full screen and with its sound from one touch on,
// and what goes wrong is said in words.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseLinks } from "../kit/antenne.mjs";
import { inaccessible, picture, untidy } from "../kit/audit.mjs";
import { SIZES } from "../kit/browser.mjs";
import { all, goOnAir, prepare } from "../kit/cast.mjs";
import { until } from "../kit/poll.mjs";
import { Stage } from "../kit/stage.mjs";

const PLACES = "fives;Maison de quartier des Ateliers;Lille\nroubaix;Centre social du Canal;Roubaix\n";
const MINUTE = 60000;
const POSTS = 8;

test("an animator opens her room with her phone alone", { timeout: 600000 }, async (t) => {
  const stage = await Stage.open(t);
  const antenne = await stage.antenne({ demo: false });
  const browser = await stage.browser(antenne.host);
  const programme = new Programme(stage, antenne);
  const faults = [];
  const now = await programme.add("Cuisine du jour", 10 * MINUTE); // its doors are open
  await programme.add("Le jardin en hiver", 26 * 60 * MINUTE);
  let phone, screen, second, canal, used, posts, began;

  /** A machine of the centre: somebody types the name of the host, and taps what the page offers. */
  const machine = async (name, words, o = {}) => {
    const tab = await stage.seat(browser, name, antenne.url, o);
    await tab.press(words);
    return tab;
  };

  await stage.step("she opens « Ma salle » by her link; the projector's computer shows a code", async () => {
    phone = await stage.seat(browser, "phone", await now.link("animator", "fives"), { size: SIZES.phone });
    await phone.sees("Ouvrir la salle");
    began = Date.now();
    screen = await machine("screen", "Ouvrir l’écran de la salle", { size: SIZES.wall });
    await codeOf(screen);
    await look(faults, "pair-code", screen);
    await look(faults, "desk-open", phone);
  });

  await stage.step("one code typed on the phone, and the screen is in the séance", async () => {
    await openScreen(phone, await codeOf(screen));
    await phone.sees("l’écran est celui de Maison de quartier des Ateliers");
    await inRoom(screen, now);
    await screen.sees("Cuisine du jour");
    await screen.sees("Maison de quartier des Ateliers");
  });

  await stage.step("eight posts join by one code", async () => {
    await phone.press("Montrer le code des postes");
    const code = await postsCode(phone);
    posts = [];
    for (let i = 1; i <= POSTS; i++) { // she goes from one to the next
      const post = await machine(`post ${i}`, "Rejoindre depuis un poste");
      await joinBy(post, code.toLowerCase().replace("-", ""));
      await post.sees("Cuisine du jour");
      posts.push(post);
    }
    stage.figure(`the projector and ${POSTS} posts, by a machine's hand: ${((Date.now() - began) / 1000).toFixed(1)} s`);
    for (let n = 1; n <= POSTS; n++) await phone.sees(`poste ${n}`);
    await phone.sees("Dans cette séance", { in: ".open-device" });
    await look(faults, "desk-posts", phone);
  });

  await stage.step("the screen reboots and comes back alone", async () => {
    const kept = await screen.page.context().storageState();
    await screen.page.context().close();
    screen = await stage.seat(browser, "screen", `${antenne.url}/screen`, { size: SIZES.wall, state: kept });
    await inRoom(screen, now);
    await screen.sees("Cuisine du jour");
  });

  await stage.step("nobody has touched it since: it asks for a touch, the phone says so, and the first touch rings", async () => {
    await screen.sees("Cliquez pour le son");
    await phone.sees("Touchez l’écran : il joue une cloche", { in: "#check" });
    await look(faults, "screen-untouched", screen);
    await screen.ask(() => {
      const strike = AudioContext.prototype.createOscillator;
      window.__struck = 0;
      AudioContext.prototype.createOscillator = function () {
        window.__struck++;
        return strike.call(this);
      };
    });
    await screen.press("#unlock");
    await until("the bell rings", () => screen.ask(() => window.__struck > 0));
    await phone.sees("L’écran joue une cloche quand on l’ouvre", { in: "#check" });
  });

  await stage.step("a sound that was turned off on the screen stays off over a reload, and says so", async () => {
    await screen.page.keyboard.press(" ");
    await screen.sees("Son coupé");
    await screen.page.reload();
    await screen.sees("Son coupé");
  });

  await stage.step("one touch, the last that it gets: it fills the screen; and a key, for the sound", async () => {
    await screen.press("#wall");
    await fills(screen);
    await screen.page.keyboard.press(" ");
    await screen.seesNot("Son coupé");
  });

  await stage.step("a second screen, by the camera of the phone", async () => {
    second = await machine("second screen", "Ouvrir l’écran de la salle", { size: SIZES.wall });
    used = await codeOf(second);
    const scanned = await stage.people.find((p) => p.tabs.includes(phone)).tab(`${antenne.url}/ouvrir#${used}`, "scanned page");
    await scanned.sees("Le code est dans « Ma salle »");
    await look(faults, "hand", scanned);
    await scanned.close();
    await phone.sees(`montre-t-il bien ${used}`);
    await phone.press("#open-go");
    await second.sees("Cuisine du jour");
  });

  await stage.step("the animator of another room comes too late with the same code", async () => {
    const other = await stage.seat(browser, "other phone", await now.link("animator", "roubaix"), { size: SIZES.phone });
    other.guard.allow(/409 .*\/pair\/confirm/);
    await openScreen(other, used);
    await other.sees("Ce code vient de servir");
    canal = await machine("Roubaix’s screen", "Ouvrir l’écran de la salle", { size: SIZES.wall });
    await openScreen(other, await codeOf(canal));
    await inRoom(canal, now);
  });

  await stage.step("forgotten from the phone, a screen says so and shows a new code", async () => {
    second.guard.allow(/401 .*\/pair\/room|40[34] .*\/wh?ep/);
    await phone.press("Oublier", { box: ".open-device:nth-of-type(2)", near: "Écran" });
    await phone.sees("Oublier cet écran ?");
    await phone.press("Oublier cet écran", { box: "[role=dialog]", near: "Oublier cet écran ?" });
    const asked = Date.now();
    await second.sees("Cet écran a été oublié");
    stage.figure(`a forgotten screen says so after ${Date.now() - asked} ms`);
    assert.notEqual(await codeOf(second), used);
    await second.page.context().close();
  });

  await stage.step("wrong codes are told in words", async () => {
    const lost = await machine("lost post", "Rejoindre depuis un poste");
    await look(faults, "join", lost);
    lost.guard.allow(/404 .*\/pair\/claim/);
    phone.guard.allow(/404 .*\/pair\/confirm/);
    await lost.type("Le code", "ABCD");
    await lost.press("Rejoindre");
    await lost.sees("Le code a 8 signes");
    await joinBy(lost, "ABCD-EFGH");
    await lost.sees("Ce code n’existe pas");
    await openScreen(phone, "ABCD-EFGH");
    await phone.sees("Ce code n’existe pas");

    const before = await postsCode(phone);
    await phone.press("Nouveau code");
    await phone.sees("Changer le code des postes ?");
    await phone.press("Nouveau code", { box: "[role=dialog]", near: "Changer le code" });
    await until("another code is shown", async () => (await postsCode(phone)) !== before);
    await joinBy(lost, before);
    await lost.sees("Ce code n’existe pas");
    await joinBy(lost, await postsCode(phone));
    await lost.sees("Cuisine du jour");
  });

  await stage.step("a nobody's phone is told what to do with a code", async () => {
    const nobody = await stage.seat(browser, "nobody", `${antenne.url}/ouvrir#ABCD-EFGH`, { size: SIZES.phone });
    await nobody.sees("« Ma salle » n’est pas ouverte sur ce téléphone");
    await look(faults, "hand-nobody", nobody);
  });

  await stage.step("the séance ends: its code opens nothing more, the poster comes back, the posts forget", async () => {
    const code = await postsCode(phone);
    const late = await machine("late post", "Rejoindre depuis un poste");
    late.guard.allow(/410 .*\/pair\/claim/);
    for (const wall of [screen, canal]) wall.guard.allow(/410 .*\/whep\//); // it knocks at a séance which has just ended
    await antenne.command("room", "close", now.room);
    await screen.sees("terminé");
    await joinBy(late, code);
    await late.sees("Ce code n’est plus bon");
    await screen.sees("La prochaine séance", { within: 3 * MINUTE });
    await screen.sees("Le jardin en hiver");
    await screen.sees("Maison de quartier des Ateliers, Lille");
    await filledSince(screen);
    await look(faults, "pair-poster", canal);
    await all(posts, (post) => post.sees("Rejoindre depuis un poste", { within: MINUTE }));
    await all(posts, (post) => post.sees("La séance est terminée"));
  });

  await stage.step("somebody tries another screen on its poster: a bell, and full screen", async () => {
    await canal.press("Plein écran, et essayer le son");
    await fills(canal);
  });

  await stage.step("the next one opens its doors: both screens are there by themselves, in full screen and with its sound", async () => {
    const next = await programme.add("Le pain d’épices", 15 * MINUTE + 4000);
    await screen.sees("Le pain d’épices");
    const walls = [screen, canal];
    await all(walls, async (wall) => {
      await inRoom(wall, next);
      await wall.sees("Le pain d’épices");
    });
    const studio = await stage.seat(await stage.browser(antenne.host, { camera: true }), "studio", await next.link("mediator"), { camera: true, size: SIZES.wall });
    await prepare(studio);
    await goOnAir(studio);
    await all(walls, async (wall) => {
      await wall.seesMotion();
      await wall.hears();
      assert.ok(!(await wall.reads("Cliquez pour le son")), `${wall.name} asks for no second touch`);
      await filledSince(wall);
    });
    assert.deepEqual(faults, []);
    await stage.allQuiet();
  });
});

/** The séances of this server, made by the commands anybody would use. */
class Programme {
  constructor(stage, antenne) {
    this.antenne = antenne;
    this.file = join(stage.folder, "places.csv");
  }

  /** @param {string} title @param {number} ahead ms until its hour */
  async add(title, ahead) {
    await writeFile(this.file, PLACES);
    const at = new Date(Date.now() + ahead).toISOString().slice(0, 19) + "Z";
    const room = (await this.antenne.command("room", "add", "--title", title, "--at", at, "--sites", this.file)).trim();
    const link = async (role, site) => parseLinks(await this.antenne.command("link", "--role", role, ...(site ? ["--site", site] : []), "--room", room))[0].url;
    return { room, link };
  }
}

const CODE = /^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/;

/** The code that a screen shows. */
function codeOf(screen) {
  return shown(screen, "#code");
}

/** The code that « Ma salle » shows for its posts. */
function postsCode(phone) {
  return shown(phone, "#posts-code");
}

function shown(tab, selector) {
  return until(`${tab.name} shows a code`, async () => {
    const text = await tab.ask((s) => document.querySelector(s)?.innerText.trim() || "", selector);
    return CODE.test(text) && text;
  }, { seen: () => tab.text() });
}

/** The screen has gone to this séance by itself. */
function inRoom(screen, seance) {
  return until("the screen is in the séance", async () => (await screen.address()).includes(`/screen?room=${seance.room}`), { within: MINUTE, seen: () => screen.address() });
}

/** The page has all of the screen; from now on it is watched for ever losing it, and for taking another size. */
async function fills(screen) {
  await until(`${screen.name} fills the screen`, () => screen.askWindow(() => Boolean(document.fullscreenElement)));
  await screen.askWindow(() => {
    window.__filled = { lost: 0, size: [window.innerWidth, window.innerHeight] };
    document.addEventListener("fullscreenchange", () => (window.__filled.lost += document.fullscreenElement ? 0 : 1));
  });
}

/** It is the same window, it has filled the screen ever since fills(), and what is seen in it fills it too. */
async function filledSince(screen) {
  const { filled, now } = await screen.askWindow(() => ({ filled: window.__filled, now: document.fullscreenElement === document.documentElement }));
  assert.deepEqual([filled?.lost, now], [0, true], `${screen.name} has never left full screen`);
  assert.deepEqual(await screen.ask(() => [window.innerWidth, window.innerHeight]), filled.size, `${screen.name} is as large as it was`);
}

async function openScreen(phone, code) {
  await phone.ask(() => document.getElementById("open-code").scrollIntoView({ block: "center" }));
  await phone.type("Le code que l’écran montre", code);
  await phone.press("#open-go");
}

async function joinBy(post, code) {
  await post.type("Le code", code);
  await post.press("#go");
}

/** One state of one page at the three sizes: a picture, nothing cut or covered, nothing that axe finds. */
async function look(faults, state, tab) {
  const before = tab.page.viewportSize();
  for (const [size, box] of Object.entries(SIZES)) {
    await tab.page.setViewportSize(box);
    const name = `open-${state}-${size}`;
    await picture(tab, name);
    for (const fault of await untidy(tab)) faults.push(`${name}: ${fault}`);
    if (size === "phone") for (const fault of await inaccessible(tab)) faults.push(`${name}: axe: ${fault}`);
  }
  await tab.page.setViewportSize(before);
}
