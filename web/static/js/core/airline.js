// Keeps the mediator on air: publishes, notices that the house hears nothing any more, publishes again, and
// never takes the air back from another device by itself.
//
//   state   'off' | 'joining' | 'live' | 'lost'   lost: it was live and is coming back
//   refused { status, code, text }                the door said no for good
//
// What it looks at: the publisher's own verdict (transport closed or failed), and the packets that come back
// from the house (receiver reports each second, answers to connectivity checks). States of the connection
// alone are 7 to 17 s late. A short cut of the network heals by itself, so silence counts only once the class
// connection is back, which proves that the house can be reached.

import { Emitter } from './emitter.js';

const LOOK = 250;
const FORGOTTEN = 1300; // silent this long when the class comes back: the house has restarted
const DEAF = 6000; // silent this long although the class is there
const SHOWN = 2500; // silent this long: say so
const SHOWN_ALONE = 1700; // the same while the class is cut as well
const HEARSAY = 400; // after a loss, time for the class to say that another device took the air
const STUCK = 8000; // pressed and not on air this long: the network probably lets no media through
const STUCK_LOST = 20000; // the same after it was live, when most cuts have healed
const ALONE = 8000; // the class does not come back this long: publish without asking it, once

// Once, because a line that was lost again may have been taken over by another device, and nobody is there to say so: two
// devices that both come back by themselves would take the air from each other for ever.

/** @typedef {'off' | 'joining' | 'live' | 'lost'} LineState */

export class AirLine extends Emitter {
  /**
   * @param {import('./whip.js').Publisher} publisher
   * @param {import('./classroom.js').Classroom} classroom
   * @param {() => boolean} mine  whether the house, as last heard, leaves the air to this device
   */
  constructor(publisher, classroom, mine) {
    super();
    /** @private */
    this.publisher = publisher;
    /** @private */
    this.classroom = classroom;
    /** @private */
    this.mine = mine;
    /** @private @type {{audio: MediaStreamTrack | null, video: MediaStreamTrack | null}} */
    this.tracks = { audio: null, video: null };
    /** @type {LineState} */
    this.state = 'off';
    this.wanted = false;
    /** true when the line has not opened for so long that the person must be told what to try */
    this.stuck = false;
    /** @private when the line was last well, or first asked for, or the class was last away */
    this.wellAt = 0;
    /** @private */
    this.timer = 0;
    /** @private */
    this.received = -1;
    /** @private */
    this.heardAt = 0;
    /** @private */
    this.parkedAt = -Infinity;
    /** @private the cut of the class (its downAt) during which this line already published alone */
    this.aloneIn = 0;
    /** @private the class came back and nothing has been heard from the media since */
    this.doubtful = false;
    publisher.on('live', () => this.wentLive());
    publisher.on('lost', () => setTimeout(() => this.park())); // after the publisher's own retry is set: ours replaces it
    publisher.on('refused', (refusal) => this.wasRefused(refusal));
    publisher.on('delayed', () => this.emit('state', this.state));
    classroom.on('up', ({ restarted }) => this.classBack(restarted));
    classroom.on('down', () => { if (!publisher.live) this.park(); });
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.restart(); });
  }

  /** The person's tap. @param {MediaStreamTrack | null} audio @param {MediaStreamTrack | null} video */
  start(audio, video) {
    this.tracks = { audio, video };
    this.aloneIn = 0;
    this.wanted = true;
    this.wellAt = performance.now();
    if (!this.timer) this.timer = window.setInterval(() => this.look(), LOOK);
    this.restart();
  }

  stop() {
    this.wanted = false;
    clearInterval(this.timer);
    this.timer = 0;
    this.publisher.stop();
    this.stuck = false;
    this.become('off');
  }

  /** @param {MediaStreamTrack} track  takes the place of the one of its kind */
  replace(track) {
    this.tracks[track.kind === 'audio' ? 'audio' : 'video'] = track;
    if (this.wanted && !this.publisher.stopped) this.publisher.replace(track).catch(() => this.restart());
  }

  /** A picture on a line that stood silent for it, or none any more. @param {MediaStreamTrack | null} video */
  show(video) {
    this.tracks.video = video;
    if (this.wanted && !this.publisher.stopped) this.publisher.show(video).catch(() => this.restart());
  }

  /** Publishes afresh, when allowed. */
  restart() {
    if (!this.wanted) return;
    this.publisher.stop();
    this.doubtful = false;
    this.received = -1;
    if (!this.allowed()) return this.become(this.state === 'live' ? 'lost' : this.state);
    if (!this.classroom.up) this.aloneIn = this.classroom.downAt;
    this.heardAt = performance.now();
    this.become(this.state === 'live' || this.state === 'lost' ? 'lost' : 'joining');
    this.publisher.start(this.tracks.audio, this.tracks.video);
  }

  /** @private @returns {boolean} */
  allowed() {
    if (this.classroom.up) return this.mine();
    const { downAt } = this.classroom;
    const alone = downAt > 0 && downAt !== this.aloneIn && performance.now() - downAt > ALONE;
    return alone && this.mine();
  }

  /** @private */
  wentLive() {
    this.heardAt = performance.now();
    this.become('live');
  }

  /** The publisher stands still until look() finds that it may go. @private */
  park() {
    if (!this.wanted) return;
    this.publisher.stop();
    this.parkedAt = performance.now();
    if (this.state === 'live') this.become('lost');
  }

  /** @private @param {any} refusal */
  wasRefused(refusal) {
    this.stop();
    this.emit('refused', refusal);
  }

  /** @private @param {boolean} restarted  the server is a new one: it has forgotten our session */
  classBack(restarted) {
    this.doubtful = true;
    if (this.wanted && (restarted || this.publisher.stopped)) this.restart();
  }

  /** @private */
  async look() {
    if (!this.wanted) return;
    this.notice();
    if (this.publisher.stopped) {
      if (this.allowed() && performance.now() - this.parkedAt > HEARSAY) this.restart();
      return;
    }
    if (!this.publisher.live) return;
    await this.listen();
    this.judge(performance.now() - this.heardAt);
  }

  /** @private */
  async listen() {
    const stats = await this.publisher.stats().catch(() => null);
    if (!stats) return;
    let received = 0;
    stats.forEach((report) => {
      if (report.type === 'transport') received += report.packetsReceived || 0;
      if (report.type === 'candidate-pair') received += report.responsesReceived || 0;
      if (report.type === 'remote-inbound-rtp') received += report.roundTripTimeMeasurements || 0;
    });
    if (received === this.received) return;
    this.received = received;
    const before = this.proven;
    this.heardAt = performance.now();
    if (this.proven !== before) this.emit('state', this.state);
    if (this.classroom.up) this.doubtful = false;
  }

  /** @returns {boolean} the house has answered our media since the class was cut: it is there, and we are on air */
  get proven() {
    return this.state === 'live' && this.heardAt > this.classroom.downAt + 300;
  }

  /** @private @param {number} silent  ms */
  judge(silent) {
    if (!this.wanted || !this.publisher.live) return;
    if (this.classroom.up && silent > (this.doubtful ? FORGOTTEN : DEAF)) return this.restart();
    if (!this.classroom.up && silent > DEAF && this.allowed()) return this.restart();
    this.become(silent > (this.classroom.up ? SHOWN : SHOWN_ALONE) ? 'lost' : 'live');
  }

  /** Says once that the line stays shut, and once that it is open; trying never stops by itself. @private */
  notice() {
    const now = performance.now();
    const answered = !this.classroom.up || Boolean(this.delayed); // without the class the network itself is away; a door that says « later » was reached
    if (this.state === 'live' || answered) this.wellAt = now;
    const stuck = now - this.wellAt > (this.state === 'lost' ? STUCK_LOST : STUCK);
    if (stuck === this.stuck) return;
    this.stuck = stuck;
    this.emit('state', this.state);
  }

  /** Why the house takes us later, in its own words; null when it does not say so. */
  get delayed() {
    return this.publisher.delayed;
  }

  /** @private @param {LineState} state */
  become(state) {
    if (state === this.state) return;
    this.state = state;
    this.emit('state', state);
  }
}
