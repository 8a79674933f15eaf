// Picture and sound towards the house: one publishing session over WHIP.
// No DOM. Methods in, events out:
//
//   live      the house receives us: { session }
//   lost      the transport broke; a new session is on its way
//   refused   the door said no for good: { status, code, text }
//   delayed   the door said not now: { code, text, until }; null once it says so no more. It is asked again by itself
//
// Tracks may be replaced while on air; adding or removing a kind makes a new
// session, because the five lines of the class never renegotiate.

import { delayOf, knock, leave } from './doors.js';
import { Emitter } from './emitter.js';
import { cameraLayers, guestLayers, offers, onlyLayer, Strain, withVoice } from './encodings.js';
import { delay, obeyed, patience } from './retry.js';

const TEND = 2000; // how often the layers are fitted to the camera and to the machine
const USUAL = { width: 1280, height: 720 }; // of a picture whose size is not known yet

/**
 * @typedef {Object} PublisherOptions
 * @property {string} door     "/whip/{room}", "/whip/{room}/slides" …
 * @property {string} token
 * @property {string} [device] the tab's device id: the same link may move the air
 * @property {string} [lang]
 * @property {import('./encodings.js').Picture} [picture] 'camera' when nothing is said
 * @property {boolean} [later]  the picture's line is there from the first offer, silent until there is a picture
 */

export class Publisher extends Emitter {
  /** @param {PublisherOptions} options */
  constructor(options) {
    super();
    /** @private */
    this.options = options;
    /** @private @type {RTCPeerConnection | null} */
    this.peer = null;
    /** @private @type {{ audio: MediaStreamTrack | null, video: MediaStreamTrack | null }} */
    this.tracks = { audio: null, video: null };
    /** @private what sends the picture, where its line may stand silent @type {RTCRtpSender | null} */
    this.silent = null;
    /** @private */
    this.sessionUrl = '';
    /** @private */
    this.attempt = 0;
    /** @private */
    this.timer = 0;
    /** @private */
    this.round = 0;
    /** @private */
    this.strain = new Strain();
    /** @private how the layers are set now, as text */
    this.fitted = '';
    /** @private */
    this.tendTimer = 0;
    /** why the door lets us in later, null when it does not say so @type {import('./doors.js').Delay | null} */
    this.delayed = null;
    /** '' while the house does not know us */
    this.session = '';
    /** RTCPeerConnections made so far */
    this.built = 0;
    this.stopped = true;
    /** true while packets can flow */
    this.live = false;
    /** @private */
    this.leaving = () => this.hangUp();
  }

  /**
   * @param {MediaStreamTrack | null} audio
   * @param {MediaStreamTrack | null} video
   */
  start(audio, video) {
    this.tracks = { audio, video };
    if (this.stopped) window.addEventListener('pagehide', this.leaving);
    this.stopped = false;
    this.attempt = 0;
    this.publish();
  }

  /** Leaves the air: the house frees everything at once. */
  stop() {
    this.stopped = true;
    this.round += 1;
    clearTimeout(this.timer);
    window.removeEventListener('pagehide', this.leaving);
    this.hangUp();
    this.tellDelay(null);
  }

  /**
   * Another camera, another microphone, the test card: same session.
   * @param {MediaStreamTrack} track
   * @returns {Promise<void>}
   */
  async replace(track) {
    const kind = track.kind === 'audio' ? 'audio' : 'video';
    const had = this.tracks[kind];
    this.tracks[kind] = track;
    if (this.delayed) return undefined; // the next try takes it
    if (!had || !this.peer) return this.stopped ? undefined : this.publish();
    const sender = this.peer.getSenders().find((s) => s.track === had);
    return sender ? sender.replaceTrack(track) : this.publish();
  }

  /**
   * A picture on the line that stood silent for it, or none any more: same session.
   * @param {MediaStreamTrack | null} video
   * @returns {Promise<void>}
   */
  async show(video) {
    this.tracks.video = video;
    if (this.silent) await this.silent.replaceTrack(video);
  }

  /** @returns {Promise<RTCStatsReport | null>} */
  async stats() {
    return this.peer ? this.peer.getStats() : null;
  }

  /** @private */
  async publish() {
    const round = ++this.round;
    clearTimeout(this.timer);
    this.hangUp();
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.built += 1;
    try {
      const offer = await this.offer(peer);
      const { door, token, device, lang } = this.options;
      const session = await knock(door, offer, {
        token, device, lang, wait: this.attempt ? patience(this.attempt) : 5000,
      });
      if (round !== this.round || this.stopped) {
        leave(session.url, this.options.token);
        peer.close();
        return;
      }
      await this.enter(peer, session);
    } catch (error) {
      peer.close();
      if (round === this.round) this.failed(error);
    }
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @returns {Promise<string>}
   */
  async offer(peer) {
    const stream = new MediaStream();
    const { audio, video } = this.tracks;
    if (audio) peer.addTransceiver(audio, { direction: 'sendonly', streams: [stream] });
    if (video && 'contentHint' in video) video.contentHint = this.slides ? 'detail' : 'motion';
    if (video || this.options.later) {
      const line = this.addPicture(peer, video, stream);
      if (this.options.later) this.silent = line.sender;
      preferVP8(line);
    }
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    return offer.sdp || '';
  }

  /** @private @returns {import('./encodings.js').Picture} */
  get picture() {
    return this.options.picture || 'camera';
  }

  /** @private */
  get slides() {
    return this.picture === 'slides';
  }

  /** @private @param {number} width @param {number} height */
  layers(width, height) {
    return this.picture === 'guest' ? guestLayers(width, height) : cameraLayers(width, height, this.strain.most);
  }

  /**
   * The picture's line, with the best set of layers that this browser takes.
   * @private
   * @param {RTCPeerConnection} peer
   * @param {MediaStreamTrack | null} video  null: it comes later
   * @param {MediaStream} stream
   * @returns {RTCRtpTransceiver}
   */
  addPicture(peer, video, stream) {
    const source = video || 'video';
    const { width, height } = Object.assign({}, USUAL, video && video.getSettings ? video.getSettings() : null);
    const layers = this.layers(width, height);
    this.fitted = JSON.stringify(layers);
    for (const sendEncodings of offers(this.picture, layers, !knowsVP8())) {
      try {
        return peer.addTransceiver(source, { direction: 'sendonly', streams: [stream], sendEncodings });
      } catch (error) {
        continue; // a word in it that this browser does not know
      }
    }
    return peer.addTransceiver(source, { direction: 'sendonly', streams: [stream] });
  }

  /**
   * Fits the layers to the camera as it is now (another one, a phone that was turned) and to what the machine can do.
   * @private
   * @param {RTCPeerConnection} peer
   */
  async tend(peer) {
    const stats = await peer.getStats().catch(() => null);
    if (peer !== this.peer || !stats) return;
    let size = null;
    let strained = false;
    stats.forEach((report) => {
      if (report.type === 'media-source' && report.kind === 'video' && report.width) size = report;
      if (report.type === 'outbound-rtp' && report.qualityLimitationReason === 'cpu') strained = true;
    });
    this.strain.look(strained, performance.now());
    if (size) await this.fit(peer, size);
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @param {{ width: number, height: number }} size
   */
  async fit(peer, size) {
    const layers = this.layers(size.width, size.height);
    const wanted = JSON.stringify(layers);
    const sender = peer.getSenders().find((s) => s.track && s.track.kind === 'video');
    if (wanted === this.fitted || !sender) return;
    const parameters = sender.getParameters();
    const encodings = parameters.encodings || [];
    this.fitted = wanted;
    encodings.forEach((encoding, i) => Object.assign(encoding, encodings.length === 1 ? onlyLayer(this.picture) : layers[i]));
    if (encodings.length) await sender.setParameters(parameters).catch(() => undefined); // it goes on as it was
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @param {import('./doors.js').Session} session
   */
  async enter(peer, session) {
    this.tellDelay(null);
    this.peer = peer;
    this.sessionUrl = session.url;
    this.session = session.id;
    peer.onconnectionstatechange = () => this.moved(peer);
    await peer.setRemoteDescription({ type: 'answer', sdp: withVoice(session.answer) });
    if (peer !== this.peer) return; // stopped meanwhile
    if (session.answer.indexOf('a=simulcast:recv') < 0) this.fitted = ''; // the first layer, the lowest, would be the only one
    if (!this.slides) this.tendTimer = window.setInterval(() => this.tend(peer), TEND);
    const transport = peer.getSenders()[0] && peer.getSenders()[0].transport;
    if (transport) transport.onstatechange = () => { if (transport.state === 'closed') this.broken(peer); };
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   */
  moved(peer) {
    if (peer !== this.peer) return;
    if (peer.connectionState === 'connected') {
      this.attempt = 0;
      this.live = true;
      this.emit('live', { session: this.session });
    } else if (peer.connectionState === 'failed') {
      this.broken(peer);
    }
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   */
  broken(peer) {
    if (peer !== this.peer || this.stopped) return;
    this.live = false;
    this.emit('lost');
    this.again(delay(this.attempt));
  }

  /**
   * @private
   * @param {any} error
   */
  failed(error) {
    if (this.stopped) return;
    if (error && error.final) {
      this.stop();
      this.emit('refused', { status: error.status, code: error.code, text: error.text });
      return;
    }
    const wait = Math.max(delay(this.attempt), obeyed((error && error.after) || 0));
    this.again(wait);
    this.tellDelay(delayOf(error, wait));
  }

  /**
   * @private
   * @param {import('./doors.js').Delay | null} delayed
   */
  tellDelay(delayed) {
    if (!delayed && !this.delayed) return;
    this.delayed = delayed;
    this.emit('delayed', delayed);
  }

  /**
   * @private
   * @param {number} wait
   */
  again(wait) {
    clearTimeout(this.timer);
    this.attempt += 1;
    this.timer = window.setTimeout(() => this.publish(), wait);
  }

  /** @private */
  hangUp() {
    const peer = this.peer;
    this.peer = null;
    this.silent = null;
    this.live = false;
    clearInterval(this.tendTimer);
    if (this.sessionUrl) leave(this.sessionUrl, this.options.token);
    this.sessionUrl = '';
    this.session = '';
    if (!peer) return;
    peer.onconnectionstatechange = null;
    peer.close();
  }
}

/**
 * VP8 is the codec every browser and every cheap phone can decode.
 * @param {RTCRtpTransceiver} line
 */
function preferVP8(line) {
  const codecs = videoCodecs();
  const rest = codecs.filter((c) => !isVP8(c));
  if (line.setCodecPreferences && rest.length < codecs.length) line.setCodecPreferences(codecs.filter(isVP8).concat(rest));
}

/** A device that has only H.264 makes it in hardware, once: no layers. Where nothing is known, VP8 is there. */
function knowsVP8() {
  const codecs = videoCodecs();
  return !codecs.length || codecs.some(isVP8);
}

/** @returns {RTCRtpCodec[]} empty where the browser does not say */
function videoCodecs() {
  const known = window.RTCRtpReceiver && RTCRtpReceiver.getCapabilities && RTCRtpReceiver.getCapabilities('video');
  return known ? known.codecs : [];
}

/** @param {RTCRtpCodec} codec */
function isVP8(codec) {
  return codec.mimeType.toLowerCase() === 'video/vp8';
}
