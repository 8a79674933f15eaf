// A line too slow for a moving picture gets a still one now and then, and the sound goes on. That is told from
// what arrives: sound without a hole, and of a face nothing but keyframes. Slides stand still by nature and say nothing
// here, nor does a pause, nor a camera that stopped while the line is well: that is another trouble, with other words.

const PATIENCE = 3000; // without a frame that builds on another
const ASKED = 1500; // … for who asked for a cheap picture, which may be a still one
const UNPROVEN = 10000; // such a one is believed this long without having come
const SOUND = 1500; // a voice that rests sends something every 400 ms
const MEMORY = 30000; // how long a still, or a loss, explains what follows
const LOSS = 3; // packets missing within MEMORY: the line has had trouble

/** Lines that show faces, and the slots that feed them. @type {[string, string][]} */
const FACES = [['camera', 'camera'], ['guestCamera', 'guest-camera']];

export class Slowness {
  constructor() {
    /** the picture is updated now and then, for want of a better line */
    this.slow = false;
    /** @private */
    this.fed = '';
    /** @private since when the same faces are fed */
    this.since = 0;
    /** @private */
    this.movedAt = 0;
    /** @private */
    this.soundAt = -Infinity;
    /** @private */
    this.stillAt = -Infinity;
    /** @private @type {{ at: number, lost: number }[]} */
    this.losses = [];
  }

  /**
   * @param {import('./whep.js').Sample} sample
   * @param {string[]} fed  slots that are fed and wanted; none in a pause
   * @param {number} now    ms
   * @param {boolean} [cheap]  the cheapest picture was asked for
   * @returns {boolean} slow
   */
  look(sample, fed, now, cheap = false) {
    this.note(sample, fed, now);
    const faces = FACES.filter(([, slot]) => fed.indexOf(slot) >= 0);
    if (!faces.length || this.movedAt === now) this.slow = false;
    else this.slow = now - this.soundAt < SOUND && this.explained(now, cheap);
    return this.slow;
  }

  /**
   * @private
   * @param {import('./whep.js').Sample} sample
   * @param {string[]} fed
   * @param {number} now
   */
  note(sample, fed, now) {
    const name = fed.slice().sort().join();
    if (name !== this.fed || !sample.connected) {
      this.fed = name;
      this.since = now;
      this.stillAt = -Infinity;
    }
    if ((sample.packets.voice || 0) + (sample.packets.guestVoice || 0) > 0) this.soundAt = now;
    for (const [line] of FACES) {
      if (sample.moves[line] > 0) this.movedAt = now;
      else if (sample.keys[line] > 0) this.stillAt = now;
    }
    this.losses = this.losses.filter((l) => now - l.at < MEMORY);
    if (sample.lost > 0) this.losses.push({ at: now, lost: sample.lost });
  }

  /**
   * Whether a face without moving frames is one that is only updated now and then.
   * @private
   * @param {number} now
   * @param {boolean} cheap
   */
  explained(now, cheap) {
    const without = now - Math.max(this.since, this.movedAt);
    const besideSlides = this.fed.indexOf('slides') >= 0; // which are paid first: the face may rest for long
    if (cheap && without >= ASKED && (besideSlides || without < UNPROVEN)) return true;
    if (without < PATIENCE) return this.slow;
    const still = now - this.stillAt < MEMORY && this.stillAt > this.movedAt;
    return still || this.losses.reduce((sum, l) => sum + l.lost, 0) >= LOSS;
  }
}
