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
 * Writes a palette PNG of 256 colours, chosen by median cut: a few times smaller, and nobody sees
 * the difference in a guide.
 */
export function writeSmallPNG({ width, height, rgb }) {
  const { palette, indexOf } = chooseColours(rgb, 256);
  const raw = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) raw[y * (width + 1) + 1 + x] = indexOf[binOf(rgb, (y * width + x) * 3)];
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, chunk("IHDR", head), chunk("PLTE", palette), chunk("IDAT", deflateSync(raw, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

const binOf = (rgb, i) => ((rgb[i] >> 3) << 10) | ((rgb[i + 1] >> 3) << 5) | (rgb[i + 2] >> 3);

/** @returns {{palette: Buffer, indexOf: Uint8Array}} indexOf: palette index by 15-bit colour */
function chooseColours(rgb, most) {
  const bins = histogram(rgb);
  const boxes = [bins];
  while (boxes.length < most) {
    const widest = boxes.map((b) => ({ b, ...spread(b) })).sort((a, b) => b.weight - a.weight)[0];
    if (widest.weight === 0) break;
    boxes.splice(boxes.indexOf(widest.b), 1, ...halve(widest.b, widest.axis));
  }
  const palette = Buffer.alloc(boxes.length * 3);
  const indexOf = new Uint8Array(1 << 15);
  boxes.forEach((box, index) => {
    const count = box.reduce((sum, bin) => sum + bin.count, 0);
    for (let c = 0; c < 3; c++) palette[index * 3 + c] = Math.round(box.reduce((sum, bin) => sum + bin.sum[c], 0) / count);
    for (const bin of box) indexOf[bin.bin] = index;
  });
  return { palette, indexOf };
}

function histogram(rgb) {
  const bins = new Map();
  for (let i = 0; i < rgb.length; i += 3) {
    const bin = binOf(rgb, i);
    let b = bins.get(bin);
    if (!b) bins.set(bin, (b = { bin, count: 0, sum: [0, 0, 0] }));
    b.count++;
    for (let c = 0; c < 3; c++) b.sum[c] += rgb[i + c];
  }
  return [...bins.values()];
}

/** How much a box of colours deserves to be halved, and along which of red, green and blue. */
function spread(box) {
  const ranges = [0, 1, 2].map((c) => {
    const values = box.map((bin) => bin.sum[c] / bin.count);
    return Math.max(...values) - Math.min(...values);
  });
  const axis = ranges.indexOf(Math.max(...ranges));
  const count = box.reduce((sum, bin) => sum + bin.count, 0);
  return { axis, weight: box.length > 1 ? ranges[axis] * Math.sqrt(count) : 0 };
}

function halve(box, axis) {
  const sorted = [...box].sort((a, b) => a.sum[axis] / a.count - b.sum[axis] / b.count);
  const half = sorted.reduce((sum, bin) => sum + bin.count, 0) / 2;
  let seen = 0;
  let cut = 0;
  while (cut < sorted.length - 1 && (cut === 0 || seen + sorted[cut].count <= half)) seen += sorted[cut++].count;
  return [sorted.slice(0, cut), sorted.slice(cut)];
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
