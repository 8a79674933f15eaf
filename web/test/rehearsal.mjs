// A séance of twenty minutes, as in life: one mediator, nobody at the régie, six sites (one whose
// animator never comes, one whose projector reboots, one whose line is cut for a minute), ten homes,
// slides for a while, a pause and an incident, two exercises, three guests on air, the rooms' weather,
// an announcement, some forty questions. Nobody reloads a page by hand. Each page is looked at each second.
//
//   node web/test/rehearsal.mjs [--minutes 20] [--out rehearsal]
//
// Writes report.md and report.json; exits with 1 when a limit of LIMITS below is not kept.

import { mkdir, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, parseLinks } from "./kit/antenne.mjs";
import { Cast, act, askFromDesk, askFromHome, goOnAir, prepare } from "./kit/cast.mjs";
import { CLIP, writeClip } from "./kit/clip.mjs";
import { Diary } from "./kit/diary.mjs";
import { sleep, until } from "./kit/poll.mjs";
import { conclude } from "./kit/report.mjs";
import { Stage } from "./kit/stage.mjs";
import { announce, cutLine, exercise, guestOfHome, guestOfSite, incident, weather } from "./rehearsal-acts.mjs";

const { values: chosen } = parseArgs({ options: { minutes: { type: "string", default: "20" }, out: { type: "string", default: join(ROOT, "rehearsal") } } });
const MINUTES = Number(chosen.minutes);
if (!(MINUTES >= 2 && MINUTES <= 180)) {
  console.error("--minutes: a number from 2 to 180");
  process.exit(2);
}

/** What the séance must keep to. Times in ms, shares from 0 to 1. */
const LIMITS = {
  moving: 0.97, // share of the seconds due in which the picture moved, on the worst page
  longestFrozen: 6000,
  longestSilent: 6000,
  questionUp: 3000, // from the asker's tap to the studio, 95 of 100
  questionShown: 3000, // from the mediator's tap to every wall, 95 of 100
  lost: 0, // questions that did not come back answered
  acts: 0, // of the script, those that did not go through
  roads: 3, // peer connections a viewer's page built, but for the one whose line was cut for a minute: it tries all the while
  goroutinesKept: 30,
  memoryKept: 60, // MB
  faults: 0,
};

const SITES = [
  ["fives", "Maison de quartier des Ateliers", "Lille"],
  ["wattrelos", "Centre social de la Martinoire", "Wattrelos"],
  ["roubaix", "Centre social du Canal", "Roubaix"],
  ["hazebrouck", "Espace de vie des Houblonnières", "Hazebrouck"],
  ["maubeuge", "Centre social des Remparts", "Maubeuge"],
  ["grande-synthe", "Maison de quartier des Dunes", "Grande-Synthe"],
];
const WITHOUT_ANIMATOR = "grande-synthe";
const REBOOTING = "roubaix";
const CUT = "wattrelos";
const GUESTS = ["fives", "hazebrouck"];
const HOMES = 10;
const QUESTIONS = Math.max(4, Math.round(MINUTES * 2));
const WALL = { width: 640, height: 360 };
const PHONE = { width: 360, height: 560 };
/** After a change on air, this long belongs to nobody: pages may still be turning. */
const SETTLE = 4000;

/** In the studio's page: what the person picks in the browser's list is a window with slides, a new page each 20 s. */
function lendSlides() {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
    const pen = canvas.getContext("2d");
    const draw = () => {
      const page = Math.floor(Date.now() / 20000) % 6;
      pen.fillStyle = ["#fff6e5", "#eef4ea", "#eaf0f7"][page % 3];
      pen.fillRect(0, 0, 1280, 720);
      pen.fillStyle = "#241b2f";
      pen.font = "700 72px sans-serif";
      pen.fillText(`Étape ${page + 1}`, 90, 160);
      pen.font = "40px sans-serif";
      ["Battre les œufs", "Ajouter la farine", "Verser le lait", "Laisser reposer"].slice(0, 1 + (page % 4)).forEach((line, n) => pen.fillText(`• ${line}`, 110, 280 + 80 * n));
    };
    draw();
    const [track] = canvas.captureStream(5).getVideoTracks();
    const beat = setInterval(() => (track.readyState === "ended" ? clearInterval(beat) : draw()), 200);
    return new MediaStream([track]);
  };
}

class Rehearsal {
  constructor(stage) {
    this.stage = stage;
    this.diaries = [];
    this.live = [];
    this.weights = [];
    this.questions = [];
    this.events = [];
    this.joins = [];
    this.acts = []; // of the script: how long each took, or why it did not go through
    this.times = []; // what was timed on the way
  }

  say(words) {
    const at = this.started ? Math.round((Date.now() - this.started) / 1000) : 0;
    this.events.push({ at, words });
    console.log(`${String(Math.floor(at / 60)).padStart(3)}:${String(at % 60).padStart(2, "0")}  ${words}`);
  }

  // The people ---------------------------------------------------------------------------------

  async seatEverybody() {
    this.antenne = await this.stage.antenne({ demo: false });
    this.empty = await this.antenne.weight();
    this.cast = await this.announce();
    this.desks = {};
    this.walls = {};
    this.homes = [];
    this.road = await this.stage.badRoad(this.antenne, { seed: 7, loss: 0 });
    this.withMicrophones = await this.stage.browser(this.antenne.host, { camera: true });
    for (const [site] of SITES) {
      this.walls[site] = await this.viewer(`wall ${site}`, () => this.wall(site));
      if (site !== WITHOUT_ANIMATOR) this.desks[site] = await this.desk(site);
    }
    for (let i = 0; i < HOMES; i++) {
      const site = i === HOMES - 1 ? undefined : SITES[i % SITES.length][0];
      const talks = i === 0;
      this.homes.push(await this.viewer(`home ${i + 1} (${site || "no site"})`, () => this.cast.home(site, { size: PHONE, ...(talks ? { browser: this.withMicrophones } : {}) })));
    }
    this.studio = await this.cast.studio({ size: { width: 1024, height: 768 } });
    await prepare(this.studio);
  }

  /** One site comes by a road that can be cut. */
  async wall(site) {
    if (site !== CUT) return this.cast.screen(site, { size: WALL });
    const tab = await this.stage.seat(await this.cast.hall("rooms"), `screen ${site}`, this.road.link(this.cast.link("screen", site)), { size: WALL, host: this.road.host });
    await tab.press("Ouvrir la salle");
    return tab;
  }

  /** The phones of those who will speak have a microphone. */
  async desk(site) {
    const link = this.cast.link("animator", site);
    if (site === CUT) return this.stage.seat(await this.cast.hall("rooms"), `desk ${site}`, this.road.link(link), { size: PHONE, host: this.road.host });
    if (GUESTS.includes(site)) return this.stage.seat(this.withMicrophones, `desk ${site}`, link, { size: PHONE, camera: true });
    return this.cast.desk(site, { size: PHONE });
  }

  /** The séance and its links, by the commands anybody would use. */
  async announce() {
    const sites = join(this.stage.folder, "sites.csv");
    await writeFile(sites, SITES.map((s) => s.join(";")).join("\n"));
    const at = new Date(Date.now() + 60000).toISOString().slice(0, 19) + "Z";
    const room = (await this.antenne.command("room", "add", "--title", "Cuisine de saison", "--at", at, "--sites", sites, "--public", "--mediator", "Nadia", "--needs", "un saladier, un fouet, deux œufs")).trim();
    const issue = async (role, site) => parseLinks(await this.antenne.command("link", "--role", role, "--room", room, ...(site ? ["--site", site] : [])))[0];
    const links = [await issue("mediator")];
    for (const [site] of SITES) links.push(await issue("screen", site), await issue("animator", site));
    return new Cast(this.stage, this.antenne, { links });
  }

  /** A page that is looked at each second until the end. */
  async viewer(name, open) {
    const tab = await open();
    tab.name = name;
    const diary = new Diary(name);
    await diary.open(tab);
    this.diaries.push(diary);
    tab.diary = diary;
    return tab;
  }

  // The script ---------------------------------------------------------------------------------

  async play() {
    this.started = Date.now();
    const end = this.started + MINUTES * 60000;
    const at = (share) => this.started + share * MINUTES * 60000;
    this.say("on air");
    await this.goLive(() => goOnAir(this.studio));
    const script = [
      [0.03, "the rooms' weather", () => weather(this)],
      [0.1, "an exercise", () => exercise(this, "Battre les œufs jusqu’à ce qu’ils moussent.", MINUTES * 2000)],
      [0.2, "slides are shared", () => this.share()],
      [0.28, `a guest: the room of ${GUESTS[0]}`, () => guestOfSite(this, GUESTS[0])],
      [0.37, "slides are put away", () => this.share()],
      [0.4, "a pause", () => this.pause(Math.min(40000, MINUTES * 2000))],
      [0.47, "a guest: a family", () => guestOfHome(this, this.homes[0])],
      [0.55, `the projector of ${REBOOTING} reboots`, () => this.reboot()],
      [0.6, `the line of ${CUT} is cut for a minute`, () => cutLine(this, this.road, CUT, Math.min(60000, MINUTES * 6000))],
      [0.7, "another exercise", () => exercise(this, "Laisser reposer la pâte, et ranger la table.", MINUTES * 2000)],
      [0.8, `a guest: the room of ${GUESTS[1]}`, () => guestOfSite(this, GUESTS[1])],
      [0.88, "an announcement", () => announce(this, "Il reste cinq minutes : posez vos dernières questions.")],
      [0.92, "an incident", () => incident(this, Math.min(20000, MINUTES * 1000))],
    ].map(([share, words, go]) => ({ due: at(share), words, go }));
    const every = (end - this.started - 45000) / QUESTIONS;
    let next = this.started + 15000;
    while (Date.now() < end) {
      if (script.length > 0 && Date.now() >= script[0].due) {
        const { words, go } = script.shift();
        await this.perform(words, go);
      } else if (Date.now() >= next && this.questions.length < QUESTIONS && end - Date.now() > 15000) {
        next += every;
        await this.question().catch((error) => this.say(`a question failed: ${error.message.split("\n")[0]}`));
      } else {
        await sleep(250);
      }
    }
  }

  /** One act of the script. One that does not go through is told, and the class goes on. */
  async perform(words, go) {
    this.say(words);
    const began = Date.now();
    try {
      await go();
      this.acts.push({ words, ms: Date.now() - began, failed: "" });
    } catch (error) {
      this.acts.push({ words, ms: Date.now() - began, failed: error.message.split("\n")[0] });
      this.say(`it did not go through: ${error.message}`);
    }
    await this.studio.press("#tab-main").catch((error) => this.say(error.message.split("\n")[0])); // where questions are read
  }

  /** How long something took that a person waits for. */
  took(what, ms) {
    this.times.push({ what, ms });
  }

  /** Does what brings picture and sound, and notes from when they are due. */
  async goLive(go) {
    const tapped = Date.now();
    await go();
    await Promise.all(this.viewers().map(async (tab) => {
      await tab.seesMotion({ within: 30000, fps: 1, ms: 500 });
      this.joins.push(Date.now() - tapped);
    }));
    this.live.push({ from: Date.now() + SETTLE, to: Infinity });
  }

  stopLive() {
    this.live[this.live.length - 1].to = Date.now() - 1000;
  }

  viewers() {
    return [...Object.values(this.walls), ...this.homes];
  }

  /** What is shared are pages of slides: the browser's own fake screen is a film of 1920 × 1080, which nobody teaches with. */
  async share() {
    await this.studio.ask(lendSlides);
    await this.studio.press("#share");
  }

  async pause(ms) {
    this.stopLive();
    await this.studio.press("#pause");
    for (const wall of Object.values(this.walls)) await wall.sees("Pause");
    await sleep(ms);
    this.say("back from the pause");
    await this.goLive(() => this.studio.press("#pause"));
  }

  /** The computer of a projector goes down and comes back with the link it starts with. */
  async reboot() {
    const wall = this.walls[REBOOTING];
    await wall.diary.fetch();
    await this.stage.people.find((p) => p.tabs.includes(wall)).leave();
    await sleep(8000);
    const again = await this.cast.screen(REBOOTING, { size: WALL });
    again.diary = wall.diary;
    again.name = wall.name;
    const back = Date.now();
    await again.seesMotion({ fps: 1, ms: 500 });
    this.say(`the projector of ${REBOOTING} shows the picture ${Date.now() - back} ms after its page opened`);
    await wall.diary.open(again);
    this.walls[REBOOTING] = again;
  }

  // The questions ------------------------------------------------------------------------------

  /** One question, from the asker to the answer, timed at each step. */
  async question() {
    const n = this.questions.length;
    const text = `Question ${n + 1} : ${["combien de temps de cuisson", "peut-on congeler la pâte", "par quoi remplacer le lait", "faut-il un moule beurré"][n % 4]} ?`;
    const story = { n: n + 1, text, from: "", up: -1, shown: -1, back: -1 };
    this.questions.push(story);
    const asker = n % 3 === 2 ? await this.fromHome(story, text, n) : await this.fromDesk(story, text, n);
    const taken = Date.now();
    await act(this.studio, text, "À l’antenne");
    const tapped = Math.max(taken, this.studio.pressedAt);
    await Promise.all(Object.values(this.walls).map((wall) => wall.sees(text)));
    story.shown = Date.now() - tapped;
    await sleep(1500);
    await this.studio.press("#now-answered");
    const closed = this.studio.pressedAt;
    await until("the asker reads that it is answered", () => asker.ask(readsAnswered, text), { every: 60 });
    story.back = Date.now() - closed;
  }

  async fromDesk(story, text, n) {
    const names = Object.keys(this.desks);
    const desk = this.desks[names[n % names.length]];
    story.from = desk.name;
    await askFromDesk(desk, text);
    await this.studio.sees(text);
    story.up = Date.now() - desk.pressedAt;
    return desk;
  }

  /** By its centre's animator, or by itself where there is none. */
  async fromHome(story, text, n) {
    const home = this.homes[n % this.homes.length];
    story.from = home.name;
    await askFromHome(home, text);
    let since = home.pressedAt;
    const site = new URL(home.page.url()).searchParams.get("c");
    const desk = site && this.desks[site];
    if (desk) {
      await act(desk, text, "Envoyer à la régie");
      since = desk.pressedAt;
    }
    await this.studio.sees(text);
    story.up = Date.now() - since;
    return home;
  }

  // The figures --------------------------------------------------------------------------------

  /** Collects until told to stop. */
  async collect() {
    while (!this.done) {
      await Promise.all(this.diaries.map((d) => d.fetch()));
      this.weights.push({ at: Math.round((Date.now() - this.started) / 1000), ...(await this.antenne.weight()), load: loadavg()[0] });
      await sleep(5000);
    }
  }

  async finish() {
    this.stopLive();
    this.done = true;
    this.say("the end");
    await this.studio.press("#end");
    await this.studio.press("Oui, terminer");
    for (const tab of this.viewers()) await tab.sees("terminé").catch((error) => this.say(error.message.split("\n")[0]));
    await Promise.all(this.diaries.map((d) => d.fetch()));
    this.roads = await Promise.all(this.viewers().map(async (tab) => ({ name: tab.name, cut: tab === this.walls[CUT], ...(await tab.roads()) })));
    this.faults = (await Promise.all(this.stage.tabs.map((tab) => tab.faults()))).flat();
    this.faults.push(...(await this.antenne.alarms()));
    this.full = await this.antenne.weight();
    await this.stage.sendHome();
    // A browser that dies says no goodbye: the server lets such sessions go within 45 s.
    const light = async () => (await this.antenne.weight()).goroutines <= this.empty.goroutines + LIMITS.goroutinesKept;
    await until("the server is light again", light, { within: 60000, every: 1000 }).catch((error) => this.say(error.message));
    this.after = await this.antenne.weight();
  }
}

/** In the page: whether the row of this question says that it is answered. */
function readsAnswered(text) {
  const t = window.__antenneTest;
  for (const box of document.querySelectorAll("details")) box.open = true;
  return [...document.querySelectorAll("li, article")].some((row) => t.fold(row.innerText).includes(t.fold(text)) && t.fold(row.innerText).includes("répondue"));
}

async function main() {
  const closers = [];
  const stage = await Stage.open({ after: (close) => closers.push(close), test: (words, go) => go() });
  process.on("SIGINT", () => Promise.all(closers.map((close) => close())).then(() => process.exit(1)));
  try {
    await writeClip(stage.media.clip, { ...CLIP, fps: 15 });
    const rehearsal = new Rehearsal(stage);
    console.log(`a séance of ${MINUTES} minutes: ${SITES.length} sites, ${HOMES} homes, ${QUESTIONS} questions`);
    await rehearsal.seatEverybody();
    rehearsal.started = Date.now();
    const collecting = rehearsal.collect();
    await rehearsal.play();
    await rehearsal.finish();
    await collecting;
    await mkdir(chosen.out, { recursive: true });
    const { markdown, json, kept } = conclude(rehearsal, LIMITS, MINUTES);
    await writeFile(join(chosen.out, "report.md"), markdown);
    await writeFile(join(chosen.out, "report.json"), JSON.stringify(json, null, 1));
    console.log(`\n${markdown}\nwritten: ${join(chosen.out, "report.md")}`);
    process.exitCode = kept ? 0 : 1;
  } finally {
    for (const close of closers) await close();
  }
}

await main();
