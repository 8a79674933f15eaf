// The floor on the wall: « passe bientôt à l'antenne », « est à l'antenne », and « À VOUS » over all of it while somebody of this
// room speaks. Another place on air is named under its picture.

import { phaseOf } from '../core/floor.js';
import { talks } from '../core/roomsound.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';

export class FloorSigns {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('./stage.js').Stage} stage
   */
  constructor(classroom, stage) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.stage = stage;
    /** @private the grant that this screen has seen on air */
    this.aired = '';
  }

  /** @private */
  standing() {
    const get = (/** @type {string} */ key) => this.classroom.get(key);
    return phaseOf(get('floor'), null, get('you'), get('shut'));
  }

  /** @returns {any} the floor entity of who is on air in another place, null for nobody */
  guest() {
    const { phase, ours, floor } = this.standing();
    return phase === 'on-air' && !ours ? floor : null;
  }

  paint() {
    const { phase, ours, floor } = this.standing();
    if (ours && phase === 'on-air') this.aired = floor.grant;
    const sign = ours && floor ? signOf(phase, this.stage.loud.why, floor.grant === this.aired) : '';
    const band = el('floor-band');
    band.classList.toggle('onair', phase === 'on-air');
    show(band, sign !== '');
    write(band, sign ? say('screen.floor.' + sign) : '');
    this.paintYou(ours && phase === 'on-air' ? floor : null);
  }

  /** @private @param {any} floor  ours, on air */
  paintYou(floor) {
    const talk = this.classroom.get('talk');
    const on = talks(floor, talk) && this.classroom.up && this.stage.state() === 'on-air';
    show(el('you'), on);
    if (on) el('you-level').style.transform = 'scaleY(' + Math.max(0, Math.min(100, talk.level || 0)) / 100 + ')';
  }
}

/**
 * @param {string} phase
 * @param {string} why  the loudspeakers are silent
 * @param {boolean} aired  it has been on air: back backstage it is promised nothing
 * @returns {'' | 'soon' | 'on-air' | 'lost'}
 */
export function signOf(phase, why, aired) {
  if (why === 'lost') return 'lost'; // a room that hears nothing is told why
  if (phase === 'accepted' || phase === 'backstage') return aired ? '' : 'soon';
  return phase === 'on-air' ? 'on-air' : '';
}
