// Where the studio stands, from what the house says and what this page is doing. Pure.

const GRACE_MS = 60 * 1000; // the house keeps the air for a holder that was lost this long
const REOPEN_MS = 15 * 60 * 1000; // the house lets an ended séance start again this long

/**
 * @typedef {'arriving' | 'prepare' | 'onair' | 'elsewhere' | 'taken' | 'ended'} Phase
 *   arriving: the house has not answered yet; prepare: before air; onair: this page feeds the séance (paused or
 *   not, line up or not); elsewhere: another device does; taken: another device took it from this page; ended
 *
 * @typedef {Object} Standing
 * @property {any} room       the room entity, undefined before the first answer
 * @property {any} air
 * @property {any} you
 * @property {boolean} wanted the person pressed « Passer à l'antenne » here and did not undo it
 */

/** @typedef {{video: boolean, audio: boolean}} Lost  devices that were unplugged while in use */

/** @param {Standing} s @returns {Phase} */
export function phase(s) {
  if (!s.room || !s.you) return 'arriving';
  if (s.room.state === 'ended') return 'ended';
  if (heldElsewhere(s)) return s.wanted ? 'taken' : 'elsewhere';
  return s.wanted ? 'onair' : 'prepare';
}

/** @param {Standing} s @returns {boolean} another device holds the air */
export function heldElsewhere(s) {
  return Boolean(s.air && s.air.held && s.air.device && s.you && s.air.device !== s.you.device);
}

/** @param {Standing} s @returns {boolean} the device that holds the air was opened with the same link as this page */
export function heldByMe(s) {
  return Boolean(s.air && s.you && s.air.link === s.you.link);
}

/**
 * @param {Standing} s
 * @param {number} now  ms, the server's clock
 * @returns {boolean} the house would give this page the air: it is its own, or its holder has been gone for long
 */
export function mayTake(s, now) {
  if (!s.air || !s.air.held || heldByMe(s)) return true;
  const empty = !s.air.up || s.air.up.length === 0;
  return empty && Boolean(s.air.lostAt) && now - Date.parse(s.air.lostAt) >= GRACE_MS;
}

/** @param {Standing} s @returns {boolean} this very device held the air before a reload */
export function leftHere(s) {
  return Boolean(s.air && s.air.held && s.you && s.air.device === s.you.device);
}

/**
 * @param {any} room
 * @param {number} now  ms, the server's clock
 * @returns {number} minutes during which the séance may still be taken up again, 0 for none
 */
export function minutesToReopen(room, now) {
  if (!room || room.state !== 'ended' || !room.endedAt) return 0;
  return Math.max(0, Math.ceil((Date.parse(room.endedAt) + REOPEN_MS - now) / 60000));
}

/**
 * What the rooms see at this moment, as a key of the page's sentences.
 * @param {{state: string, slate?: string, sending: boolean, slides: boolean, hands?: boolean, lost: Lost}} at  sending: the media
 *   line is up; hands: the phone's camera was chosen in the place of the face; slate: what is said of a pause
 * @returns {'waiting' | 'pause' | 'incident' | 'cut' | 'slides' | 'slides-alone' | 'slides-mute' | 'hands' | 'you' | 'no-picture' | 'no-sound' | 'lost'}
 */
export function whatRoomsSee(at) {
  if (at.state === 'paused') return at.slate === 'incident' ? 'incident' : 'pause';
  if (at.state !== 'on-air') return 'waiting';
  if (!at.sending) return 'cut';
  if (at.slides) return besideSlides(at.lost, Boolean(at.hands));
  if (at.hands) return at.lost.audio ? 'no-sound' : 'hands';
  if (at.lost.video && at.lost.audio) return 'lost';
  return at.lost.video ? 'no-picture' : at.lost.audio ? 'no-sound' : 'you';
}

/** @param {Lost} lost @param {boolean} hands */
function besideSlides(lost, hands) {
  if (lost.audio) return 'slides-mute';
  return lost.video && !hands ? 'slides-alone' : 'slides';
}

/**
 * The lamp, as a key of the page's sentences: « ANTENNE » only when picture and sound leave.
 * @param {{phase: Phase, state: string, line: import('./airline.js').LineState, lost: Lost}} at
 * @returns {'off' | 'pause' | 'cut' | 'joining' | 'on' | 'no-picture' | 'no-sound' | 'nothing'}
 */
export function lampLight(at) {
  if (at.phase !== 'onair') return 'off';
  if (at.state === 'paused') return 'pause';
  if (at.line === 'lost') return 'cut';
  if (at.line !== 'live' || at.state !== 'on-air') return 'joining';
  if (at.lost.video && at.lost.audio) return 'nothing';
  return at.lost.video ? 'no-picture' : at.lost.audio ? 'no-sound' : 'on';
}

/**
 * The same lamp beside the studio, from what the house says alone.
 * @param {any} room
 * @param {any} air
 * @returns {'off' | 'pause' | 'incident' | 'cut' | 'on'}
 */
export function phoneLight(room, air) {
  if (!room || (room.state !== 'on-air' && room.state !== 'paused')) return 'off';
  if (room.state === 'paused') return room.slate === 'incident' ? 'incident' : 'pause';
  return air && air.up && air.up.length ? 'on' : 'cut';
}

/**
 * Who follows. A site follows when anything of it is connected.
 * @param {any} presence  the entity
 * @param {any[]} theres  entities "there/…"
 * @returns {{sites: number, screens: number, homes: number}}
 */
export function followers(presence, theres) {
  const open = theres.filter((s) => (s.desks || 0) + (s.screens || 0) + (s.posts || 0) > 0);
  return {
    sites: open.length,
    screens: theres.reduce((sum, s) => sum + (s.screens || 0), 0),
    homes: (presence && presence.homes) || 0,
  };
}
