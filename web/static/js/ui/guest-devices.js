// The guest's microphone and camera together: where one goes, and what the other does then. The button that closes the camera is
// among those of an open microphone: no picture outlives it, nor the eyes on this page.

export class GuestDevices {
  /**
   * @param {import('./guest-microphone.js').Microphone} microphone
   * @param {import('./guest-camera.js').GuestCamera} camera
   * @param {import('../core/airline.js').AirLine} line
   */
  constructor(microphone, camera, line) {
    /** @private */
    this.microphone = microphone;
    /** @private */
    this.camera = camera;
    /** @private */
    this.line = line;
  }

  /** The microphone is there: a line that stands takes it in the place of the one before. */
  opened() {
    const { sent } = this.microphone;
    if (this.line.wanted && sent) this.line.replace(sent);
    else this.line.start(sent, null);
  }

  /** The microphone went away, and with it the page's buttons. */
  lost() {
    this.camera.close();
  }

  /** Nobody looks at this page. @returns {boolean} the camera was open, and asks for its gesture again */
  unseen() {
    return this.camera.close();
  }

  /** The page goes away: no light stays on, and the house hears of it while it can. @returns {boolean} as of unseen() */
  leave() {
    const was = this.camera.close();
    this.microphone.close();
    return was;
  }
}
