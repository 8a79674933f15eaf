// The rundown (« le déroulé »): steps with minutes, as the wire writes them and as a clock reads them. Pure.

/** @typedef {{ minutes: number, title: string, detail?: string }} Step  minutes 0: it takes what it takes */
/** @typedef {{ steps: Step[], current: number, since?: string, sheet?: any }} Rundown  current counts from 1, 0 for none */

export const MOST_STEPS = 30;
export const MOST_MINUTES = 180;
export const LONGEST_TITLE = 120;
export const LONGEST_DETAIL = 300;
const LONGEST_INSTRUCTION = 300; // of an exercise, as the house takes it
const USUAL_EXERCISE = 5; // minutes, for a step that takes what it takes
const LONGEST_EXERCISE = 60; // minutes

/**
 * The steps as the command set-rundown takes them: one line each, « 10 Pétrir | À la main ».
 * @param {Step[]} steps
 * @returns {string}
 */
export function linesOf(steps) {
  return steps.map(({ minutes, title, detail }) => minutes + ' ' + onOneLine(title) + (detail && onOneLine(detail) ? ' | ' + onOneLine(detail) : '')).join('\n');
}

/** A bar begins the detail and an end of line the next step: neither may be typed into a title. @param {string} text */
function onOneLine(text) {
  return text.normalize('NFC').replace(/\s+/g, ' ').replace(/\|/g, '/').trim();
}

/**
 * What is wrong with a typed step, as a key of sentences; '' for nothing.
 * @param {{ minutes: string, title: string }} typed
 * @returns {'' | 'minutes' | 'title'}
 */
export function mistakeIn({ minutes, title }) {
  if (!/^\d{1,3}$/.test(minutes.trim()) || Number(minutes) > MOST_MINUTES) return 'minutes';
  return onOneLine(title) === '' ? 'title' : '';
}

/** @param {Step[]} steps @returns {number} minutes in all */
export function lengthOf(steps) {
  return steps.reduce((sum, step) => sum + step.minutes, 0);
}

/**
 * Where the séance stands in its rundown.
 * @param {Rundown | undefined} rundown
 * @param {number} now  ms, the server's clock
 * @returns {{ number: number, of: number, step: Step | null, next: Step | null, spent: number, left: number | null }}
 *   number 0: not begun. spent and left: ms in this step, left below 0 once it is late, null where a step has no minutes
 */
export function standing(rundown, now) {
  const steps = (rundown && rundown.steps) || [];
  const number = rundown ? Math.min(rundown.current || 0, steps.length) : 0;
  const step = number ? steps[number - 1] : null;
  const spent = step && rundown && rundown.since ? Math.max(0, now - Date.parse(rundown.since)) : 0;
  return { number, of: steps.length, step, next: steps[number] || null, spent, left: step && step.minutes ? step.minutes * 60000 - spent : null };
}

/**
 * The same for those who follow: a séance that is over has no step of now, and none that comes next.
 * @param {{ state: string } | undefined} room
 * @param {Rundown | undefined} rundown
 * @param {number} now  ms, the server's clock
 */
export function followed(room, rundown, now) {
  return standing(room && room.state === 'ended' ? undefined : rundown, now);
}

/**
 * An exercise made of a step of the rundown, with nothing to write.
 * @param {Step} step
 * @returns {{ instruction: string, minutes: number }}
 */
export function exerciseOf({ title, detail, minutes }) {
  const text = detail ? title + (/[.!?…:]$/.test(title) ? ' ' : '. ') + detail : title;
  return { instruction: Array.from(text).slice(0, LONGEST_INSTRUCTION).join(''), minutes: Math.min(LONGEST_EXERCISE, minutes) || USUAL_EXERCISE };
}
