// How this page really receives, told from decoded frames and unlocked sound: never
// from what should be. No DOM: media elements come in as things that play.

/**
 * What Health needs to know of an element that plays sound.
 * @typedef {{ paused: boolean, muted: boolean, volume: number, currentTime?: number }} Player
 */

/**
 * @typedef {{
 *   picture: 'moving' | 'frozen' | 'none', frames: number, sound: 'on' | 'locked' | 'off', rms: number, opened: boolean, connected: boolean, freezes: number,
 * }} Report  freezes: times a face stood still and went on since the last report
 */

const FROZEN = 2000;
const SETTLED = 4000; // a picture that begins, or comes back from a pause, froze nobody

export class Health {
  constructor() {
    /** @private */
    this.frameAt = 0;
    /** @private */
    this.fed = '';
    /** @private */
    this.since = performance.now();
    /** @private @type {number[]} */
    this.paces = [];
    /** true once a gesture of the person is needed for sound */
    this.locked = false;
    /** true once somebody opened this page for picture and sound */
    this.opened = false;
    /** the last report */
    this.last = /** @type {Report} */ ({ picture: 'none', frames: 0, sound: 'off', rms: 0, opened: false, connected: false, freezes: 0 });
  }

  /**
   * @param {import('./whep.js').Sample} sample
   * @param {string[]} fed  picture lines that the class says are fed: "camera", "slides"…
   * @param {Player[]} players
   * @returns {Report}
   */
  look(sample, fed, players) {
    const frames = Math.max(0, ...Object.values(sample.frames));
    this.paces = this.paces.concat(frames).slice(-4);
    const mean = this.paces.reduce((sum, n) => sum + n, 0) / this.paces.length;
    const picture = this.picture(sample, fed);
    const settled = fed.length > 0 && performance.now() - this.since > SETTLED;
    this.last = {
      picture, frames: mean, freezes: settled ? sample.freezes : 0,
      sound: this.sound(players), rms: Math.max(0, ...Object.values(sample.rms)),
      opened: this.opened, connected: sample.connected,
    };
    return this.last;
  }

  /**
   * Frozen is when a picture should be there, and no frame came for two seconds.
   * Slides alone may stand still for long: they are frozen only when nothing at all arrives.
   * @private
   * @param {import('./whep.js').Sample} sample
   * @param {string[]} fed
   * @returns {'moving' | 'frozen' | 'none'}
   */
  picture(sample, fed) {
    const now = performance.now();
    const name = fed.slice().sort().join();
    if (name !== this.fed) {
      this.fed = name;
      this.since = now;
    }
    if (sample.decoded > 0) this.frameAt = now;
    if (!fed.length) return 'none';
    const still = fed.indexOf('camera') < 0 && fed.indexOf('guest-camera') < 0 && this.frameAt > 0 && sample.silent < FROZEN;
    if (still || now - this.frameAt < FROZEN) return 'moving';
    return this.frameAt || now - this.since > FROZEN ? 'frozen' : 'none';
  }

  /**
   * @private
   * @param {Player[]} players
   * @returns {'on' | 'locked' | 'off'}
   */
  sound(players) {
    if (this.locked) return 'locked';
    const heard = players.some((p) => !p.paused && !p.muted && p.volume > 0);
    return heard ? 'on' : 'off';
  }
}

/**
 * Plays an element and says whether its sound may be heard: true, or false when
 * the browser wants a gesture first.
 * @param {{ play: () => Promise<void> | undefined }} element
 * @returns {Promise<boolean>}
 */
export async function plays(element) {
  try {
    await element.play();
    return true;
  } catch (error) {
    // AbortError: a newer play() took over; it has its own answer.
    return !(error instanceof DOMException && error.name === 'NotAllowedError');
  }
}
