// A voice-like sound for the fake microphone: pulses of a larynx through three formants, in
// syllables and sentences with pauses. The same at each run. A plain tone would not do: the
// browser's noise suppression takes a steady tone away, and leaves a voice.

import { writeFile } from "node:fs/promises";

const RATE = 48000;
const SECONDS = 12;

/** Formants of five vowels, in hertz. */
const VOWELS = [
  [730, 1090, 2440],
  [530, 1840, 2480],
  [270, 2290, 3010],
  [570, 840, 2410],
  [300, 870, 2240],
];

/** @param {string} path where the WAV (48 kHz, mono, 16 bits) goes */
export async function writeVoice(path) {
  await writeFile(path, wav(speak(RATE * SECONDS)));
}

/** A small deterministic generator of numbers in [0, 1). */
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function speak(length) {
  const roll = dice(20);
  const sound = new Float32Array(length);
  let at = 0;
  while (at < length) {
    const syllables = 5 + Math.floor(roll() * 7);
    for (let i = 0; i < syllables && at < length; i++) at = syllable(sound, at, roll, 1 - i / (2 * syllables));
    at += Math.floor(RATE * (0.3 + 0.4 * roll()));
  }
  return level(sound, 0.6);
}

/** Writes one syllable and returns where the next may start. */
function syllable(sound, at, roll, energy) {
  const length = Math.floor(RATE * (0.13 + 0.12 * roll()));
  const vowel = VOWELS[Math.floor(roll() * VOWELS.length)];
  const formants = vowel.map((hz, i) => resonator(hz, 60 + 40 * i));
  const pitch = 105 + 45 * roll();
  let phase = 0;
  for (let i = 0; i < length && at + i < sound.length; i++) {
    const t = i / length;
    phase += (pitch * (1 + 0.1 * Math.sin(Math.PI * t))) / RATE;
    const pulse = phase >= 1 ? 1 : 0;
    if (pulse) phase -= 1;
    const breath = (roll() - 0.5) * (t < 0.2 ? 0.08 : 0.01);
    const heard = formants.reduce((sum, f, k) => sum + f(pulse + breath) / (k + 1), 0);
    sound[at + i] += heard * energy * Math.sin(Math.PI * t) ** 0.5;
  }
  return at + length + Math.floor(RATE * 0.02);
}

/** A two-pole resonance. */
function resonator(hz, width) {
  const r = Math.exp((-Math.PI * width) / RATE);
  const a1 = 2 * r * Math.cos((2 * Math.PI * hz) / RATE);
  const a2 = -r * r;
  let y1 = 0;
  let y2 = 0;
  return (x) => {
    const y = (1 - r) * x + a1 * y1 + a2 * y2;
    y2 = y1;
    y1 = y;
    return y;
  };
}

function level(sound, peak) {
  const top = sound.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return sound.map((v) => (v / top) * peak);
}

function wav(sound) {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + sound.length * 2, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(sound.length * 2, 40);
  const body = Buffer.alloc(sound.length * 2);
  sound.forEach((v, i) => body.writeInt16LE(Math.round(v * 32767), i * 2));
  return Buffer.concat([head, body]);
}
