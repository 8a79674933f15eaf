// Where the guest's page stands, from what the house says and what this page has done. Pure.

/**
 * @typedef {'consent' | 'refused' | 'joining' | 'backstage' | 'on-air' | 'paused' | 'ended'} Step
 *   consent: nothing is open yet; refused: the microphone could not be opened; joining: the house does not hear us yet;
 *   paused: on air, in a séance that is not; ended: nothing is open any more, and nothing opens again
 *
 * @typedef {Object} Seen
 * @property {boolean} over       ended, for this page
 * @property {string} error       why the microphone could not be opened, '' for none
 * @property {boolean} open       the person agreed and the microphone is there
 * @property {import('./floor.js').Standing} standing
 * @property {any} room           the room entity
 * @property {import('./airline.js').LineState} line
 * @property {boolean} classUp
 * @property {boolean} visible    the page is looked at
 */

/** @param {Seen} seen @returns {Step} */
export function stepOf(seen) {
  if (seen.over) return 'ended';
  if (seen.error) return 'refused';
  if (!seen.open) return 'consent';
  if (seen.standing.phase === 'backstage') return 'backstage';
  if (seen.standing.phase !== 'on-air') return 'joining';
  return seen.room && seen.room.state === 'on-air' ? 'on-air' : 'paused';
}

/** @param {Seen} seen @returns {boolean} there is somebody to speak to, and a way to them */
export function mayTalk(seen) {
  const step = stepOf(seen);
  return (step === 'backstage' || step === 'on-air') && seen.line === 'live' && seen.classUp && seen.visible;
}

/**
 * Whether the invitation of this page is over, by what the house says.
 * @param {import('./floor.js').Standing} standing
 * @param {any} you  undefined before the house has answered
 * @returns {string | null} null while it stands; else the house's reason, '' where it gives none
 */
export function overBy(standing, you) {
  if (!you) return null;
  if (standing.phase === 'ended') return standing.why;
  return standing.ours && standing.floor ? null : '';
}

/**
 * Where the person came from, and goes back to.
 * @param {string} room
 * @param {any} floor  the last floor entity that this page saw
 * @param {any} you
 * @param {boolean} desk  this tab holds the link of « Ma salle »
 * @returns {{ place: 'desk' | 'live', href: string }}
 */
export function wayBack(room, floor, you, desk) {
  const home = floor ? floor.from === 'home' : !desk;
  const site = (you && you.site) || (floor && floor.site) || '';
  if (!home) return { place: 'desk', href: '/desk/' + encodeURIComponent(room) };
  return { place: 'live', href: '/live/' + encodeURIComponent(room) + (site ? '?c=' + encodeURIComponent(site) : '') };
}

/** The reasons that the page has words for, besides the house's own sentence. */
export const REASONS = ['self', 'cut', 'withdrawn', 'refused', 'unanswered', 'absent', 'ended', 'revoked', 'restart', 'timeout'];
