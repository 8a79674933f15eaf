// Reads aloud with the browser's own voices, and only with those that live on this machine: others send what they read to
// somebody. No voice, no reading: the page then offers none.
//
//   able      there is a voice for this language (true), or none any more
//   reading   it reads (true), or has stopped

import { Emitter } from './emitter.js';

/** @typedef {{ lang: string, localService: boolean, default?: boolean }} Voice */

/**
 * @template {Voice} T
 * @param {T[]} voices
 * @param {string} lang  'fr'
 * @returns {T | null} the machine's own choice for the language where there is one
 */
export function localVoice(voices, lang) {
  const own = voices.filter((v) => v.localService && v.lang.toLowerCase().split(/[-_]/)[0] === lang);
  return own.filter((v) => v.default)[0] || own[0] || null;
}

export class Reader extends Emitter {
  /**
   * @param {string} lang
   * @param {any} [browser]  its window
   */
  constructor(lang, browser = window) {
    super();
    /** @private */
    this.lang = lang;
    /** @private @type {any} */
    this.synth = browser.speechSynthesis || null;
    /** @private */
    this.Utterance = browser.SpeechSynthesisUtterance;
    /** @private @type {any} */
    this.voice = null;
    this.reading = false;
    /** @private the newest reading; what an older one says of itself is nothing any more */
    this.turn = 0;
    if (!this.synth || !this.Utterance) return;
    this.choose();
    const changed = () => this.choose();
    if (this.synth.addEventListener) this.synth.addEventListener('voiceschanged', changed);
    else this.synth.onvoiceschanged = changed;
  }

  get able() {
    return this.voice !== null;
  }

  /** Voices come late in some browsers. @private */
  choose() {
    const was = this.able;
    this.voice = localVoice(Array.from(this.synth.getVoices() || []), this.lang);
    if (was !== this.able) this.emit('able', this.able);
  }

  /** @param {string} text */
  read(text) {
    if (!this.voice || !text) return;
    this.stop();
    const turn = ++this.turn;
    const utterance = new this.Utterance(text);
    utterance.voice = this.voice;
    utterance.lang = this.voice.lang;
    utterance.rate = 0.9; // for who learns the language
    utterance.onend = () => this.ended(turn);
    utterance.onerror = () => this.ended(turn);
    this.tell(true);
    this.synth.speak(utterance);
  }

  stop() {
    this.turn += 1;
    if (this.synth) this.synth.cancel();
    this.tell(false);
  }

  /** @private @param {number} turn */
  ended(turn) {
    if (turn === this.turn) this.tell(false);
  }

  /** @private @param {boolean} reading */
  tell(reading) {
    if (reading === this.reading) return;
    this.reading = reading;
    this.emit('reading', reading);
  }
}
