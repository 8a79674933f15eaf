// The class as picture and sound: one receive-only session over WHEP.
// No DOM. Methods in, events out:
//
//   streams   { voice, camera, slides, guestVoice, guestCamera }: tracks, or null
//   session   the house's id of the session (for classroom.media)
//   sample    what arrived since the last look (see Sample), twice a second, and at a first picture
//   refused   the door said no for good: { status, code, text }
//   delayed   the door said not now: { code, text, until }; null once it says so no more. The page asks again by itself
//
// The lines never renegotiate. The session stands silent until they are fed. A
// silence heals by itself when the network returns within some 15 s; another
// network (Wi-Fi left for the street) is told to the house in the same session.
// It is rebuilt only when the server is known to have forgotten it, when the transport
// failed, or when it stays silent too long. A new session is prepared beside the
// old one and takes its place once answered: one more RTCPeerConnection for each
// session that was answered, never for a failed attempt.

import { Emitter } from './emitter.js';
import { delay, obeyed, patience } from './retry.js';
import { delayOf, knock, leave, move } from './doors.js';
import { latenessOf, wayOf } from './delay.js';

const LOOK = 500;
const FRESH = 60; // a browser asked again sooner says the same again
const APART = 2000; // disconnected this long: perhaps the network is another one
const MOVE_WAIT = 2500; // for the house's answer to that
const ENVELOPE = 44; // bytes around each packet that the browser does not count: IP, UDP, SRTP's tag
const HEAL = 15000; // a silence this long will not heal by itself
const DEAF = 2000; // with the class's socket dead as well
const STALE_OFFER = 10000;

/** @typedef {'voice' | 'camera' | 'slides' | 'guestVoice' | 'guestCamera'} Line */

/** @type {{ line: Line, kind: 'audio' | 'video' }[]} */
const FIVE = [
  { line: 'voice', kind: 'audio' },
  { line: 'camera', kind: 'video' },
  { line: 'slides', kind: 'video' },
  { line: 'guestVoice', kind: 'audio' },
  { line: 'guestCamera', kind: 'video' },
];

/** @typedef {Record<Line, MediaStreamTrack | null>} Tracks */

/**
 * One look at what arrives.
 * @typedef {Object} Sample
 * @property {number} silent   ms since the last packet (since the join, or since packets are expected, when none came)
 * @property {number} rate     bytes a second over the last looks, payload and headers
 * @property {Record<string, number>} packets  per line, since the last look
 * @property {Record<string, number>} frames   decoded per second, per video line
 * @property {Record<string, number>} rms      0..1, per audio line, since the last look
 * @property {Record<string, number>} keys     keyframes decoded since the last look, per video line
 * @property {Record<string, number>} moves    other frames decoded since the last look, per video line
 * @property {number} decoded  frames decoded in all video lines, since the last look
 * @property {number} lost     packets missing since the last look
 * @property {number} freezes  times a face stood still and went on, since the last look
 * @property {number} total    bytes this page has received so far, all around included
 * @property {boolean} connected
 * @property {number} apart   ms since the media session last stood, 0 while it does
 * @property {'' | 'udp' | 'tcp'} path  by which way it comes, '' while there is none
 * @property {number} rtt     ms there and back, 0 while unknown
 * @property {Record<string, import('./delay.js').Lateness>} late  by line: what it tells about its delay
 * @property {boolean} arrived  whether this session has had a packet at all
 */

/**
 * @typedef {Object} ViewerOptions
 * @property {string} room
 * @property {string} [token]
 * @property {string} [device]  as in the class's hello: proves that the session is ours
 * @property {string} [lang]
 */

/** @typedef {'auto' | 'low' | 'none'} Picture  how much of the pictures is wanted: what the line takes, the cheapest, none */

/** @returns {Tracks} */
function noTracks() {
  return { voice: null, camera: null, slides: null, guestVoice: null, guestCamera: null };
}

export class Viewer extends Emitter {
  /** @param {ViewerOptions} options */
  constructor(options) {
    super();
    /** @private */
    this.options = options;
    /** @private @type {RTCPeerConnection | null} */
    this.peer = null;
    /** @private @type {{ peer: RTCPeerConnection, offer: string, at: number } | null} */
    this.prepared = null;
    /** @private */
    this.sessionUrl = '';
    /** '' while there is none */
    this.session = '';
    /** RTCPeerConnections made so far: a watchdog must not leak them */
    this.built = 0;
    /** sessions answered so far */
    this.joined = 0;
    /** why the last rebuild happened */
    this.reason = '';
    this.stopped = true;
    /** whether something should be arriving (the séance is on air and fed): see expect() */
    this.expected = false;
    /** @private since when it should */
    this.expectedAt = 0;
    /** whether the class's socket is up */
    this.classUp = true;
    /** @private when the class's socket broke */
    this.lostAt = 0;
    /** @type {Picture} */
    this.picture = 'auto';
    /** bytes received so far, over all sessions */
    this.total = 0;
    /** sessions that went on over another network */
    this.moved = 0;
    /** @private since when the connection has been disconnected, 0 while it is not */
    this.loose = 0;
    /** @private */
    this.moving = false;
    /** @private */
    this.joining = false;
    /** @private @type {AbortController | null} */
    this.knocking = null;
    /** @private */
    this.again = false;
    /** @private */
    this.attempt = 0;
    /** why the door lets us in later, null when it does not say so @type {import('./doors.js').Delay | null} */
    this.delayed = null;
    /** @private the house said when to come back; no try before, but at a house that has forgotten it */
    this.notBefore = 0;
    /** @private */
    this.softKeys = false;
    /** @private */
    this.answeredAt = 0;
    /** @private */
    this.packetAt = 0;
    /** @private since when the session does not stand, 0 while it does */
    this.apartAt = 0;
    /** @private */
    this.lookTimer = 0;
    /** @private */
    this.lookedAt = -Infinity;
    /** @private */
    this.retryTimer = 0;
    /** @private @type {Map<string, any>} */
    this.before = new Map();
    /** @private */
    this.rates = new Float64Array(6);
    /** @private */
    this.looks = 0;
    /** @private */
    this.leaving = () => this.sayGoodbye();
    /** @private */
    this.online = () => { this.wake(); this.moveOn(); };
    /** @private @param {PageTransitionEvent} event */
    this.returning = (event) => { if (event.persisted) this.rebuild('page-back'); };
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    this.answeredAt = performance.now(); // silence counts from here until something comes
    this.apartAt = this.answeredAt;
    window.addEventListener('pagehide', this.leaving);
    window.addEventListener('pageshow', this.returning);
    window.addEventListener('online', this.online);
    this.lookOn();
    this.rebuild('start');
  }

  /** @private */
  lookOn() {
    this.lookTimer = window.setInterval(() => this.look(), LOOK);
  }

  /** A first picture is there: looks now, and not up to half a second later. */
  glance() {
    if (this.stopped) return;
    clearTimeout(this.lookTimer);
    this.lookTimer = window.setTimeout(() => { this.lookOn(); this.look(); }, Math.max(0, this.lookedAt + FRESH - performance.now()));
  }

  stop() {
    if (this.stopped) return;
    this.stopped = true;
    clearInterval(this.lookTimer);
    clearTimeout(this.retryTimer);
    window.removeEventListener('pagehide', this.leaving);
    window.removeEventListener('pageshow', this.returning);
    window.removeEventListener('online', this.online);
    this.sayGoodbye();
    this.discardPrepared();
    this.notBefore = 0;
    this.tellDelay(null);
    this.emit('streams', noTracks());
  }

  /**
   * How much of the pictures is wanted from now on. The house is told over the class (classroom.media), and by the address of
   * each new session; where the class cannot be reached a new session is the only way to say it.
   * @param {Picture} picture
   * @param {boolean} heard  the class is up, and is told
   */
  want(picture, heard) {
    if (picture === this.picture) return;
    this.picture = picture;
    if (!this.stopped && !heard) this.rebuild('choice');
  }

  /**
   * Goes on as another browser: what one opened the house does not let another speak for.
   * @param {string} device  the new secret
   */
  rename(device) {
    this.options = Object.assign({}, this.options, { device });
    if (!this.stopped) this.rebuild('choice');
  }

  /** Sound alone was asked for: not one byte of a picture travels. */
  get soundOnly() {
    return this.picture === 'none';
  }

  /**
   * Says whether something should be arriving. A pause is no silence: the clock of silence
   * starts when the air returns, or every page would make a new session at that moment.
   * @param {boolean} yes  the séance is on air and fed
   */
  expect(yes) {
    if (yes && !this.expected) this.expectedAt = performance.now();
    this.expected = yes;
  }

  /** The class's socket broke. */
  classLost() {
    if (this.classUp) this.lostAt = performance.now();
    this.classUp = false;
  }

  /**
   * The class's socket is back. A restarted server has forgotten us; otherwise, if
   * nothing arrived meanwhile, ask again at once or after one more look.
   * @param {boolean} restarted
   */
  classBack(restarted) {
    const lost = !this.classUp;
    this.classUp = true;
    if (!lost || this.stopped) return;
    if (restarted && this.joinedAfter(this.lostAt)) return;
    if (restarted) {
      this.sessionUrl = ''; // nobody there knows it: nothing to leave
      this.rebuild('restarted');
      return;
    }
    if (!this.peer || this.youth() < DEAF) return;
    if (this.silence() > 700) this.rebuild('class-back');
    else window.setTimeout(() => { if (this.silence() > 700) this.rebuild('class-back'); }, 800);
  }

  /**
   * @private
   * @param {number} moment
   */
  joinedAfter(moment) {
    return this.peer !== null && this.answeredAt > moment;
  }

  /** The page came back to the front: phones stop everything behind a locked screen. */
  wake() {
    if (!this.stopped && this.expected && this.peer && this.silence() > DEAF) this.rebuild('woke');
  }

  /**
   * Makes a new session; the old one stays until the new one is answered.
   * @param {string} reason
   */
  rebuild(reason) {
    if (this.stopped) return;
    if (!this.joining && reason !== 'restarted' && performance.now() < this.notBefore) return; // that try asks for what is wanted by then
    this.reason = reason;
    if (this.joining) {
      this.again = this.again || reason === 'choice' || reason === 'restarted';
      if (reason === 'restarted') this.hurry();
      return;
    }
    clearTimeout(this.retryTimer);
    this.join();
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
   * A request may hang for seconds on a server that has died; the new one is there.
   * @private
   */
  hurry() {
    this.attempt = 0;
    if (this.knocking) this.knocking.abort();
  }

  /** @private ms since the last packet, or since the answer, or since packets are expected */
  silence() {
    return performance.now() - Math.max(this.packetAt, this.answeredAt, this.expectedAt);
  }

  /** @private ms since the session was answered */
  youth() {
    return performance.now() - this.answeredAt;
  }

  /** @private */
  async join() {
    this.joining = true;
    this.notBefore = 0;
    try {
      const prepared = await this.prepare();
      if (this.stopped) {
        this.discardPrepared();
        return;
      }
      const wait = this.attempt ? patience(this.attempt) : 4000;
      this.knocking = new AbortController();
      const { token, device, lang } = this.options;
      const session = await knock(this.door(), prepared.offer, { token, device, lang, wait, abort: this.knocking });
      await this.enter(prepared.peer, session);
      this.attempt = 0;
    } catch (error) {
      this.failed(error);
    } finally {
      this.joining = false;
      this.knocking = null;
    }
    if (!this.again) return;
    this.again = false;
    if (!this.stopped) this.rebuild('choice');
  }

  /** @private */
  door() {
    const query = new URLSearchParams({ slots: '5' });
    if (this.picture !== 'auto') query.set('picture', this.picture);
    if (this.softKeys) query.set('srtp', 'cm');
    return '/whep/' + encodeURIComponent(this.options.room) + '?' + query.toString();
  }

  /**
   * A peer with its offer, made once and kept over failed attempts.
   * @private
   */
  async prepare() {
    if (this.prepared && performance.now() - this.prepared.at < STALE_OFFER) return this.prepared;
    this.discardPrepared();
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.built += 1;
    for (const { kind } of FIVE) peer.addTransceiver(kind, { direction: 'recvonly' });
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    this.prepared = { peer, offer: offer.sdp || '', at: performance.now() };
    return this.prepared;
  }

  /** @private */
  discardPrepared() {
    if (this.prepared) this.prepared.peer.close();
    this.prepared = null;
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @param {import('./doors.js').Session} session
   */
  async enter(peer, session) {
    if (this.stopped) {
      leave(session.url, this.options.token || '');
      return;
    }
    this.prepared = null;
    this.tellDelay(null);
    if (this.reason === 'deaf') this.sessionUrl = ''; // a server that died and came back does not know it
    this.hangUp();
    this.peer = peer;
    this.sessionUrl = session.url;
    this.session = session.id;
    this.joined += 1;
    this.before.clear();
    this.packetAt = 0;
    this.loose = 0;
    this.answeredAt = performance.now();
    peer.onconnectionstatechange = () => this.changed(peer);
    await peer.setRemoteDescription({ type: 'answer', sdp: session.answer });
    if (peer !== this.peer) return; // stopped meanwhile
    this.watchTransport(peer);
    this.emit('streams', this.tracks(peer));
    this.emit('session', this.session);
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @returns {Tracks}
   */
  tracks(peer) {
    const tracks = noTracks();
    const transceivers = peer.getTransceivers();
    FIVE.forEach(({ line }, i) => { tracks[line] = transceivers[i] ? transceivers[i].receiver.track : null; });
    return tracks;
  }

  /**
   * DTLS may fail for want of a common SRTP profile: one automatic second try
   * with the older one. A DTLS end says that the server let us go.
   * @private
   * @param {RTCPeerConnection} peer
   */
  watchTransport(peer) {
    const receiver = peer.getReceivers()[0];
    const transport = receiver && receiver.transport;
    if (!transport) return;
    transport.onstatechange = () => {
      if (peer !== this.peer) return;
      if (transport.state === 'failed' && !this.softKeys) {
        this.softKeys = true;
        this.rebuild('dtls-failed');
      } else if (transport.state === 'closed') {
        this.later('let-go');
      }
    };
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   */
  changed(peer) {
    if (peer !== this.peer) return;
    if (peer.connectionState === 'failed') this.later('ice-failed');
    this.loose = peer.connectionState === 'disconnected' ? performance.now() : 0;
  }

  /**
   * The network may be another one: the same session, over new paths (an ICE restart). What flows goes on flowing
   * meanwhile. A house that cannot is asked for a new session; one that cannot be reached is asked again.
   * @private
   */
  async moveOn() {
    const peer = this.peer;
    if (!peer || this.moving || this.joining || peer.connectionState === 'failed' || peer.connectionState === 'new') return;
    this.moving = true;
    try {
      const offer = await peer.createOffer({ iceRestart: true });
      await peer.setLocalDescription(offer);
      const answer = await move(this.sessionUrl, offer.sdp || '', { token: this.options.token, lang: this.options.lang, wait: MOVE_WAIT });
      if (peer !== this.peer) return;
      await peer.setRemoteDescription({ type: 'answer', sdp: answer });
      this.moved += 1;
    } catch (error) {
      await this.stayed(peer, error);
    } finally {
      this.moving = false;
      if (peer === this.peer && this.loose) this.loose = performance.now();
    }
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @param {any} error
   */
  async stayed(peer, error) {
    if (peer !== this.peer || this.stopped) return;
    if (error && error.status) return this.rebuild('not-moved');
    await peer.setLocalDescription({ type: 'rollback' }).catch(() => this.rebuild('not-moved'));
  }

  /**
   * A rebuild that cannot become a storm: the next one waits longer.
   * @private
   * @param {string} reason
   */
  later(reason) {
    if (this.stopped || this.joining || performance.now() < this.notBefore) return;
    clearTimeout(this.retryTimer);
    this.retryTimer = window.setTimeout(() => this.rebuild(reason), delay(this.youth() < 5000 ? 6 : 0));
  }

  /**
   * @private
   * @param {any} error
   */
  failed(error) {
    if (this.stopped) return;
    if (error && error.final) {
      this.discardPrepared();
      this.hangUp();
      this.tellDelay(null);
      this.emit('refused', { status: error.status, code: error.code, text: error.text });
      return;
    }
    if (!error || error.status === undefined) this.discardPrepared(); // the browser itself could not: start afresh
    if (error && error.status === 503 && this.peer && this.peer.connectionState === 'failed') this.hangUp(); // perhaps the place that is wanted is our own
    const asked = obeyed((error && error.after) || 0);
    const wait = Math.max(delay(this.attempt), asked);
    this.attempt += 1;
    this.notBefore = asked ? performance.now() + asked : 0;
    this.retryTimer = window.setTimeout(() => { this.notBefore = 0; this.rebuild(this.reason); }, wait);
    this.tellDelay(delayOf(error, wait));
  }

  /** @private */
  hangUp() {
    const peer = this.peer;
    this.peer = null;
    if (this.sessionUrl) leave(this.sessionUrl, this.options.token || '');
    this.sessionUrl = '';
    this.session = '';
    if (!peer) return;
    peer.onconnectionstatechange = null;
    peer.close();
  }

  /** @private */
  sayGoodbye() {
    this.hangUp();
  }

  /** @private */
  async look() {
    const peer = this.peer;
    this.lookedAt = performance.now();
    if (!peer) {
      this.emit('sample', this.nothing());
      return;
    }
    const stats = await peer.getStats().catch(() => null);
    if (peer !== this.peer || !stats) return;
    const sample = this.measure(peer, stats);
    this.emit('sample', sample);
    this.decide(sample);
  }

  /** @private @returns {Sample} */
  nothing() {
    this.apartAt = this.apartAt || performance.now();
    return {
      silent: this.silence(), rate: 0, packets: {}, frames: {}, keys: {}, moves: {}, rms: {}, decoded: 0, lost: 0, freezes: 0, connected: false, total: this.total,
      apart: performance.now() - this.apartAt, arrived: this.packetAt > 0, path: '', rtt: 0, late: {},
    };
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @param {RTCStatsReport} stats
   * @returns {Sample}
   */
  measure(peer, stats) {
    const connected = peer.connectionState === 'connected';
    const sample = this.nothing();
    if (connected) this.apartAt = 0;
    if (connected) sample.apart = 0;
    Object.assign(sample, wayOf(stats));
    const names = this.names(peer);
    let bytes = 0;
    stats.forEach((inbound) => {
      if (inbound.type !== 'inbound-rtp') return;
      const line = names.get(inbound.mid) || names.get(inbound.trackIdentifier);
      if (line) bytes += this.measureLine(sample, line, inbound);
    });
    this.total += bytes;
    sample.total = this.total;
    this.rates[this.looks % this.rates.length] = bytes;
    this.looks += 1;
    const seen = Math.min(this.looks, this.rates.length);
    sample.rate = this.rates.reduce((sum, n) => sum + n, 0) / (seen * LOOK / 1000);
    sample.silent = this.silence();
    sample.arrived = this.packetAt > 0;
    sample.connected = connected;
    return sample;
  }

  /**
   * @private
   * @param {RTCPeerConnection} peer
   * @returns {Map<string, Line>} by mid and by track id: browsers report one or both
   */
  names(peer) {
    const names = new Map();
    const transceivers = peer.getTransceivers();
    FIVE.forEach(({ line }, i) => {
      if (!transceivers[i]) return;
      if (transceivers[i].mid !== null) names.set(transceivers[i].mid, line);
      names.set(transceivers[i].receiver.track.id, line);
    });
    return names;
  }

  /**
   * @private
   * @param {Sample} sample
   * @param {Line} line
   * @param {any} inbound
   * @returns {number} bytes since the last look
   */
  measureLine(sample, line, inbound) {
    const was = this.before.get(line) || { timestamp: inbound.timestamp - LOOK };
    this.before.set(line, inbound);
    /** @param {string} name */
    const grown = (name) => (inbound[name] || 0) - (was[name] || 0);
    const packets = grown('packetsReceived');
    sample.packets[line] = packets;
    sample.lost += Math.max(0, grown('packetsLost'));
    if (packets > 0) this.packetAt = performance.now();
    if (packets > 0) sample.late[line] = latenessOf(inbound, was);
    if (inbound.kind === 'video') {
      const decoded = grown('framesDecoded');
      const keys = 'keyFramesDecoded' in inbound ? grown('keyFramesDecoded') : 0; // where unknown, every frame counts as moving
      const seconds = Math.max(0.05, (inbound.timestamp - was.timestamp) / 1000);
      sample.frames[line] = decoded / seconds;
      sample.keys[line] = keys;
      sample.moves[line] = decoded - keys;
      sample.decoded += decoded;
      if (line !== 'slides') sample.freezes += grown('freezeCount'); // slides stand still by nature
    } else {
      const duration = grown('totalSamplesDuration');
      sample.rms[line] = duration > 0 ? Math.sqrt(Math.max(0, grown('totalAudioEnergy')) / duration) : 0;
    }
    return grown('bytesReceived') + grown('headerBytesReceived') + packets * ENVELOPE;
  }

  /**
   * @private
   * @param {Sample} sample
   */
  decide(sample) {
    if (this.loose && performance.now() - this.loose > APART) this.moveOn();
    if (this.joining || this.retryTimer && this.attempt) return;
    if (!this.expected || this.youth() < DEAF) return;
    if (!this.classUp && sample.silent > DEAF) this.rebuild('deaf');
    else if (sample.silent > HEAL && this.youth() > HEAL) this.rebuild('silent');
  }
}
