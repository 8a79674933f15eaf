import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const sheet = readFileSync(new URL('../../static/css/screen.css', import.meta.url), 'utf8');

/** Sizes of letters in hundredths of the wall's height, by selector. */
function sizes() {
  const wall = sheet.slice(sheet.indexOf('.wall {'));
  return [...wall.matchAll(/([^{}]+)\{([^{}]*)\}/g)].flatMap(([, selector, body]) => {
    const size = /font-size: calc\(([\d.]+) \* var\(--u\)\)/.exec(body);
    return size ? [[selector.trim(), Number(size[1])]] : [];
  });
}

test('what is written on the wall can be read from eight metres', () => {
  const found = sizes();
  assert.ok(found.length > 10, String(found.length));
  for (const [selector, size] of found) {
    const least = selector.includes('.asked-text') ? (selector.includes('least') ? 4.5 : selector.includes('longest') ? 5 : 6) : /\.countdown|\.exercise-left/.test(selector) ? 10 : selector === '.caption' ? 5 : 4.5;
    assert.ok(size >= least, `${selector}: ${size}, less than ${least}`);
  }
});

test('the wall has no letters of another measure', () => {
  const wall = sheet.slice(sheet.indexOf('.wall {'));
  const other = [...wall.matchAll(/font-size: ([^;}]+)/g)].map((m) => m[1]).filter((value) => !value.startsWith('calc(') && value !== 'inherit');
  assert.deepEqual(other, []);
});
