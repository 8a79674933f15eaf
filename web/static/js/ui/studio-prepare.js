// Before air: « 3 secondes pour m'écouter » and the big button.

import { say } from '../core/words.js';
import { el, show, write } from './page.js';

const SECONDS = 3;

/** Safari 14 has none: the try is not offered there. @type {typeof MediaRecorder | undefined} */
const Recorder = /** @type {any} */ (window)['MediaRecorder'];

export class Preparation {
  /**
   * @param {import('./studio-stage.js').Stage} stage
   * @param {import('../core/feed.js').Feed} feed
   * @param {() => void} go
   */
  constructor(stage, feed, go) {
    /** @private */
    this.stage = stage;
    /** @private */
    this.feed = feed;
    /** @private */
    this.listening = false;
    el('go').addEventListener('click', go);
    el('listen').addEventListener('click', () => this.listen());
  }

  /** @param {import('../core/airline.js').LineState} line */
  render(line) {
    const { video, audio } = this.feed.lost;
    const ready = this.feed.open && !video && !audio && !this.stage.busy;
    const joining = line === 'joining';
    const button = /** @type {HTMLButtonElement} */ (el('go'));
    button.disabled = !ready || joining;
    write(button, say(joining ? 'studio.go.joining' : 'studio.go'));
    write(el('go-hint'), say(ready ? 'studio.go.ready' : 'studio.go.hint'));
    /** @type {HTMLButtonElement} */ (el('listen')).disabled = !ready || this.listening || !Recorder;
    el('step-picture').classList.toggle('done', ready);
    el('step-sound').classList.toggle('done', ready && el('meter').dataset.hearing === 'heard');
    show(el('listen'), Boolean(Recorder));
  }

  /** Records, then replays: never both at once, so that no loudspeaker can howl. @private */
  async listen() {
    const track = this.feed.audio;
    if (!track || this.listening) return;
    this.listening = true;
    this.render('off');
    try {
      const blob = await this.record(track);
      write(el('listen-word'), say('studio.listen.play'));
      await replay(blob);
      write(el('listen-word'), say('studio.listen.done'));
    } catch (error) {
      write(el('listen-word'), say('studio.listen.failed'));
    }
    this.listening = false;
    this.render('off');
  }

  /** @private @param {MediaStreamTrack} track @returns {Promise<Blob>} */
  record(track) {
    return new Promise((resolve, reject) => {
      if (!Recorder) return reject(new Error('no recorder'));
      const recorder = new Recorder(new MediaStream([track]));
      /** @type {Blob[]} */
      const parts = [];
      recorder.ondataavailable = (event) => parts.push(event.data);
      recorder.onerror = () => reject(new Error('recorder'));
      recorder.onstop = () => resolve(new Blob(parts, { type: recorder.mimeType }));
      recorder.start();
      return this.countDown(SECONDS, () => recorder.stop());
    });
  }

  /** @private @param {number} left @param {() => void} done */
  countDown(left, done) {
    if (left === 0) return done();
    write(el('listen-word'), say('studio.listen.speak', { n: left }));
    setTimeout(() => this.countDown(left - 1, done), 1000);
    return undefined;
  }
}

/** @param {Blob} blob @returns {Promise<void>} when it has been heard */
async function replay(blob) {
  const url = URL.createObjectURL(blob);
  const audio = new Audio(url);
  try {
    await audio.play();
    await new Promise((resolve) => {
      audio.onended = resolve;
      audio.onerror = resolve;
      setTimeout(resolve, (SECONDS + 3) * 1000);
    });
  } finally {
    audio.pause();
    URL.revokeObjectURL(url);
  }
}
