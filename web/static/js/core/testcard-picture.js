// The picture of the test card, drawn from a time and nothing else, so that the worker and the
// fallback on the page show the same thing, frame by frame.

/** Size of the card in pixels and its rate in frames a second. */
export const CARD = { width: 1280, height: 720, rate: 25 };

const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const INK = '#14213d';
const PAPER = '#fdf6e3';
const BARS = ['#e8e4da', '#e3b23c', '#4aa3a2', '#5b8e4a', '#a25b86', '#b5533c', '#3f5f9e', '#2b2b2b'];

/**
 * @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Pen
 * @typedef {{title: string, name: string, now: Date}} Card  now is the wall clock shown in the picture
 */

/**
 * Draws one whole frame.
 * @param {Pen} pen
 * @param {Card} card
 */
export function drawCard(pen, card) {
  const ms = card.now.getTime();
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, CARD.width, CARD.height);
  drawBars(pen, ms);
  drawWords(pen, card);
  drawClock(pen, card.now);
  drawSweep(pen, ms);
}

/** Eight colours that walk to the left: one width in two seconds. @param {Pen} pen @param {number} ms */
function drawBars(pen, ms) {
  const width = CARD.width / BARS.length;
  const shift = ((ms % 16000) / 16000) * CARD.width;
  for (let i = 0; i < BARS.length; i++) {
    pen.fillStyle = /** @type {string} */ (BARS[i]);
    const x = (i * width - shift + CARD.width) % CARD.width;
    pen.fillRect(x, 0, width + 1, 150);
    if (x + width > CARD.width) pen.fillRect(x - CARD.width, 0, width + 1, 150);
  }
}

/** @param {Pen} pen @param {Card} card */
function drawWords(pen, card) {
  pen.fillStyle = INK;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.font = '600 40px ' + FONT;
  pen.fillText(card.name, CARD.width / 2, 208, CARD.width - 120);
  fitText(pen, card.title, 84, CARD.width - 120);
  pen.fillText(card.title, CARD.width / 2, 296, CARD.width - 120);
}

/** Picks the largest bold size that fits. @param {Pen} pen @param {string} text @param {number} size @param {number} room */
function fitText(pen, text, size, room) {
  do {
    pen.font = '700 ' + size + 'px ' + FONT;
    size -= 6;
  } while (size > 40 && pen.measureText(text).width > room);
}

/** Hours to tenths, each glyph in its own cell so that the digits do not dance. @param {Pen} pen @param {Date} now */
function drawClock(pen, now) {
  const text = clockText(now);
  const cell = 96;
  const left = CARD.width / 2 - (cell * (text.length - 1)) / 2;
  pen.fillStyle = INK;
  pen.font = '700 150px ' + FONT;
  for (let i = 0; i < text.length; i++) {
    pen.fillText(text.charAt(i), left + i * cell, 455);
  }
}

/** @param {Date} now @returns {string} "14:05:09,3" */
export function clockText(now) {
  /** @param {number} n */
  const two = (n) => (n < 10 ? '0' : '') + n;
  const tenths = Math.floor(now.getMilliseconds() / 100);
  return two(now.getHours()) + ':' + two(now.getMinutes()) + ':' + two(now.getSeconds()) + ',' + tenths;
}

/** A block that crosses in two seconds over a ruler of twenty marks: judder and freezes show at a glance. @param {Pen} pen @param {number} ms */
function drawSweep(pen, ms) {
  const left = 60;
  const span = CARD.width - 120;
  pen.fillStyle = '#d9cfb8';
  pen.fillRect(left, 590, span, 80);
  pen.fillStyle = INK;
  for (let i = 0; i <= 20; i++) {
    pen.fillRect(left + (span * i) / 20 - 1, i % 5 === 0 ? 560 : 572, 3, i % 5 === 0 ? 30 : 18);
  }
  const phase = (ms % 4000) / 2000;
  const way = phase < 1 ? phase : 2 - phase;
  pen.fillRect(left + way * (span - 90), 590, 90, 80);
}
