// What of a guest reaches the studio: one WHEP session, opened when somebody has accepted and left when the floor is empty.
// Of its five lines the house feeds only the guest's two; only those are given to the page.
//
//   tracks   { voice, camera }: tracks, or null
//   refused  { text }

import { Emitter } from './emitter.js';

/** @typedef {{ voice: MediaStreamTrack | null, camera: MediaStreamTrack | null }} GuestTracks */

const SEATED = ['accepted', 'backstage', 'on-air'];

export class Backstage extends Emitter {
  /**
   * @param {import('./whep.js').Viewer} viewer  of the studio's own link
   * @param {import('./classroom.js').Classroom} classroom
   */
  constructor(viewer, classroom) {
    super();
    /** @private */
    this.viewer = viewer;
    /** @private */
    this.classroom = classroom;
    viewer.on('streams', (tracks) => this.emit('tracks', { voice: tracks.guestVoice, camera: tracks.guestCamera }));
    viewer.on('session', (session) => classroom.media({ session, width: 640, height: 360, picture: 'auto' }));
    viewer.on('refused', (refusal) => this.emit('refused', refusal));
    classroom.on('up', ({ restarted }) => viewer.classBack(restarted));
    classroom.on('down', () => { if (classroom.known) viewer.classLost(); });
  }

  /** @param {any} floor  null for nobody */
  follow(floor) {
    const seated = Boolean(floor) && SEATED.indexOf(floor.stage) >= 0;
    if (!seated) return this.viewer.stop();
    this.viewer.expect(Boolean(floor.connected));
    return this.viewer.start();
  }

  /** Nothing of a guest reaches this page any more, whatever the house still says. */
  close() {
    this.viewer.stop();
  }
}
