// The head of the studio: the ANTENNE lamp (the only red thing), since when, and who follows.

import { followers, lampLight } from '../core/onair.js';
import { say } from '../core/words.js';
import { el, show, write } from './page.js';
import { span } from './span.js';

export class Lamp {
  /** @param {import('../core/classroom.js').Classroom} classroom */
  constructor(classroom) {
    /** @private */
    this.classroom = classroom;
  }

  /** @param {import('../core/onair.js').Phase} at @param {import('../core/airline.js').LineState} line @param {import('../core/onair.js').Lost} lost */
  render(at, line, lost) {
    const room = this.classroom.get('room');
    const light = lampLight({ phase: room ? at : 'arriving', state: (room && room.state) || '', line, lost });
    write(el('lamp-word'), say('studio.lamp.' + light));
    el('lamp').dataset.light = light;
    write(el('followers'), this.count());
    this.tick();
  }

  /** @private */
  count() {
    const presence = this.classroom.get('presence');
    if (!presence) return '';
    const f = followers(presence, this.classroom.all('there/'));
    if (!f.sites && !f.homes) return say('studio.followers.none');
    const parts = [say('studio.followers.sites', { n: f.sites }), say('studio.followers.screens', { n: f.screens })];
    if (f.homes) parts.push(say('studio.followers.homes', { n: f.homes }));
    return parts.join(' · ');
  }

  /** Once a second. */
  tick() {
    const room = this.classroom.get('room');
    const shown = Boolean(room && room.startedAt && (room.state === 'on-air' || room.state === 'paused'));
    show(el('duration'), shown);
    if (shown) write(el('duration'), span(this.classroom.now() - Date.parse(room.startedAt)));
  }
}
