// « Ma salle » in one sentence: does the room see and hear, and if not, what to tap. Pure.
// It speaks from the screens' own decoded frames and unlocked sound, never from a guess.

/**
 * @typedef {Object} Seen
 * @property {boolean} up        this page's own connection to the class
 * @property {any} room
 * @property {any} air
 * @property {any[]} screens     the screen entities of this site
 *
 * @typedef {Object} Verdict
 * @property {'good' | 'wait' | 'act' | 'over'} tone  act: somebody must do something in the room
 * @property {string} key     of the big sentence
 * @property {string} [todo]  of what to do, when there is something to do
 * @property {number} ill     screens that are not well
 * @property {number} screens
 */

/** @param {Seen} seen @returns {Verdict} */
export function roomVerdict(seen) {
  const screens = seen.screens.length;
  const say = (/** @type {Verdict['tone']} */ tone, /** @type {string} */ key, todo = '', ill = 0) => ({ tone, key, todo, ill, screens });
  if (!seen.up || !seen.room) return say('wait', seen.room ? 'offline' : 'joining');
  if (seen.room.state === 'ended') return say('over', 'ended');
  if (screens === 0) return say('act', 'no-screen', 'open-screen');
  const shut = seen.screens.filter((s) => s.sound === 'off' && s.picture === 'none').length;
  if (shut) return say('act', 'not-open', 'open-room', shut);
  const locked = seen.screens.filter((s) => s.sound === 'locked').length;
  if (seen.room.state !== 'on-air') return beforeOrPause(seen, locked, say);
  return onAir(seen, locked, say);
}

/** @typedef {(tone: Verdict['tone'], key: string, todo?: string, ill?: number) => Verdict} Say */

/** @param {Seen} seen @param {number} locked @param {Say} say */
function beforeOrPause(seen, locked, say) {
  const paused = seen.room.state === 'paused';
  if (locked) return say('act', 'sound-locked', 'click-sound', locked);
  return paused ? say('wait', 'paused') : say('good', 'ready');
}

/** @param {Seen} seen @param {number} locked @param {Say} say */
function onAir(seen, locked, say) {
  const fed = (seen.air && seen.air.up) || [];
  if (fed.length === 0) return say('wait', 'studio-away');
  const still = seen.screens.filter((s) => s.picture !== 'moving').length;
  const off = seen.screens.filter((s) => s.sound === 'off').length;
  const sees = fed.indexOf('camera') >= 0 || fed.indexOf('slides') >= 0;
  if (sees && still) {
    const none = seen.screens.some((s) => s.picture === 'none');
    if (locked) return say('act', none ? 'no-picture-no-sound' : 'sound-locked', 'click-sound', Math.max(still, locked));
    return say('wait', none ? 'no-picture' : 'frozen', 'screen-retries', still);
  }
  if (locked) return say('act', 'sound-locked', 'click-sound', locked);
  if (off) return say('act', 'sound-off', 'sound-on', off);
  return say('good', sees ? 'well' : 'well-sound');
}
