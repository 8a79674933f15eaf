// Timed work: how long is left, and what the rooms have said of it. Pure.

/** @typedef {{ number: number, instruction: string, startedAt: string, until: string, endedAt?: string, speaking?: boolean, done?: number, more?: number, of?: number }} Exercise */

/** @param {Exercise | undefined} exercise @returns {boolean} */
export function runs(exercise) {
  return Boolean(exercise) && !(/** @type {Exercise} */ (exercise).endedAt);
}

/**
 * @param {Exercise} exercise
 * @param {number} now  ms, the server's clock
 * @returns {number} ms left, below 0 once the time is over and the mediator has not ended it
 */
export function leftOf(exercise, now) {
  return Date.parse(exercise.until) - now;
}

/** Which exercise a page shows, so that a start that is sent again starts no second one. @param {Exercise | undefined} exercise @returns {string} */
export function numberOf(exercise) {
  return exercise ? String(exercise.number) : '0';
}

/**
 * « Encore »: minutes from the end that the page shows. Sent twice, or by two who saw the same, it is one.
 * @param {Exercise | undefined} exercise
 * @param {string} minutes
 * @returns {{ name: string, minutes: string, until?: string }}
 */
export function extension(exercise, minutes) {
  return exercise ? { name: 'extend-exercise', minutes, until: exercise.until } : { name: 'extend-exercise', minutes };
}

/** Something of this site is connected. @param {any} there @returns {boolean} */
export function isThere(there) {
  return Boolean(there) && (there.desks || 0) + (there.screens || 0) + (there.posts || 0) > 0;
}

/**
 * Who has finished, who wants more time, and who has said nothing though somebody is there.
 * @param {any[]} sites  site entities
 * @param {(site: string) => any} thereOf  what is connected of a site
 * @returns {{ done: any[], more: any[], missing: any[] }}
 */
export function answersOf(sites, thereOf) {
  const byName = sites.slice().sort((a, b) => a.name.localeCompare(b.name, 'fr'));
  return {
    done: byName.filter((site) => site.report === 'done'),
    more: byName.filter((site) => site.report === 'more'),
    missing: byName.filter((site) => !site.report && isThere(thereOf(site.id))),
  };
}
