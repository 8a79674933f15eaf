import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cameraLayers, guestLayers, offers, onlyLayer, Strain, withVoice } from '../../static/js/core/encodings.js';

const shape = (width, height, most) => said(width, height, cameraLayers(width, height, most));
const said = (width, height, layers) => layers.filter((l) => l.active)
  .map((l) => `${Math.round(width / l.scaleResolutionDownBy)}x${Math.round(height / l.scaleResolutionDownBy)} ${l.maxBitrate / 1000}k ${l.maxFramerate}`);

test('a camera is sent in as many layers as its picture is worth', () => {
  assert.deepEqual(shape(1280, 720), ['320x180 90k 15', '640x360 400k 30', '1280x720 1500k 30']);
  assert.deepEqual(shape(720, 1280), ['180x320 90k 15', '360x640 400k 30', '720x1280 1500k 30'], 'a phone held upright');
  assert.deepEqual(shape(1920, 1080), ['320x180 90k 15', '640x360 400k 30', '1920x1080 1500k 30']);
  assert.deepEqual(shape(640, 360), ['320x180 90k 15', '640x360 800k 30']);
  assert.deepEqual(shape(640, 480).length, 2, 'an old webcam');
  assert.deepEqual(shape(320, 240), ['320x240 200k 30']);
});

test('a guest sends little, whatever its camera makes: the house drops what is more than some twice that', () => {
  const guest = (width, height) => said(width, height, guestLayers(width, height));
  for (const [width, height] of [[640, 360], [1280, 720], [1920, 1080]]) assert.deepEqual(guest(width, height), ['320x180 90k 15', '640x360 500k 30']);
  assert.deepEqual(guest(720, 1280), ['180x320 90k 15', '360x640 500k 30'], 'a phone held upright');
  assert.deepEqual(guest(320, 240), ['320x240 200k 30']);
  assert.equal(guestLayers(640, 360).length, 3, 'the line keeps its three names');
  for (const single of [true, false]) {
    const rates = offers('guest', guestLayers(640, 360), single).map((offer) => offer.filter((e) => e.active !== false).reduce((sum, e) => sum + e.maxBitrate, 0));
    assert.ok(rates.every((rate) => rate <= 600000), rates.join());
  }
  assert.deepEqual([onlyLayer('guest').maxBitrate, onlyLayer('camera').maxBitrate], [500000, 1500000]);
});

test('every layer names its own rate, or one would hold back all', () => {
  for (const [width, height] of [[1280, 720], [640, 360], [320, 240]]) {
    const layers = cameraLayers(width, height);
    assert.equal(layers.length, 3, 'a layer may rest, but the line keeps its three names');
    for (const l of layers) assert.ok(l.maxFramerate > 0 && l.maxBitrate > 0 && l.scaleResolutionDownBy >= 1);
  }
});

test('what is offered goes from the best to what every browser takes', () => {
  const layers = cameraLayers(1280, 720);
  const camera = offers('camera', layers);
  assert.deepEqual(camera.map((o) => o.map((e) => [e.rid, e.scalabilityMode])), [
    [['q', 'L1T3'], ['h', 'L1T3'], ['f', 'L1T3']], [['q', undefined], ['h', undefined], ['f', undefined]], [[undefined, undefined]],
  ]);
  assert.equal(offers('camera', layers, true).length, 1, 'a device with H.264 alone makes one layer');
  assert.equal(offers('camera', layers, true)[0].length, 1);
  for (const offer of offers('slides', layers)) assert.equal(offer.length, 1, 'letters must be read: one size');
});

test('a machine too slow loses the largest layer, once, and for something that lasts', () => {
  const strain = new Strain();
  assert.equal(strain.look(true, 1000), false);
  assert.equal(strain.look(true, 5000), false);
  assert.equal(strain.look(false, 6000), false, 'a moment of trouble');
  assert.equal(strain.look(true, 7000), false);
  assert.equal(strain.look(true, 12900), false);
  assert.equal(strain.look(true, 13000), true);
  assert.equal(strain.most, 2);
  for (let now = 14000; now < 60000; now += 2000) assert.equal(strain.look(true, now), false);
  assert.equal(strain.most, 2, 'low and middle cost little: what is still too much the browser makes smaller');
  assert.deepEqual(shape(1280, 720, strain.most), ['320x180 90k 15', '640x360 400k 30']);
});

test('the voice is one channel with repair and rests in silence, whatever the answer said', () => {
  const wanted = 'a=fmtp:111 minptime=10;maxaveragebitrate=28000;stereo=0;useinbandfec=1;usedtx=1';
  const sdp = (fmtp) => ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', ...fmtp, 'a=rtcp-fb:111 transport-cc', 'm=video 9 x 96', 'a=rtpmap:96 VP8/90000', ''].join('\r\n');
  assert.equal(withVoice(sdp(['a=fmtp:111 minptime=10;useinbandfec=1'])), sdp([wanted]));
  assert.equal(withVoice(sdp([])), sdp([wanted]));
  assert.equal(withVoice('v=0\r\n'), 'v=0\r\n', 'slides bring no sound');
});
