// The room's weather: five big buttons that stay pressed until something else is said, who has seen it, and
// « toujours ? » when it was said a while ago.

import { oldOf, seenOf } from '../core/pace.js';
import { say } from '../core/words.js';
import { announce } from './news.js';
import { el, show, write } from './page.js';

export class PaceButtons {
  /** @param {import('../core/classroom.js').Classroom} classroom @param {import('./news.js').News} news */
  constructor(classroom, news) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.news = news;
    /** @private what a finger has just pressed, until the house answers @type {Record<string, string>} */
    this.asked = {};
    /** @private when somebody said that the trouble is still there, ms by the house's clock */
    this.confirmedAt = 0;
    /** @private */
    this.said = '';
    for (const button of buttons('pace')) button.addEventListener('click', () => this.pace(button.dataset.pace || ''));
    for (const button of buttons('trouble')) button.addEventListener('click', () => this.trouble(button));
    el('pace-still-yes').addEventListener('click', () => this.still());
    el('pace-still-no').addEventListener('click', () => this.better());
  }

  /** @private @returns {any} the site entity of this page, or an empty one */
  site() {
    const you = this.classroom.get('you');
    return (you && this.classroom.get('site/' + you.site)) || {};
  }

  /** @private @param {string} pace */
  pace(pace) {
    this.send('set-pace', 'pace', pace);
  }

  /** A second tap takes it back. @private @param {HTMLElement} button */
  trouble(button) {
    const trouble = button.getAttribute('aria-pressed') === 'true' ? 'none' : button.dataset.trouble || 'none';
    this.confirmedAt = 0;
    this.send('set-trouble', 'trouble', trouble);
  }

  /** Pressed at once; what the house says takes over. @private @param {string} name @param {string} field @param {string} value */
  send(name, field, value) {
    this.asked[field] = value;
    this.render();
    const done = () => { if (this.asked[field] === value) delete this.asked[field]; this.render(); };
    this.classroom.do({ name, [field]: value }).then(done, (error) => { done(); this.news.refusal(error); });
  }

  /** Still so. @private */
  still() {
    if (this.old() === 'pace') return this.pace(this.site().pace);
    this.confirmedAt = this.classroom.now();
    return this.render();
  }

  /** Not any more. @private */
  better() {
    if (this.old() === 'trouble') this.send('set-trouble', 'trouble', 'none');
    else this.pace('following');
  }

  /** @private @returns {'pace' | 'trouble' | ''} what was said so long ago that it is asked again */
  old() {
    return oldOf(this.site(), this.classroom.now(), this.confirmedAt);
  }

  render() {
    const site = this.site();
    const pace = this.asked.pace || site.pace || '';
    const trouble = this.asked.trouble || site.trouble || 'none';
    for (const button of buttons('pace')) press(button, button.dataset.pace === pace, 'pace' in this.asked);
    for (const button of buttons('trouble')) press(button, button.dataset.trouble === trouble, 'trouble' in this.asked);
    this.tell(this.words(site));
    write(el('trouble-said'), 'trouble' in this.asked || trouble === 'none' ? '' : say('desk.trouble.sent'));
    this.renderStill(site);
  }

  /** @private @param {any} site @returns {string} */
  words(site) {
    const seen = 'pace' in this.asked ? '' : seenOf(site);
    if (seen === '' || seen === 'sent') return seen && say('desk.pace.sent');
    return say(seen === 'moderator' ? 'desk.pace.seen.moderator' : 'desk.pace.seen.mediator');
  }

  /** Read aloud once, when it changes. @private @param {string} text */
  tell(text) {
    if (text === this.said) return;
    this.said = text;
    announce(el('pace-said'), text);
  }

  /** @private @param {any} site */
  renderStill(site) {
    const old = this.old();
    show(el('pace-still'), old !== '');
    if (!old) return;
    const words = old === 'pace' ? say('desk.pace.' + site.pace) : say('desk.trouble.' + site.trouble);
    write(el('pace-still-ask'), say('desk.still', { words }));
    el('pace-still-yes').dataset.act = old === 'pace' ? 'set-pace' : '';
    const better = /** @type {HTMLElement} */ (el('pace-still-no').lastChild);
    const word = old === 'pace' ? say('desk.pace.following') : say('desk.still.mended');
    if (better.textContent !== word) better.textContent = word;
  }
}

/** @param {string} kind @returns {HTMLElement[]} */
function buttons(kind) {
  return /** @type {HTMLElement[]} */ (Array.from(el('pace').querySelectorAll('[data-' + kind + ']')));
}

/** @param {HTMLElement} button @param {boolean} pressed @param {boolean} waits */
function press(button, pressed, waits) {
  if (button.getAttribute('aria-pressed') !== String(pressed)) button.setAttribute('aria-pressed', String(pressed));
  button.classList.toggle('waits', waits && pressed);
}
