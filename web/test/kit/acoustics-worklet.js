// The rig's work on samples, at 48 kHz. Every page has an audio clock of its own; what ties them together is the machine's clock:
// a quantum is never rendered before its time, so the smallest difference seen between the two is the true one.

const RATE = 48000;
const HOP = 480; // 10 ms
const WINDOW = 960; // 20 ms: bins of 50 Hz
const MEMORY = 100; // hops in which the smallest difference of the clocks is looked for

class Clock {
  constructor() {
    this.offsets = [];
    this.offset = Infinity;
  }

  /** ms since 1970 of the first sample of this quantum */
  now() {
    return currentTime * 1000 + this.offset;
  }

  look() {
    this.offsets.push(Date.now() - currentTime * 1000);
    if (this.offsets.length > MEMORY) this.offsets.shift();
    this.offset = Math.min(...this.offsets);
  }
}

/** Hann window and the two numbers of Goertzel's recurrence for each band. */
const SHAPE = Float32Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW));

function amplitude(ring, end, hz) {
  const k = 2 * Math.cos((2 * Math.PI * hz) / RATE);
  let a = 0;
  let b = 0;
  for (let i = 0; i < WINDOW; i++) {
    const x = ring[(end + i) % WINDOW] * SHAPE[i];
    const c = x + k * a - b;
    b = a;
    a = c;
  }
  return (4 / WINDOW) * Math.sqrt(Math.max(0, a * a + b * b - k * a * b)); // of a sine: its amplitude
}

/** Levels of some bands of each input, every 10 ms. */
class Ear extends AudioWorkletProcessor {
  constructor({ numberOfInputs, processorOptions }) {
    super();
    this.bands = processorOptions.bands;
    this.rings = Array.from({ length: numberOfInputs || 1 }, () => new Float32Array(WINDOW));
    this.at = 0;
    this.clock = new Clock();
    this.out = [];
    this.gaps = 0;
    this.frame = currentFrame;
  }

  process(inputs) {
    this.clock.look();
    if (currentFrame - this.frame > 128) this.gaps += 1;
    this.frame = currentFrame;
    inputs.forEach((input, n) => {
      const samples = input[0];
      for (let i = 0; i < 128; i++) this.rings[n][(this.at + i) % WINDOW] = samples ? samples[i] : 0;
    });
    const before = Math.floor(this.at / HOP);
    this.at += 128;
    if (Math.floor(this.at / HOP) !== before) this.hop();
    return true;
  }

  /** The level belongs to the middle of its window. */
  hop() {
    const levels = this.rings.map((ring) => this.bands.map((hz) => amplitude(ring, this.at % WINDOW, hz)));
    this.out.push([this.clock.now() + 128 / 48 - WINDOW / 96, levels]);
    if (this.out.length < 10) return;
    this.port.postMessage({ levels: this.out, gaps: this.gaps, offset: this.clock.offset });
    this.out = [];
  }
}

/** What a loudspeaker plays, in blocks of 10 ms with the moment of their first sample. */
class Loudspeaker extends AudioWorkletProcessor {
  constructor() {
    super();
    this.clock = new Clock();
    this.block = new Float32Array(HOP);
    this.filled = 0;
    this.at = 0;
  }

  process([input]) {
    this.clock.look();
    const samples = input[0];
    for (let i = 0; i < 128; i++) {
      if (this.filled === 0) this.at = this.clock.now() + i / 48;
      this.block[this.filled++] = samples ? samples[i] : 0;
      if (this.filled === HOP) this.send();
    }
    return true;
  }

  send() {
    this.port.postMessage({ at: this.at, samples: this.block.slice() });
    this.filled = 0;
  }
}

const SPAN = RATE * 4; // of air that is kept

/** The air between a loudspeaker and a microphone: what was played comes out again `delay` ms later, by the machine's clock. */
class Air extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.delay = processorOptions.delay;
    this.clock = new Clock();
    this.ring = new Float32Array(SPAN);
    this.write = -1; // number of the next sample, counted from 1970
    this.read = -1;
    this.late = 0;
    this.jumps = 0;
    this.played = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take({ at, samples }) {
    const number = Math.round(at * 48);
    if (Math.abs(number - this.write) > 20 * 48) this.write = number; // else clocks only tremble
    for (const sample of samples) this.ring[this.write++ % SPAN] = sample;
  }

  process(inputs, [[out]]) {
    this.clock.look();
    const due = Math.round((this.clock.now() - this.delay) * 48);
    if (Math.abs(due - this.read) > 20 * 48) {
      if (this.read >= 0) this.jumps += 1;
      this.read = due;
    }
    for (let i = 0; i < 128; i++) out[i] = this.next();
    this.played += 1;
    if (this.played % 375 === 0) this.port.postMessage({ late: this.late, jumps: this.jumps });
    return true;
  }

  next() {
    const number = this.read++;
    if (number >= this.write) {
      if (this.write >= 0) this.late += 1;
      return 0;
    }
    const sample = this.ring[number % SPAN];
    this.ring[number % SPAN] = 0; // the air keeps nothing
    return sample;
  }
}

registerProcessor("ear", Ear);
registerProcessor("loudspeaker", Loudspeaker);
registerProcessor("air", Air);
