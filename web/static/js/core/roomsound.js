// How loud the studio may be in a room, and why not louder. Pure: entities of the class in, a decision out.
//
// The strictest rule first. While somebody of a site holds the button to speak its loudspeakers are at nothing, or their sound
// would go back to the studio by that microphone: in the wings as on air. When the class is lost while a microphone may be open
// nobody can tell any more whether somebody speaks: still nothing, until the class says so. A home that is invited hears the class
// in the page of the guest, not twice. During an exercise the studio is a murmur, unless the mediator speaks over it.

import { runs } from './exercise.js';
import { phaseOf } from './floor.js';

/** The stages in which the guest's microphone may be open. */
const OPENABLE = ['backstage', 'on-air'];

/** The part of its sound that a room keeps during an exercise. */
export const MURMUR = 0.25;

/**
 * @typedef {Object} Heard  what a page knows
 * @property {any} [you]
 * @property {any} [floor]
 * @property {any} [talk]      {grant, on, level}
 * @property {any} [shut]      {grant}: cut at the gates, whatever floor says
 * @property {any} [exercise]
 * @property {boolean} classUp
 * @property {boolean} settled  who speaks has been told since the class is up
 *
 * @typedef {Object} Loud
 * @property {number} share    0..1 of what the person chose
 * @property {'' | 'talking' | 'lost' | 'elsewhere' | 'exercise'} why  not whole
 * @property {boolean} guest   the guest's slots may be played here
 */

/**
 * @param {Heard} heard
 * @returns {Loud}
 */
export function loudnessOf(heard) {
  const { floor, ours, phase } = phaseOf(heard.floor, null, heard.you, heard.shut);
  const guest = !(ours && floor);
  const why = guest ? '' : reasonOf(phase, talks(floor, heard.talk), heard);
  if (why) return { share: 0, why, guest };
  const exercise = heard.exercise;
  if (runs(exercise) && !exercise.speaking) return { share: MURMUR, why: 'exercise', guest };
  return { share: 1, why: '', guest };
}

/**
 * Why a place that has the floor must be silent.
 * @param {string} phase
 * @param {boolean} talking
 * @param {Heard} heard
 * @returns {'' | 'talking' | 'lost' | 'elsewhere'}
 */
function reasonOf(phase, talking, heard) {
  if (talking) return 'talking';
  if (heard.you.role === 'viewer') return phase === 'invited' ? '' : 'elsewhere';
  return OPENABLE.indexOf(phase) >= 0 && !(heard.classUp && heard.settled) ? 'lost' : '';
}

/**
 * @param {any} floor
 * @param {any} talk
 * @returns {boolean} somebody of the guest's place holds the button
 */
export function talks(floor, talk) {
  return Boolean(floor && talk && talk.on && talk.grant === floor.grant);
}
