// How a picture leaves the studio: which encodings, how large, how many bits. Pure.
//
// A camera is sent three times, low, middle and high (q, h, f), so that the house can give each viewer what its line
// holds without asking the encoder for anything. Two rules of Chromium were found by measuring:
//   - it makes no more layers than the size of the picture is worth: two for 640 x 360. The ones it leaves out are the
//     last of the list, so a small camera has its full picture at h, and f rests;
//   - a rate limit on one layer alone holds all of them to it: each must name its own.

/** Bits a second. */
const LOW = 90000;
const MID = 400000;
const MID_IS_BEST = 800000;
const HIGH = 1500000;
const ALONE = 200000; // of a picture too small for layers
const SLIDES = 1500000;
const GUEST = 500000; // what a centre's line carries upwards beside the rest; the house takes some twice as much of a guest
const VOICE = 28000;

const LOW_LINES = 180; // height of the low layer, at 16:9
const WORTH_THREE = 489600; // pixels from which Chromium makes three layers: a little under 960 x 540
const WORTH_TWO = 122400; // … and two: a little under 480 x 270

/**
 * What one layer of a camera is set to.
 * @typedef {{ active: boolean, scaleResolutionDownBy: number, maxBitrate: number, maxFramerate: number }} Layer
 */

/** A face that moves, letters that must be read, or a guest's face. @typedef {'camera' | 'slides' | 'guest'} Picture */

/** The names of a camera's layers, lowest first: browsers fill them in this order. */
export const RIDS = ['q', 'h', 'f'];

/**
 * The three layers of a camera whose pictures have this size, lowest first.
 * @param {number} width
 * @param {number} height
 * @param {number} [most]  how many layers the machine can make, 2 or 3
 * @returns {Layer[]}
 */
export function cameraLayers(width, height, most = 3) {
  const pixels = width * height;
  const lines = Math.sqrt(pixels * 9 / 16); // as if it were 16:9, upright or not
  if (pixels < WORTH_TWO) return [layer(1, ALONE, 30), rest(), rest()];
  const low = layer(lines / LOW_LINES, LOW, 15);
  if (pixels < WORTH_THREE) return [low, layer(1, MID_IS_BEST, 30), rest()];
  const mid = layer(lines / (2 * LOW_LINES), MID, 30);
  return [low, mid, most < 3 ? rest() : layer(1, HIGH, 30)];
}

/**
 * Those of a guest: never more than two, nor above 640 x 360, whatever its camera makes.
 * @param {number} width
 * @param {number} height
 * @returns {Layer[]}
 */
export function guestLayers(width, height) {
  const pixels = width * height;
  const lines = Math.sqrt(pixels * 9 / 16);
  if (pixels < WORTH_TWO) return [layer(1, ALONE, 30), rest(), rest()];
  return [layer(lines / LOW_LINES, LOW, 15), layer(lines / (2 * LOW_LINES), GUEST, 30), rest()];
}

/** @param {number} scale @param {number} maxBitrate @param {number} maxFramerate @returns {Layer} */
function layer(scale, maxBitrate, maxFramerate) {
  return { active: true, scaleResolutionDownBy: Math.max(1, Math.round(scale * 100) / 100), maxBitrate, maxFramerate };
}

/** @returns {Layer} */
function rest() {
  return { active: false, scaleResolutionDownBy: 1, maxBitrate: HIGH, maxFramerate: 30 };
}

/**
 * What to offer for a picture, best first: a browser that refuses one is offered the next.
 * @param {Picture} picture
 * @param {Layer[]} layers   of the camera
 * @param {boolean} [single] this machine can make only one layer
 * @returns {RTCRtpEncodingParameters[][]}
 */
export function offers(picture, layers, single = false) {
  if (picture === 'slides') return [[{ maxBitrate: SLIDES, scalabilityMode: 'L1T3' }], [{ maxBitrate: SLIDES }]].map(asEncodings);
  const one = [{ maxBitrate: picture === 'guest' ? GUEST : HIGH }];
  if (single) return [one].map(asEncodings);
  const three = layers.map((l, i) => Object.assign({ rid: RIDS[i] }, l));
  return [three.map((l) => Object.assign({ scalabilityMode: 'L1T3' }, l)), three, one].map(asEncodings);
}

/** @param {any[]} list @returns {RTCRtpEncodingParameters[]} scalabilityMode is not yet in the language's own library */
function asEncodings(list) {
  return list;
}

/** What a voice is made of: one channel, repair of lost packets inside the next, next to nothing while nobody speaks. */
const SOUND = ['maxaveragebitrate=' + VOICE, 'stereo=0', 'useinbandfec=1', 'usedtx=1'];

/**
 * The answer as this browser should read it: how a voice is made is asked for in the formats of who hears it.
 * @param {string} answer
 * @returns {string}
 */
export function withVoice(answer) {
  const opus = /^a=rtpmap:(\d+) opus\b/im.exec(answer);
  if (!opus) return answer;
  const line = new RegExp('^a=fmtp:' + opus[1] + ' .*$', 'm');
  const fmtp = 'a=fmtp:' + opus[1] + ' minptime=10;' + SOUND.join(';');
  return line.test(answer) ? answer.replace(line, fmtp) : answer.replace(/^a=rtpmap:\d+ opus\b.*$/im, (map) => map + '\r\n' + fmtp);
}

/**
 * What is set where only one layer is made: a browser without simulcast, or a house that refused it.
 * @param {Picture} picture
 * @returns {Layer}
 */
export function onlyLayer(picture) {
  return layer(1, picture === 'guest' ? GUEST : HIGH, 30);
}

const STRAINED = 6000; // a moment's trouble (a page that opens) is none

/**
 * A machine too slow for three layers loses the largest, three quarters of the work, and does not get it back in the séance:
 * a picture that changes its mind disturbs more than a plain one. What is still too much the browser makes smaller by itself.
 */
export class Strain {
  constructor() {
    /** how many layers the machine can make */
    this.most = 3;
    /** @private */
    this.since = 0;
  }

  /**
   * @param {boolean} strained  the browser says that its processor holds the picture back
   * @param {number} now  ms
   * @returns {boolean} true when the largest layer has to go
   */
  look(strained, now) {
    if (!strained) this.since = 0;
    if (!strained || this.most < 3) return false;
    this.since = this.since || now;
    if (now - this.since < STRAINED) return false;
    this.most = 2;
    return true;
  }
}
