// What a person sees and hears, in figures. Pure arithmetic over what inpage.js reads.

import { sleep } from "./poll.mjs";

/** Limits below which a person would say "there is no picture" or "there is no sound". */
export const LIMITS = {
  blackMean: 8, // luminance 0..255: below, a black picture
  flatVariance: 20, // below, a picture of one colour
  movedBy: 0.6, // mean difference of luminance between two looks: below, the same picture
  heardRms: 0.004, // about -48 dBFS
};

/** Looks needed for a judgement, however slow the machine is. */
const FEWEST = 4;

/** @param {number[]} pixels */
export function mean(pixels) {
  return pixels.reduce((sum, v) => sum + v, 0) / pixels.length;
}

export function variance(pixels) {
  const m = mean(pixels);
  return pixels.reduce((sum, v) => sum + (v - m) * (v - m), 0) / pixels.length;
}

/** Mean absolute difference of two looks; two pictures of different sizes always differ. */
export function difference(a, b) {
  if (a.length !== b.length) return 255;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}

/**
 * Looks at one video of a page for a while.
 * @param {import("./tab.mjs").Tab} tab
 * @param {{ms?: number, every?: number, which?: string, moving?: number}} [o] which: a CSS id; the largest video
 *   otherwise. moving: the share of looks that must differ from the one before; slides move seldom
 * @returns {Promise<{fps:number,looks:number,moves:number,mean:number,variance:number,codes:number[],width:number,height:number,box:object,why:string}>}
 */
export async function watch(tab, { ms = 2000, every = 200, which = "", moving = 0.5 } = {}) {
  const looks = [];
  const start = Date.now();
  let asked = 0;
  do {
    const all = await tab.ask(() => window.__antenneTest.pictures());
    const one = which ? all.find((p) => p.id === which) : all[0];
    if (one) looks.push(one);
    asked++;
    await sleep(every);
  } while (Date.now() - start < ms || asked < FEWEST);
  return judge(looks, moving);
}

export function judge(looks, moving = 0.5) {
  const seen = looks.filter((l) => l.pixels);
  const blank = { fps: 0, looks: looks.length, moves: 0, mean: 0, variance: 0, codes: [], width: 0, height: 0, box: null };
  if (looks.length === 0) return { ...blank, why: "no video is shown" };
  if (seen.length < 3) return { ...blank, why: "the video has no picture" };
  const first = seen[0];
  const last = seen[seen.length - 1];
  const pairs = seen.slice(1).map((look, i) => difference(seen[i].pixels, look.pixels));
  const report = {
    fps: (1000 * (last.frames - first.frames)) / (last.at - first.at),
    looks: seen.length,
    moves: pairs.filter((d) => d >= LIMITS.movedBy).length / pairs.length,
    mean: mean(last.pixels),
    variance: variance(last.pixels),
    codes: [...new Set(seen.map((l) => l.code))],
    width: last.width,
    height: last.height,
    box: last.box,
  };
  return { ...report, why: complaint(report, moving) };
}

function complaint({ fps, moves, mean: light, variance: detail }, moving) {
  if (light < LIMITS.blackMean) return "the picture is black";
  if (detail < LIMITS.flatVariance) return "the picture is of one colour";
  if (moves < moving) return "the picture is frozen";
  if (fps < 0.5) return "no frame is decoded";
  return "";
}

/**
 * Listens to a page for a while; the loudest of its players counts.
 * @returns {Promise<{rms:number,peak:number,silence:number,open:boolean,why:string}>} silence: share of looks without sound
 */
export async function listen(tab, { ms = 1800, every = 300 } = {}) {
  await tab.ask(() => void window.__antenneTest.sounds());
  const before = await tab.ask(() => window.__antenneTest.played());
  const heard = [];
  const start = Date.now();
  do {
    await sleep(every);
    heard.push(await tab.ask(() => window.__antenneTest.sounds()));
  } while (Date.now() - start < ms);
  const level = await tab.ask(async (from) => window.__antenneTest.levelBetween(from, await window.__antenneTest.played()), before);
  return judgeSound(heard, level);
}

/** played: the level of what the page's connections played meanwhile; it counts where a player is open all the time. */
export function judgeSound(heard, played = 0) {
  const loudest = heard.map((players) => Math.max(0, ...players.map((p) => p.rms)));
  const last = heard[heard.length - 1] || [];
  const throughout = heard.length > 0 && heard.every((players) => players.some((p) => p.open));
  const rms = Math.max(throughout ? played : 0, Math.sqrt(loudest.reduce((sum, v) => sum + v * v, 0) / Math.max(1, loudest.length)));
  const report = {
    rms,
    peak: Math.max(0, ...loudest),
    silence: loudest.filter((v) => v < LIMITS.heardRms).length / Math.max(1, loudest.length),
    open: last.some((p) => p.open),
  };
  return { ...report, why: deafness(report, last) };
}

function deafness({ rms, open }, players) {
  if (players.length === 0) return "nothing on the page has sound";
  if (!open) return "every player is muted, paused or turned down";
  if (players.every((p) => p.locked)) return "the browser waits for a gesture before it plays sound";
  if (rms < LIMITS.heardRms) return "silence";
  return "";
}
