// A room with a projector and a phone, as sound: what the projector's page gives out comes back, later and quieter, in the
// microphone that the phone's page gets from its browser. Everything else is the product's own: pages, doors, lines.
//
// The voices are tones on frequencies of their own, so that each can be looked for in everything that is heard, 60 dB under the
// others. Levels are taken every 10 ms by each page's own sound engine and dated by the machine's clock (see acoustics-worklet.js):
// figures hold to some 10 ms whatever the load of the pages' scripts.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { sleep, until } from "./poll.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Sound without a gesture, since it is not the gesture that is tried here; addresses of this machine in plain, for the loopback. */
const ARGS = ["--autoplay-policy=no-user-gesture-required", "--disable-features=WebRtcHideLocalIpsWithMdns"];

const SILENCE = -120; // dB of digital silence

export class RoomAcoustics {
  /**
   * @param {import("./stage.mjs").Stage} stage
   * @param {import("./antenne.mjs").Antenne} antenne
   * @param {{ bands: number[], delay?: number, loss?: number }} o  bands: hertz, multiples of 50; delay from the loudspeaker to the
   *   microphone in ms; loss on the way in dB
   */
  static async open(stage, antenne, { bands, delay = 120, loss = 6 }) {
    const rig = new RoomAcoustics();
    rig.stage = stage;
    rig.antenne = antenne;
    rig.setting = { bands, delay, loss };
    rig.browser = await stage.browser(antenne.host, { camera: true, args: ARGS });
    rig.scripts = await Promise.all(["./acoustics-inpage.js", "./acoustics-worklet.js"].map((name) => readFile(file(name), "utf8")));
    return rig;
  }

  /**
   * A person whose page has the rig's microphone and is listened to.
   * @param {string} name
   * @param {string} url
   * @param {{ size?: { width: number, height: number }, camera?: boolean, touch?: boolean }} [o]
   */
  async seat(name, url, o = {}) {
    const person = await this.browser.person(name, { camera: true, rigged: true, ...o });
    this.stage.people.push(person);
    const [inpage, worklet] = this.scripts;
    await person.context.addInitScript(`window.__acousticsSetting = ${JSON.stringify({ ...this.setting, worklet })};\n${inpage}`);
    return person.tab(url);
  }

  /** From here on the one's loudspeakers are heard by the other's microphone. */
  async loop(loudspeaker, microphone) {
    const offer = await loudspeaker.ask(() => window.__acoustics.offer());
    const answer = await microphone.ask((sdp) => window.__acoustics.answer(sdp), offer);
    await loudspeaker.ask((sdp) => window.__acoustics.accept(sdp), answer);
  }

  /** The sound engines of these pages run and are measured. */
  async listen(...tabs) {
    await Promise.all(tabs.map((tab) => tab.ask(() => window.__acoustics.start())));
    for (const tab of tabs) await until(`${tab.name} is listened to`, async () => (await this.report(tab, 0)).heard.length > 20);
  }

  hum(tab, hz, on, loud = 0.25) {
    return tab.ask((a) => window.__acoustics.hum(...a), [hz, on, loud]);
  }

  /** @returns {Promise<[number, number][]>} when each word begins and ends, ms since 1970 */
  speak(tab, o) {
    return tab.ask((a) => window.__acoustics.speak(a), { length: 200, pause: 150, loud: 0.25, ...o });
  }

  /** The loudspeakers of this page play on, whatever the page asks of them; or follow it again. */
  stick(tab, yes) {
    return tab.ask((y) => window.__acoustics.stick(y), yes);
  }

  report(tab, since) {
    return tab.ask((s) => window.__acoustics.report(s), since);
  }

  /** Waits until what is under way has been heard and measured everywhere. */
  settle(ms = 700) {
    return sleep(ms);
  }

  /**
   * The level of one band at one input of a page, over time.
   * @param {string} input  "microphone", "loudspeaker" (all of them), or the id of an audio element
   * @returns {Promise<{ at: number, db: number }[]>} every 10 ms
   */
  async track(tab, input, hz, from, to = Infinity) {
    const report = await this.report(tab, from);
    const n = report.names.indexOf(input);
    const band = report.bands.indexOf(hz);
    if (n < 0 || band < 0) throw new Error(`${tab.name}: no input ${input} (${report.names}) or no band ${hz}`);
    return report.heard.filter(([at]) => at <= to).map(([at, levels]) => ({ at, db: decibels(levels[n][band]) }));
  }
}

export function decibels(amplitude) {
  return amplitude > 0 ? Math.max(SILENCE, 20 * Math.log10(amplitude)) : SILENCE;
}

/** The level under which a share of the moments lie. */
export function quantile(track, share) {
  if (track.length === 0) throw new Error("nothing was measured");
  const sorted = track.map(({ db }) => db).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** Between two moments, both included. */
export const between = (track, from, to) => track.filter(({ at }) => at >= from && at <= to);

/** The first moment from which the level stays above (or below) a limit for `hold` ms. @returns {number} NaN for never */
export function moment(track, { above = -Infinity, below = Infinity, hold = 50, from = -Infinity }) {
  const good = ({ db }) => db >= above && db <= below;
  for (let i = 0; i < track.length; i++) {
    if (track[i].at < from || !good(track[i])) continue;
    const end = track.findIndex((t) => t.at >= track[i].at + hold);
    if (end < 0) return NaN;
    if (track.slice(i, end).every(good)) return track[i].at;
  }
  return NaN;
}

/**
 * How many words are in a track: stretches above a limit, as long as a word at least in their core, apart from each other.
 * @param {{ at: number, db: number }[]} track
 * @param {{ above: number, core: number }} o  core: ms that the level must stay above the limit
 */
export function words(track, { above, core }) {
  let count = 0;
  let since = NaN;
  let told = false;
  for (const { at, db } of track) {
    if (db < above) {
      since = NaN;
      told = false;
      continue;
    }
    if (Number.isNaN(since)) since = at;
    if (!told && at - since >= core) {
      count += 1;
      told = true;
    }
  }
  return count;
}
