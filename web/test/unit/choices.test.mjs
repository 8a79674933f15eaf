// A list of 220 rooms: a dozen first, any other by what is typed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Time } from './dom.mjs';
import { install } from './sheet.mjs';

new Time().install();
install({});
const { FIRST_CHOICES, fits } = await import('../../static/js/ui/choices.js');
const rooms = Array.from({ length: 220 }, (_, i) => `Centre social ${i + 1}, Vieux-Condé`);
const kept = (typed) => rooms.filter((name, i) => fits(i, name, typed));

test('before anything is typed the first ones; then what holds it, wherever it stands', () => {
  assert.deepEqual(kept('  '), rooms.slice(0, FIRST_CHOICES));
  assert.deepEqual(kept('social 217'), [rooms[216]]);
  assert.deepEqual(kept('lens'), []);
});
