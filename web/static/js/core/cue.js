// What the phone's camera films, as the studio sees it before the rooms do: the house sends it on the line of a guest's picture, to the
// studio alone, while no guest shows one. A session of its own, silent and cheap, open while a phone is paired.
//
//   track   the picture's track, or null
//   change  it began to arrive, or stopped

import { Emitter } from './emitter.js';

const LOOKS = 2; // in a row with packets, before it counts: what the line carried a moment ago was perhaps a guest's
const PATIENCE = 4; // looks without a packet, half a second each, before it has stopped

export class Cue extends Emitter {
  /**
   * @param {import('./whep.js').Viewer} viewer  of the studio's own link
   * @param {import('./classroom.js').Classroom} classroom
   */
  constructor(viewer, classroom) {
    super();
    /** @private */
    this.viewer = viewer;
    /** the picture is there, and it is the phone's */
    this.arriving = false;
    /** @private a guest's picture has the line */
    this.taken = false;
    /** @private looks in a row: with packets above 0, without below */
    this.run = 0;
    viewer.want('low', true);
    viewer.on('streams', (tracks) => this.emit('track', tracks.guestCamera));
    viewer.on('sample', (sample) => this.look((sample.packets.guestCamera || 0) > 0));
    viewer.on('refused', () => this.become(false)); // it is a help, not the séance: the phone shows its own picture
    classroom.on('up', ({ restarted }) => viewer.classBack(restarted));
    classroom.on('down', () => { if (classroom.known) viewer.classLost(); });
  }

  /**
   * @param {boolean} wanted  the studio is on air, and a phone is there
   * @param {boolean} taken   a guest shows a picture
   */
  follow(wanted, taken) {
    if (taken !== this.taken) this.run = 0;
    this.taken = taken;
    if (taken) this.become(false);
    if (wanted) return this.viewer.start();
    this.viewer.stop();
    this.run = 0;
    return this.become(false);
  }

  /** @private @param {boolean} packets */
  look(packets) {
    this.run = packets ? Math.max(0, this.run) + 1 : Math.min(0, this.run) - 1;
    if (!this.taken && this.run >= LOOKS) this.become(true);
    if (this.run <= -PATIENCE) this.become(false);
  }

  /** @private @param {boolean} arriving */
  become(arriving) {
    if (arriving === this.arriving) return;
    this.arriving = arriving;
    this.emit('change');
  }
}
