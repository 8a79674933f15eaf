// What each page of a long séance saw and heard, second by second, and what that amounts to.

import { LIMITS } from "./probe.mjs";

/** @typedef {{at:number, moved:number, frames:number, rms:number}} Second */

/** Collects the diaries of pages that come and go under one name. */
export class Diary {
  constructor(name) {
    this.name = name;
    /** @type {Second[]} */
    this.seconds = [];
    /** @type {{from:number,to:number}[]} when this page alone had no picture or sound to show: its line was cut, its own room spoke */
    this.excused = [];
  }

  /** From now on nothing is due here; the function given back ends that, after the time a page may take to come back. */
  excuse(settle = 0) {
    const stretch = { from: Date.now() - 1000, to: Infinity };
    this.excused.push(stretch);
    return () => (stretch.to = Date.now() + settle);
  }

  /** Starts the page's own diary; a page that is opened again goes on in the same book. */
  async open(tab) {
    this.tab = tab;
    await tab.ask(() => window.__antenneTest.keepDiary());
  }

  async fetch() {
    if (!this.tab || this.tab.page.isClosed()) return;
    const fresh = await this.tab.ask(() => window.__antenneTest.takeDiary()).catch(() => []);
    this.seconds.push(...fresh.map(([at, moved, frames, rms]) => ({ at, moved, frames, rms })));
  }

  /**
   * @param {{from:number,to:number}[]} live  when picture and sound were due, in ms since 1970
   * @returns {{name:string, due:number, moving:number, heard:number, longestFrozen:number, longestSilent:number, freezes:{at:number,ms:number}[], silences:{at:number,ms:number}[], fps:number}}
   */
  judge(live) {
    const within = (s, stretches) => stretches.some((l) => s.at >= l.from && s.at <= l.to);
    const due = this.seconds.filter((s) => within(s, live) && !within(s, this.excused));
    const moving = (s) => s.frames > 0 && s.moved >= LIMITS.movedBy / 2;
    const heard = (s) => s.rms >= LIMITS.heardRms;
    const frozen = runs(due, moving);
    const silent = runs(due, heard);
    return {
      name: this.name,
      due: due.length,
      moving: share(due, moving),
      heard: share(due, heard),
      longestFrozen: Math.max(0, ...frozen.map((r) => r.ms)),
      longestSilent: Math.max(0, ...silent.map((r) => r.ms)),
      freezes: frozen.filter((r) => r.ms >= WORTH_TELLING),
      silences: silent.filter((r) => r.ms > WORTH_TELLING),
      fps: due.reduce((sum, s) => sum + Math.max(0, s.frames), 0) / Math.max(1, due.length),
    };
  }
}

function share(seconds, good) {
  return seconds.length === 0 ? 0 : seconds.filter(good).length / seconds.length;
}

/** A second look at a pause between two sentences is no event. */
const WORTH_TELLING = 2500;

/**
 * The stretches, where they begin and how many ms they last, in which nothing good was seen: from the last good look before to
 * the first good one after. A hole between two stretches that were due does not count.
 */
function runs(seconds, good) {
  const found = [];
  let since = null;
  seconds.forEach((s, i) => {
    const previous = seconds[i - 1];
    const together = previous && s.at - previous.at < 5000;
    if (!together) since = null;
    if (good(s)) {
      if (since !== null) found.push({ at: since, ms: s.at - since });
      since = null;
    } else if (since === null) {
      since = together ? previous.at : s.at;
    }
    if (since !== null && (i === seconds.length - 1 || seconds[i + 1].at - s.at >= 5000)) found.push({ at: since, ms: s.at - since });
  });
  return found;
}

/** The value below which this share of the values lies; 0 for none. */
export function percentile(values, share) {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
