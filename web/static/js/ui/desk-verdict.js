// The big sentence of « Ma salle ».

import { roomVerdict } from '../core/roomstate.js';
import { say, when } from '../core/words.js';
import { el, show, write } from './page.js';

export class VerdictCard {
  constructor() {
    /** @private the house refused this page */
    this.final = false;
  }

  /** @param {import('../core/roomstate.js').Seen} seen */
  render(seen) {
    if (this.final) return;
    const v = roomVerdict(seen);
    el('verdict').dataset.tone = v.tone;
    write(el('verdict-say'), say('desk.verdict.' + v.key));
    const todo = v.todo ? say('desk.todo.' + v.todo) : v.key === 'ready' ? say('state.say.scheduled', { when: when(seen.room.at) }) : '';
    write(el('verdict-todo'), todo);
    show(el('verdict-todo'), todo !== '');
    const some = v.ill > 0 && v.screens > 1;
    write(el('verdict-some'), some ? say(v.ill > 1 ? 'desk.some-many' : 'desk.some', { ill: v.ill, n: v.screens }) : '');
    show(el('verdict-some'), some);
  }

  /** @param {string} text */
  refuse(text) {
    this.final = true;
    el('verdict').dataset.tone = 'act';
    write(el('verdict-say'), say('desk.refusal'));
    write(el('verdict-todo'), text);
    show(el('verdict-todo'), true);
    show(el('verdict-some'), false);
  }
}
