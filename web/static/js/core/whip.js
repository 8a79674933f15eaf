// Picture and sound towards the house: one publishing session over WHIP.
// No DOM. Methods in, events out:
//
//   live      the house receives us: { session }
//   lost      the transport broke; a new session is on its way
//   refused   the door said no for good: { status, code, text }
//
// Tracks may be replaced while on air; adding or removing a kind makes a new
// session, because the five lines of the class never renegotiate.

import { Emitter } from './emitter.js';
import { delay, patience } from './retry.js';
import { knock, leave } from './doors.js';

/**
 * @typedef {Object} PublisherOptions
 * @property {string} door     "/whip/{room}", "/whip/{room}/slides" …
 * @property {string} token
 * @property {string} [device] the tab's device id: the same link may move the air
 * @property {string} [lang]
 * @property {number} [videoBitrate] bits per second
 * @property {'camera' | 'slides'} [picture] what to keep when the line is poor
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
    /** @private */
    this.sessionUrl = '';
    /** @private */
    this.attempt = 0;
    /** @private */
    this.timer = 0;
    /** @private */
    this.round = 0;
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
    if (!had || !this.peer) return this.stopped ? undefined : this.publish();
    const sender = this.peer.getSenders().find((s) => s.track === had);
    return sender ? sender.replaceTrack(track) : this.publish();
  }

  /** @returns {Promise<RTCStatsReport | null>} */
  async stats() {
    return this.peer ? this.peer.getStats() : null;
  }

  /** The class's socket came back after a break: the server may have restarted. */
  check() {
    if (!this.stopped && !this.live) this.again(0);
  }

  /** Makes a new session now. */
  rebuild() {
    if (!this.stopped) this.publish();
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
      const session = await knock(this.door(), offer, {
        token: this.options.token, lang: this.options.lang, wait: this.attempt ? patience(this.attempt) : 5000,
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

  /** @private */
  door() {
    const device = this.options.device;
    return this.options.door + (device ? '?device=' + encodeURIComponent(device) : '');
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
    if (video) {
      if ('contentHint' in video) video.contentHint = this.options.picture === 'slides' ? 'detail' : 'motion';
      const line = peer.addTransceiver(video, {
        direction: 'sendonly', streams: [stream],
        sendEncodings: [{ maxBitrate: this.options.videoBitrate || 1500000 }],
      });
      preferVP8(line);
    }
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    return offer.sdp || '';
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @param {import('./doors.js').Session} session
   */
  async enter(peer, session) {
    this.peer = peer;
    this.sessionUrl = session.url;
    this.session = session.id;
    peer.onconnectionstatechange = () => this.moved(peer);
    await peer.setRemoteDescription({ type: 'answer', sdp: session.answer });
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
    this.again(Math.max(delay(this.attempt), Math.min(10, (error && error.after) || 0) * 1000));
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
    this.live = false;
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
  const known = window.RTCRtpReceiver && RTCRtpReceiver.getCapabilities && RTCRtpReceiver.getCapabilities('video');
  if (!known || !line.setCodecPreferences) return;
  const first = known.codecs.filter((c) => c.mimeType.toLowerCase() === 'video/vp8');
  const rest = known.codecs.filter((c) => c.mimeType.toLowerCase() !== 'video/vp8');
  if (first.length) line.setCodecPreferences(first.concat(rest));
}
