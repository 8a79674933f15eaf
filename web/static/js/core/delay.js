// How long it takes from the server to the eye and the ear of a page, and by which way. Pure: the browser's own figures in.
//
// Where the browser tells the moment of the media that it plays now (estimatedPlayoutTimestamp), the delay is the house's time now
// less that moment. The server stamps what it sends with its own clock (the sender reports of RFC 3550), so that this holds whatever
// the clocks of the studio and of the page say. Elsewhere it is reckoned: half the round trip, and what waits in the jitter buffer.
// Neither counts the way from the studio to the server (half its round trip, and its encoder: little beside the steps of 0.2 s in
// which the house tells a delay again), nor what a television adds after the page. It is not the way from mouth to ear, and the
// walls do not say so: « reçu en 0,4 s ».

const NTP_TO_UNIX = 2208988800000; // ms from 1900 to 1970
const NTP_AT_LEAST = 3000000000000; // a moment of 1995 and later, counted from 1900; of 2065, counted from 1970
const MOST = 60000; // that can be told: beyond it, clocks differ and nothing was measured

/**
 * The way that carries the media now.
 * @param {{ get: (id: string) => any, forEach: (look: (stat: any) => void) => void }} stats  a browser's report
 * @returns {{ path: '' | 'udp' | 'tcp', rtt: number }} '' while none is chosen; ms
 */
export function wayOf(stats) {
  /** @type {any} */
  let pair = null;
  stats.forEach((stat) => {
    if (stat.type === 'transport' && stat.selectedCandidatePairId) pair = stats.get(stat.selectedCandidatePairId) || pair;
    if (stat.type === 'candidate-pair' && !pair && (stat.selected || (stat.nominated && stat.state === 'succeeded'))) pair = stat;
  });
  const local = pair && stats.get(pair.localCandidateId);
  const rtt = pair && pair.currentRoundTripTime > 0 ? pair.currentRoundTripTime * 1000 : 0;
  return { path: local ? (local.protocol === 'tcp' ? 'tcp' : 'udp') : '', rtt };
}

/**
 * What one line tells about its lateness.
 * @typedef {{ moment: number, waits: number }} Lateness  moment: of the media played now, ms since 1970 by the server's clock, 0 when
 *   not told; waits: ms in the jitter buffer, -1 when nothing came out of it
 *
 * @param {any} inbound  inbound-rtp
 * @param {any} was      the same, at the last look
 * @returns {Lateness}
 */
export function latenessOf(inbound, was) {
  const told = inbound.estimatedPlayoutTimestamp || 0;
  const out = (inbound.jitterBufferEmittedCount || 0) - (was.jitterBufferEmittedCount || 0);
  const waited = (inbound.jitterBufferDelay || 0) - (was.jitterBufferDelay || 0);
  return { moment: told > NTP_AT_LEAST ? told - NTP_TO_UNIX : told, waits: out > 0 ? (waited / out) * 1000 : -1 };
}

/**
 * @param {Lateness | undefined} late
 * @param {number} rtt  ms
 * @param {number} now  the house's time, as it was heard: half a round trip late itself
 * @returns {number | null} ms, null when it cannot be told
 */
export function delayOf(late, rtt, now) {
  if (!late) return null;
  const measured = late.moment ? now + rtt / 2 - late.moment : -1;
  if (measured >= 0 && measured <= MOST) return Math.round(measured);
  return late.waits >= 0 ? Math.min(MOST, Math.round(rtt / 2 + late.waits)) : null;
}
