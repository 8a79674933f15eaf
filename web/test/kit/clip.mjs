// A moving clip for the fake camera, drawn here so that no film lives in the repository.
//
// Each frame carries its number in a bar code across the top, so that a test can tell two frames
// apart after encoding, and read how far a viewer is behind the studio. The rest looks enough
// like a person in front of a wall to give the encoder honest work.

import { open } from "node:fs/promises";

export const CLIP = { width: 640, height: 360, fps: 25, frames: 200 };

/** The bar code: a white and a black reference cell, then the bits, then their parity. */
export const BARCODE = { cells: 11, bits: 8, cellWidth: 40, cellHeight: 28 };

const WHITE = 235;
const BLACK = 16;

/**
 * Writes the clip as Y4M (4:2:0), the format Chromium reads for a fake camera.
 * @param {string} path
 * @param {{width:number,height:number,fps:number,frames:number}} [clip]
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

function newPicture({ width, height }) {
  const chroma = (width / 2) * (height / 2);
  return {
    width,
    height,
    y: Buffer.alloc(width * height),
    u: Buffer.alloc(chroma),
    v: Buffer.alloc(chroma),
    wall: drawWall(width, height),
  };
}

/** A wall with shelves: still, textured, so that a black or flat picture cannot be taken for it. */
function drawWall(width, height) {
  const wall = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const shelf = y % 90 < 6 ? -40 : 0;
      const grain = ((x * 7 + y * 13) % 11) - 5;
      wall[y * width + x] = 90 + Math.floor((x / width) * 60) + shelf + grain;
    }
  }
  return wall;
}

function draw(picture, n, clip) {
  picture.wall.copy(picture.y);
  picture.u.fill(118);
  picture.v.fill(134);
  const turn = (2 * Math.PI * n) / clip.frames;
  disc(picture, 320 + 60 * Math.sin(turn * 2), 170 + 10 * Math.sin(turn * 6), 70, 180, 105, 155);
  disc(picture, 320 + 60 * Math.sin(turn * 2), 320, 110, 70, 160, 100);
  disc(picture, 320 + 240 * Math.cos(turn * 4), 230 + 80 * Math.sin(turn * 4), 30, 210, 60, 200);
  bar(picture, Math.floor((n * 8) % clip.width), 300, 24, 50, 225);
  code(picture, n);
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

function bar(p, x, y, w, h, luma) {
  const to = Math.min(p.width, x + w);
  for (let row = y; row < Math.min(p.height, y + h); row++) p.y.fill(luma, row * p.width + x, row * p.width + to);
}

function code(p, n) {
  barcodeOf(n).forEach((white, i) => {
    for (let y = 0; y < BARCODE.cellHeight; y++) {
      const from = y * p.width + i * BARCODE.cellWidth;
      p.y.fill(white ? WHITE : BLACK, from, from + BARCODE.cellWidth);
    }
  });
}
