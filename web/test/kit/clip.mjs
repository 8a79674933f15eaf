// A moving clip for the fake camera, drawn here so that no film lives in the repository.
//
// Each frame carries its number in a bar code across the top, so that a test can tell two frames
// apart after encoding, and read how far a viewer is behind the studio. The rest looks enough
// like a person in front of a wall to give the encoder honest work.

import { open } from "node:fs/promises";

export const CLIP = { width: 640, height: 360, fps: 25, frames: 200, barcode: true };

/** The bar code: a white and a black reference cell, then the bits, then their parity. */
export const BARCODE = { cells: 11, bits: 8, cellWidth: 40, cellHeight: 28 };

const WHITE = 235;
const BLACK = 16;

/**
 * Writes the clip as Y4M (4:2:0), the format Chromium reads for a fake camera.
 * @param {string} path
 * @param {{width:number,height:number,fps:number,frames:number,barcode:boolean}} [clip] without bar code for pictures of the guides
 */
export async function writeClip(path, clip = CLIP) {
  const file = await open(path, "w");
  try {
    await file.write(`YUV4MPEG2 W${clip.width} H${clip.height} F${clip.fps}:1 Ip A1:1 C420jpeg\n`);
    const picture = newPicture(clip);
    const head = Buffer.from("FRAME\n");
    for (let n = 0; n < clip.frames; n++) {
      draw(picture, n, clip);
      await file.writev([head, picture.y, picture.u, picture.v]);
    }
  } finally {
    await file.close();
  }
}

/** The number of the frame as the cells of its bar code, true for white. */
export function barcodeOf(n) {
  const bits = [];
  for (let i = 0; i < BARCODE.bits; i++) bits.push(((n >> i) & 1) === 1);
  const parity = bits.filter(Boolean).length % 2 === 1;
  return [true, false, ...bits, parity];
}

/** Colours as luminance and the two differences. */
const SKIN = [180, 105, 155];
const HAIR = [55, 122, 138];
const SHIRT = [95, 150, 105];
const APRON = [220, 122, 130];
const BOWL = [205, 118, 136];
const WOOD = [125, 110, 145];
const STEEL = [200, 128, 128];
const EGG = [215, 90, 150];
const DARK = [40, 128, 128];

function newPicture({ width, height }) {
  const chroma = (width / 2) * (height / 2);
  const blank = { width, height, y: Buffer.alloc(width * height), u: Buffer.alloc(chroma, 118), v: Buffer.alloc(chroma, 134) };
  const kitchen = { ...blank };
  drawKitchen(kitchen);
  return { width, height, y: Buffer.from(kitchen.y), u: Buffer.from(kitchen.u), v: Buffer.from(kitchen.v), kitchen };
}

/** What stands still: a wall with grain, a window, shelves with jars. */
function drawKitchen(p) {
  for (let y = 0; y < p.height; y++) {
    for (let x = 0; x < p.width; x++) p.y[y * p.width + x] = 112 + Math.floor((x / p.width) * 45) + ((x * 7 + y * 13) % 9) - 4;
  }
  box(p, 40, 50, 130, 150, [225, 125, 122]);
  box(p, 100, 50, 8, 150, APRON);
  box(p, 40, 120, 130, 8, APRON);
  for (const y of [90, 170]) {
    box(p, 470, y, 160, 8, WOOD);
    for (let i = 0; i < 5; i++) box(p, 482 + i * 30, y - 30 - (i % 3) * 6, 20, 30 + (i % 3) * 6, [[150, 90, 170], [170, 150, 110], [120, 100, 120]][i % 3]);
  }
}

/** What moves: somebody who beats eggs and speaks. */
function draw(picture, n, clip) {
  for (const plane of ["y", "u", "v"]) picture.kitchen[plane].copy(picture[plane]);
  const turn = (2 * Math.PI * n) / clip.frames;
  const x = 320 + 36 * Math.sin(turn * 2);
  const y = 150 + 8 * Math.sin(turn * 6);
  disc(picture, x, y + 175, 105, ...SHIRT);
  box(picture, x - 50, y + 85, 100, 200, APRON);
  disc(picture, x, y - 14, 66, ...HAIR);
  disc(picture, x, y, 56, ...SKIN);
  for (const side of [-20, 20]) disc(picture, x + side, y - 8, n % 60 < 4 ? 2 : 6, ...DARK);
  disc(picture, x, y + 26, 7 + 6 * Math.abs(Math.sin(turn * 14)), 90, 115, 165);
  box(picture, 0, 318, clip.width, 42, WOOD);
  beat(picture, turn * 24);
  if (clip.barcode) code(picture, n);
}

/** A bowl, the eggs in it, the whisk that turns, and the arm that holds it. */
function beat(picture, angle) {
  const [wx, wy] = [215 + 34 * Math.cos(angle), 276 + 6 * Math.sin(angle)];
  disc(picture, 215, 282, 68, ...BOWL);
  disc(picture, 215, 276, 50, ...EGG);
  for (let i = 0; i < 20; i++) disc(picture, wx + i * 3.4, wy - i * 2.2, 4, ...STEEL);
  for (let i = 0; i < 12; i++) disc(picture, wx + 76 + i * 6, wy - 44 + i * 5, 18, ...SHIRT);
  disc(picture, wx + 68, wy - 46, 17, ...SKIN);
}

function box(p, x, y, w, h, [luma, u, v]) {
  const [left, right] = [Math.max(0, Math.round(x)), Math.min(p.width, Math.round(x + w))];
  for (let row = Math.max(0, Math.round(y)); row < Math.min(p.height, y + h); row++) {
    p.y.fill(luma, row * p.width + left, row * p.width + right);
    const from = (row >> 1) * (p.width / 2);
    p.u.fill(u, from + (left >> 1), from + (right >> 1));
    p.v.fill(v, from + (left >> 1), from + (right >> 1));
  }
}

function disc(p, cx, cy, r, luma, u, v) {
  for (let y = Math.max(0, Math.floor(cy - r)); y < Math.min(p.height, cy + r); y++) {
    const half = Math.sqrt(Math.max(0, r * r - (y - cy) * (y - cy)));
    const from = Math.max(0, Math.floor(cx - half));
    const to = Math.min(p.width, Math.ceil(cx + half));
    if (from >= to) continue;
    p.y.fill(luma, y * p.width + from, y * p.width + to);
    const row = (y >> 1) * (p.width / 2);
    p.u.fill(u, row + (from >> 1), row + (to >> 1));
    p.v.fill(v, row + (from >> 1), row + (to >> 1));
  }
}

function code(p, n) {
  barcodeOf(n).forEach((white, i) => {
    for (let y = 0; y < BARCODE.cellHeight; y++) {
      const from = y * p.width + i * BARCODE.cellWidth;
      p.y.fill(white ? WHITE : BLACK, from, from + BARCODE.cellWidth);
    }
  });
}
