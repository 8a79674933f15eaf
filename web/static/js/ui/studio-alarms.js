// Warnings over the picture: what the mediator cannot notice while looking at the people. Drawn where they hide nothing that
// matters and move nothing; each is said once, and goes when its cause goes. One that only informs can be put away.

import { alarmsOf, changedDevices, listenersOf, Loneliness } from '../core/alarms.js';
import { memory } from '../core/link.js';
import { say } from '../core/words.js';
import { el, follow, make, write } from './page.js';

const NAMES = 'studio.device-names';

export class Alarms {
  /**
   * @param {import('../core/classroom.js').Classroom} classroom
   * @param {import('../core/feed.js').Feed} feed
   */
  constructor(classroom, feed) {
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.feed = feed;
    /** @private */
    this.loneliness = new Loneliness();
    /** @private @type {import('../core/alarms.js').Names} what the devices are called now */
    this.names = { camera: '', microphone: '' };
    /** @private @type {('camera' | 'microphone')[]} */
    this.changed = [];
    feed.on('change', () => this.compare());
  }

  /** Devices have names of their own: another one than last time is said. @private */
  compare() {
    const before = this.before();
    const now = { camera: nameOf(this.feed.video), microphone: nameOf(this.feed.audio) };
    for (const kind of changedDevices(before, now)) if (this.changed.indexOf(kind) < 0) this.changed.push(kind);
    this.changed = this.changed.filter((kind) => now[kind] !== before[kind]);
    this.names = { camera: now.camera || before.camera, microphone: now.microphone || before.microphone };
    if (this.changed.length === 0) this.remember();
  }

  /** @private @returns {import('../core/alarms.js').Names} */
  before() {
    try {
      const kept = JSON.parse(memory('device', NAMES) || '{}');
      return { camera: String(kept.camera || ''), microphone: String(kept.microphone || '') };
    } catch (error) {
      return { camera: '', microphone: '' };
    }
  }

  /** The devices of now are the usual ones: seen, or chosen by the person. */
  remember() {
    this.changed = [];
    memory('device', NAMES, JSON.stringify(this.names));
  }

  /**
   * @param {{ onair: boolean, hearing: import('../core/levels.js').Hearing, black: boolean }} at
   */
  render(at) {
    const listeners = listenersOf(this.classroom.get('presence'), this.classroom.all('there/'));
    const alone = this.loneliness.judge(at.onair, this.classroom.up ? listeners : 1, performance.now());
    const stopped = { video: isStopped(this.feed.video), audio: isStopped(this.feed.audio) };
    const found = alarmsOf({ ...at, open: this.feed.open, stopped, changed: this.changed, alone });
    follow(el('alarms'), found, (key) => key, (key) => this.alarm(key), (element, key) => this.update(element, key));
  }

  /** @private @param {string} key */
  alarm(key) {
    const parts = [make('span')];
    if (key.startsWith('changed-')) {
      const button = make('button.small', { type: 'button' }, [say('studio.alarm.seen')]);
      button.addEventListener('click', () => { this.remember(); if (button.parentElement) button.parentElement.remove(); });
      parts.push(button);
    }
    return make('li.notice.warn', null, parts);
  }

  /** @private @param {HTMLElement} element @param {string} key */
  update(element, key) {
    const kind = key.slice('changed-'.length);
    const name = kind === 'camera' || kind === 'microphone' ? this.names[kind] : '';
    write(/** @type {Element} */ (element.firstElementChild), say('studio.alarm.' + key, { name }));
  }
}

/** What the browser calls the device behind a track; '' for the test card. @param {MediaStreamTrack | null} track */
function nameOf(track) {
  return track && track.getSettings && track.getSettings().deviceId ? track.label : '';
}

/** The device is there and gives nothing: its own switch, a call that took it. @param {MediaStreamTrack | null} track */
function isStopped(track) {
  return Boolean(track && track.readyState === 'live' && track.muted);
}
