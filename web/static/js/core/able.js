// Whether this browser can do what a page needs. Modules alone do not say so: some that know them have no WebRTC,
// or have it switched off.

/** What each page cannot do without, besides modules. @type {Record<string, string[]>} */
const NEEDS = {
  live: ['RTCPeerConnection', 'WebSocket'],
  screen: ['RTCPeerConnection', 'WebSocket'],
  studio: ['RTCPeerConnection', 'WebSocket'],
  phone: ['RTCPeerConnection', 'WebSocket'],
  guest: ['RTCPeerConnection', 'WebSocket'],
  desk: ['WebSocket'],
  post: ['WebSocket'],
  control: ['WebSocket'],
};

/**
 * @param {string} page
 * @param {any} browser  its window
 * @returns {boolean}
 */
export function able(page, browser) {
  return (NEEDS[page] || []).every((name) => typeof browser[name] === 'function');
}
