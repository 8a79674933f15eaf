// Sound made by the page itself. Safari 14 knows AudioContext under its old name.

/** @returns {AudioContext | null} null where there is none */
export function audioContext() {
  const w = /** @type {any} */ (window);
  const Context = w.AudioContext || w.webkitAudioContext;
  return Context ? new Context() : null;
}

// A bell is a struck body: partials that are not harmonics, each dying at its own pace.
const PARTIALS = [
  { ratio: 0.5, level: 0.25, seconds: 2.6 },
  { ratio: 1, level: 0.5, seconds: 2.2 },
  { ratio: 1.19, level: 0.22, seconds: 1.6 },
  { ratio: 2, level: 0.3, seconds: 1.1 },
  { ratio: 2.74, level: 0.16, seconds: 0.7 },
  { ratio: 4.07, level: 0.08, seconds: 0.4 },
];

/**
 * Rings a bell: proof that the loudspeakers work. Call it in a gesture.
 * @param {AudioContext} context
 * @param {number} [loudness] 0..1
 */
export function bell(context, loudness = 0.5) {
  const strike = context.currentTime + 0.02;
  const out = context.createGain();
  out.gain.value = loudness;
  out.connect(context.destination);
  for (const { ratio, level, seconds } of PARTIALS) {
    const tone = context.createOscillator();
    const fade = context.createGain();
    tone.frequency.value = 523 * ratio;
    fade.gain.setValueAtTime(0, strike);
    fade.gain.linearRampToValueAtTime(level, strike + 0.008);
    fade.gain.exponentialRampToValueAtTime(0.0005, strike + seconds);
    tone.connect(fade);
    fade.connect(out);
    tone.start(strike);
    tone.stop(strike + seconds);
  }
}
