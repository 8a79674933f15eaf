// Just enough PNG: read what the browser's screenshots are, write them smaller (a palette of up
// to 256 colours) for the guides.

import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/**
 * Reads an 8-bit RGB or RGBA picture without interlace.
 * @param {Buffer} file
 * @returns {{width:number,height:number,rgb:Uint8Array}}
 */
export function readPNG(file) {
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new Error("not a PNG");
  const data = [];
  let head = null;
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const kind = file.toString("latin1", at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR") head = body;
    if (kind === "IDAT") data.push(body);
    at += 12 + length;
  }
  const width = head.readUInt32BE(0);
  const height = head.readUInt32BE(4);
  const channels = { 2: 3, 6: 4 }[head[9]];
  if (head[8] !== 8 || !channels || head[12] !== 0) throw new Error("a kind of PNG this reader does not know");
  return { width, height, rgb: unfilter(inflateSync(Buffer.concat(data)), width, height, channels) };
}

function unfilter(raw, width, height, channels) {
  const stride = width * channels;
  const lines = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i >= channels ? lines[y * stride + i - channels] : 0;
      const up = y > 0 ? lines[(y - 1) * stride + i] : 0;
      const corner = y > 0 && i >= channels ? lines[(y - 1) * stride + i - channels] : 0;
      lines[y * stride + i] = raw[y * (stride + 1) + 1 + i] + predict(filter, left, up, corner);
    }
  }
  if (channels === 3) return lines;
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(lines.subarray(i * 4, i * 4 + 3), i * 3);
  return rgb;
}

function predict(filter, left, up, corner) {
  switch (filter) {
    case 0: return 0;
    case 1: return left;
    case 2: return up;
    case 3: return (left + up) >> 1;
    default: {
      const p = left + up - corner;
      const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
  }
}

/**
 * Writes a palette PNG: colours are grouped by their high bits until 256 are enough, then each
 * group takes its mean colour. Flat pages come out exact and a few times smaller.
 */
export function writeSmallPNG({ width, height, rgb }) {
  let bits = 8;
  let groups = group(rgb, bits);
  while (groups.size > 256) groups = group(rgb, --bits);
  const palette = Buffer.alloc(groups.size * 3);
  let n = 0;
  for (const g of groups.values()) {
    g.index = n;
    for (let c = 0; c < 3; c++) palette[n * 3 + c] = Math.round(g.sum[c] / g.count);
    n++;
  }
  const raw = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) raw[y * (width + 1) + 1 + x] = groups.get(keyOf(rgb, (y * width + x) * 3, bits)).index;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, chunk("IHDR", head), chunk("PLTE", palette), chunk("IDAT", deflateSync(raw, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function keyOf(rgb, i, bits) {
  const cut = 8 - bits;
  return ((rgb[i] >> cut) << 16) | ((rgb[i + 1] >> cut) << 8) | (rgb[i + 2] >> cut);
}

function group(rgb, bits) {
  const groups = new Map();
  for (let i = 0; i < rgb.length; i += 3) {
    const key = keyOf(rgb, i, bits);
    let g = groups.get(key);
    if (!g) groups.set(key, (g = { count: 0, sum: [0, 0, 0], index: 0 }));
    g.count++;
    for (let c = 0; c < 3; c++) g.sum[c] += rgb[i + c];
  }
  return groups;
}

function chunk(kind, body) {
  const out = Buffer.alloc(12 + body.length);
  out.writeUInt32BE(body.length, 0);
  out.write(kind, 4, "latin1");
  body.copy(out, 8);
  out.writeUInt32BE(crc(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}

const TABLE = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) c = TABLE[(c ^ b) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
