import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Time } from './dom.mjs';

const time = new Time().install();
const { AirLine } = await import('../../static/js/core/airline.js');
const { Emitter } = await import('../../static/js/core/emitter.js');

/** A publisher that is live as soon as it starts, and counts how often that was. */
class Line extends Emitter {
  constructor() {
    super();
    this.stopped = true;
    this.live = false;
    this.started = 0;
    this.packets = 0;
  }

  start() {
    this.stopped = false;
    this.live = true;
    this.started += 1;
    this.emit('live', {});
  }

  stop() {
    this.stopped = true;
    this.live = false;
  }

  /** The house closes the line: it ended, or another device took it. */
  close() {
    this.live = false;
    this.emit('lost');
  }

  async stats() {
    return new Map([['t', { type: 'transport', packetsReceived: ++this.packets }]]);
  }
}

let house;
let line;
let air;
let mine;

beforeEach(() => {
  if (air) air.stop();
  house = Object.assign(new Emitter(), { up: true, downAt: 0 });
  line = new Line();
  mine = true;
  air = new AirLine(line, house, () => mine);
  air.start({}, {});
});

function cut() {
  house.up = false;
  house.downAt = time.now;
  house.emit('down');
}

test('a lost line comes back by itself while the house leaves it the air', async () => {
  line.close();
  await time.pass(2000);
  assert.equal(line.started, 2);
  assert.equal(air.state, 'live');
});

test('a line that was taken over comes back by a tap alone', async () => {
  mine = false;
  line.close();
  await time.pass(60000);
  assert.equal(line.started, 1);
  mine = true; // « Reprendre l'antenne ici »
  air.start({}, {});
  assert.equal(line.started, 2);
});

test('without the class it publishes once by itself, and then leaves the air to whoever took it', async () => {
  await time.pass(1000);
  cut();
  await time.pass(1000);
  line.close();
  await time.pass(20000);
  assert.equal(line.started, 2, 'the class does not come back: once alone');
  line.close();
  await time.pass(120000);
  assert.equal(line.started, 2, 'lost again: another device may have it');
  house.up = true;
  house.downAt = 0;
  house.emit('up', { restarted: false });
  await time.pass(1000);
  assert.equal(line.started, 3, 'the class is back and leaves it the air');
});

test('a line that never opens says so, keeps trying, and stops when the person asks', async () => {
  air.stop();
  line.start = function start() { // the door answers, no packet passes
    this.stopped = false;
    this.started += 1;
  };
  line.started = 0;
  const told = [];
  air.on('state', () => told.push(air.stuck));
  air.start({}, {});
  await time.pass(7000);
  assert.equal(air.stuck, false);
  line.close(); // ICE has failed
  await time.pass(3000);
  assert.equal(air.stuck, true);
  assert.equal(told[told.length - 1], true, 'whoever listens has been told');
  assert.ok(line.started > 1, 'and it goes on trying');
  air.stop(); // « Arrêter d'essayer »
  assert.equal(air.stuck, false);
  assert.equal(air.state, 'off');
  const tries = line.started;
  await time.pass(60000);
  assert.equal(line.started, tries);
});

test('a line that opens late is no longer said to be shut', async () => {
  air.stop();
  const start = line.start;
  line.start = function blocked() { this.stopped = false; };
  air.start({}, {});
  await time.pass(9000);
  assert.equal(air.stuck, true);
  line.start = start;
  line.close();
  await time.pass(2000);
  assert.equal(air.state, 'live');
  assert.equal(air.stuck, false);
});

test('a short cut of a live line is not yet a network that lets nothing through', async () => {
  await time.pass(1000);
  mine = false;
  line.close();
  await time.pass(10000);
  assert.equal(air.state, 'lost');
  assert.equal(air.stuck, false);
});

test('without the class it is not said that this network lets no media through', async () => {
  await time.pass(1000);
  cut();
  line.start = function blocked() { this.stopped = false; };
  line.close();
  await time.pass(60000);
  assert.equal(air.state, 'lost');
  assert.equal(air.stuck, false);
  house.up = true;
  house.downAt = 0;
  house.emit('up', { restarted: false });
  await time.pass(15000);
  assert.equal(air.stuck, false, 'counted from when the house can be reached again');
  await time.pass(6000);
  assert.equal(air.stuck, true);
});

test('a house that says « later » is no network that lets nothing through', async () => {
  air.stop();
  line.start = function refused() { this.stopped = false; this.delayed = { code: 'sources-full', text: 'Trop de caméras.', until: 0 }; this.emit('delayed', this.delayed); };
  const told = [];
  air.on('state', () => told.push(air.delayed && air.delayed.text));
  air.start({}, {});
  assert.ok(told.includes('Trop de caméras.'));
  await time.pass(30000);
  assert.equal(air.stuck, false);
  line.delayed = null;
  await time.pass(9000);
  assert.equal(air.stuck, true);
});
