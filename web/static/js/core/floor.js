// The floor, seen from one page: where a guest stands, whether it is about this page's own room or home, and what a person
// may press here. Pure: it reads the entities of the class and decides nothing that the house does not decide again.

import { knows } from './words.js';

/**
 * @typedef {'none' | 'requested' | 'invited' | 'accepted' | 'backstage' | 'on-air' | 'ended'} Phase
 *   none: nobody, and nothing asked for by this page; requested: this page's own request waits; invited: not answered yet;
 *   accepted: the guest is on the way; backstage: the studio alone hears; on-air: every room does; ended: it just ended (see why)
 *
 * @typedef {'request-floor' | 'cancel-request' | 'accept' | 'refuse-invite' | 'invite' | 'cancel-invite' | 'put-on-air' |
 *   'put-backstage' | 'cut' | 'guest-camera'} FloorAct  commands, by their names; accept alone goes to POST /floor/{room}
 *
 * @typedef {Object} Standing
 * @property {Phase} phase
 * @property {boolean} ours    it is this page's own room or home that is invited, or on air
 * @property {string} grant    '' where the page is not told which
 * @property {string} why      after an end, one of the house's reasons
 * @property {string} by       after an end, whose side did it: 'mediator', 'moderator', 'site', 'guest', 'house'; '' where that is not told
 * @property {any} floor       the floor entity, null when there is none or it was cut
 * @property {any} request     this page's own request that waits, null for none
 * @property {FloorAct[]} acts what this page may offer now
 */

/** @type {Phase[]} phases in which somebody holds the invitation, and no other may be invited */
const BUSY = ['invited', 'accepted', 'backstage', 'on-air'];

/** @type {Phase[]} phases in which a guest's session may stand */
const SEATED = ['accepted', 'backstage', 'on-air'];

const PRODUCERS = ['mediator', 'moderator'];

/**
 * Where the floor stands for a page.
 * @param {any} floor    entity "floor"
 * @param {any} request  this page's own entity "request/…" (see ownRequest)
 * @param {any} you      entity "you"
 * @param {any} [shut]   entity "shut": the gates are closed for that grant, whatever the log could say so far
 * @param {any} [ended]  entity "floor-ended"
 * @returns {Standing}
 */
export function phaseOf(floor, request, you, shut, ended) {
  const stands = floor && !isShut(floor, shut) ? floor : null;
  const ours = isOurs(floor, you) || Boolean(ended && !stands && endsOurs(you));
  const phase = phaseFrom(stands, floor, request, shut, ended);
  const said = stands || floor || ended || {};
  const { why, by } = phase === 'ended' ? endOf(shut, ended) : { why: '', by: '' };
  return {
    phase,
    ours,
    grant: String(said.grant || ''),
    why,
    by,
    floor: stands,
    request: request || null,
    acts: actsOf(phase, stands, request, you, ours),
  };
}

/**
 * The same, read from the class's store.
 * @param {{ get: (key: string) => any, all: (prefix: string) => any[] }} classroom
 * @returns {Standing}
 */
export function floorOf(classroom) {
  const you = classroom.get('you');
  const request = ownRequest(classroom.all('request/'), you);
  return phaseOf(classroom.get('floor'), request, you, classroom.get('shut'), classroom.get('floor-ended'));
}

/**
 * The request of this page's own room, or of this home.
 * @param {any[]} requests  entities "request/…"
 * @param {any} you
 * @returns {any} null for none
 */
export function ownRequest(requests, you) {
  const role = (you && you.role) || '';
  const own = (/** @type {any} */ r) => r.mine || (role === 'animator' && r.from === 'site' && r.site === you.site);
  return requests.filter(own)[0] || null;
}

/**
 * Whether the guest is of this page's own room or home.
 * @param {any} floor @param {any} you
 * @returns {boolean}
 */
export function isOurs(floor, you) {
  if (!floor || !you) return false;
  switch (you.role) {
    case 'guest':
      return Boolean(floor.grant) && floor.grant === you.link;
    case 'animator':
    case 'screen':
    case 'post':
      return floor.from === 'site' && Boolean(floor.site) && floor.site === you.site;
    case 'viewer':
      return floor.from === 'home' && Boolean(floor.grant); // the house names the grant to nobody else at home
    default:
      return false;
  }
}

/**
 * Whether the gates were closed for this floor before the log could say so. Pages that are not told which grant is on air
 * take it for theirs: a cut that shows a moment too long is better than one that shows too late.
 * @param {any} floor @param {any} shut
 * @returns {boolean}
 */
function isShut(floor, shut) {
  return Boolean(floor && shut && (!floor.grant || !shut.grant || floor.grant === shut.grant));
}

/** @param {any} you @returns {boolean} the house tells an end to the producers, and to who was invited */
function endsOurs(you) {
  return Boolean(you) && ['guest', 'animator', 'viewer', 'screen', 'post'].indexOf(you.role) >= 0;
}

/**
 * @param {any} stands @param {any} floor @param {any} request @param {any} shut @param {any} ended
 * @returns {Phase}
 */
function phaseFrom(stands, floor, request, shut, ended) {
  if (stands) return BUSY.indexOf(stands.stage) >= 0 ? stands.stage : 'none';
  if (request) return 'requested';
  return ended || isShut(floor, shut) ? 'ended' : 'none';
}

/** By the log, else by the gates. @param {any} shut @param {any} ended @returns {{ why: string, by: string }} */
function endOf(shut, ended) {
  const end = ended || { why: shut.why || 'cut', by: shut.by };
  return { why: String(end.why || ''), by: String(end.by || '') };
}

/**
 * The words for an end: those that say who did it, where there are some.
 * @param {string} prefix  of the page's words
 * @param {{ why: string, by?: string }} end
 * @returns {string} a key
 */
export function endWord(prefix, { why, by }) {
  const told = prefix + why + '.' + by;
  return by && knows(told) ? told : prefix + why;
}

/** The ends that a page tells: each once, and none that it found when it came. */
export class Ends {
  constructor() {
    /** @private null before the first look @type {string | null} */
    this.told = null;
  }

  /**
   * @param {{ get: (key: string) => any, known: boolean }} classroom
   * @returns {any} the entity of an end that is news; null for none
   */
  news(classroom) {
    if (!classroom.known) return null;
    const ended = classroom.get('floor-ended');
    const key = ended ? ended.grant + ended.why : '';
    const fresh = this.told !== null && key !== this.told;
    this.told = key;
    return fresh && ended ? ended : null;
  }
}

/**
 * @param {Phase} phase @param {any} floor @param {any} request @param {any} you @param {boolean} ours
 * @returns {FloorAct[]}
 */
function actsOf(phase, floor, request, you, ours) {
  const role = (you && you.role) || '';
  if (PRODUCERS.indexOf(role) >= 0) return producerActs(phase, floor);
  if (role === 'phone') return SEATED.indexOf(phase) >= 0 ? ['cut'] : [];
  if (role === 'guest') return guestActs(phase, ours);
  if (role === 'animator' || role === 'viewer') return askerActs(phase, request, ours);
  return [];
}

/** @param {Phase} phase @param {any} floor @returns {FloorAct[]} */
function producerActs(phase, floor) {
  switch (phase) {
    case 'invited':
      return ['cancel-invite'];
    case 'accepted':
      return ['cut'];
    case 'backstage':
      return floor.connected ? ['put-on-air', 'cut'] : ['cut'];
    case 'on-air':
      return ['put-backstage', 'cut'];
    default:
      return ['invite'];
  }
}

/** @param {Phase} phase @param {boolean} ours @returns {FloorAct[]} */
function guestActs(phase, ours) {
  if (!ours || SEATED.indexOf(phase) < 0) return [];
  return phase === 'accepted' ? ['cut'] : ['cut', 'guest-camera'];
}

/** @param {Phase} phase @param {any} request @param {boolean} ours @returns {FloorAct[]} */
function askerActs(phase, request, ours) {
  if (ours && phase === 'invited') return ['accept', 'refuse-invite'];
  if (ours && SEATED.indexOf(phase) >= 0) return ['cut'];
  return [request ? 'cancel-request' : 'request-floor'];
}

/**
 * This page's own guest has the floor, and no microphone of theirs is there: its page was left, or its line is cut.
 * @param {Standing} s
 * @returns {boolean}
 */
export function withoutMicrophone(s) {
  return s.ours && (s.phase === 'backstage' || s.phase === 'on-air') && Boolean(s.floor) && !s.floor.connected;
}
