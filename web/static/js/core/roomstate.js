// « Ma salle » in one sentence: does the room see and hear, and if not, what to tap. Pure.
// It speaks from the screens' own decoded frames and unlocked sound, never from a guess.

/**
 * @typedef {Object} Seen
 * @property {boolean} up        this page's own connection to the class
 * @property {boolean} [late]   the class has not answered for so long that it must be said
 * @property {string} [why]     why it is not up, in the house's own words
 * @property {any} room
 * @property {any} air
 * @property {any[]} screens     the screen entities of this site
 * @property {boolean} [lately]  an open screen was there a moment ago, and may come back by itself
 * @property {boolean} [sound]   somebody in the room has heard the sound
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
  if (!seen.up || !seen.room) return say('wait', seen.room ? 'offline' : seen.late ? 'unreached' : 'joining');
  if (seen.room.state === 'ended') return say('over', 'ended');
  if (screens === 0) return seen.lately ? say('wait', 'apart', 'screen-retries') : say('act', 'no-screen', 'open-screen');
  const ills = count(seen.screens);
  if (ills.shut) return say('act', 'not-open', 'open-room', ills.shut);
  if (seen.room.state !== 'on-air') return beforeOrPause(seen, ills, say);
  return onAir(seen, ills, say);
}

/** @typedef {(tone: Verdict['tone'], key: string, todo?: string, ill?: number) => Verdict} Say */

/** @typedef {{shut: number, apart: number, full: number, locked: number, off: number, bad: number, slow: number}} Ills */

/**
 * What may be wrong with screens, most serious first: a screen counts for sound only once it is open and
 * linked, because before that it has nothing to play.
 * @param {any[]} screens
 * @returns {Ills} apart: opened, without a media session; full: of those, for want of room in the server; bad: pictures that should move
 *   and do not; slow: pictures that a slow line updates now and then, as the screen itself says
 */
function count(screens) {
  const opened = screens.filter((s) => s.opened !== false);
  const linked = opened.filter((s) => s.connected !== false);
  return {
    shut: screens.length - opened.length,
    apart: opened.length - linked.length,
    locked: opened.filter((s) => s.sound === 'locked').length,
    off: linked.filter((s) => s.sound === 'off').length,
    full: opened.filter((s) => s.connected === false && s.full).length,
    bad: screens.filter((s) => s.picture !== 'moving' && s.picture !== 'still').length,
    slow: screens.filter((s) => s.picture === 'still').length,
  };
}

/** @param {Seen} seen @param {Ills} ills @param {Say} say */
function beforeOrPause(seen, ills, say) {
  const sound = badSound(ills, say);
  if (sound) return sound;
  if (ills.apart) return away(ills, say);
  if (seen.room.state === 'paused') return say('wait', seen.room.slate === 'incident' ? 'incident' : 'paused');
  return seen.sound ? say('good', 'ready') : say('wait', 'unheard');
}

/** @param {Ills} ills @param {Say} say @returns {Verdict | null} what a hand must do for the sound */
function badSound(ills, say) {
  if (ills.locked) return say('act', 'sound-locked', 'click-sound', ills.locked);
  return ills.off ? say('act', 'sound-off', 'sound-on', ills.off) : null;
}

/** @param {Seen} seen @param {Ills} ills @param {Say} say */
function onAir(seen, ills, say) {
  const fed = (seen.air && seen.air.up) || [];
  if (fed.length === 0) return say('wait', 'studio-away');
  const sees = ['camera', 'slides', 'guest-camera'].some((slot) => fed.indexOf(slot) >= 0);
  const hears = ['voice', 'guest-voice'].some((slot) => fed.indexOf(slot) >= 0);
  const picture = sees && ills.bad ? badPicture(seen, ills, say) : null;
  const bad = picture || badSound(ills, say);
  if (bad) return bad;
  if (ills.apart) return away(ills, say);
  if (sees && ills.slow) return say('wait', 'slow', 'slow-line', ills.slow);
  if (!hears) return say('wait', 'well-picture');
  return say('good', sees ? 'well' : 'well-sound');
}

/** @param {Seen} seen @param {Ills} ills @param {Say} say */
function badPicture(seen, ills, say) {
  const none = seen.screens.some((s) => s.picture === 'none');
  if (ills.locked) return say('act', none ? 'no-picture-no-sound' : 'sound-locked', 'click-sound', Math.max(ills.bad, ills.locked));
  if (ills.apart) return away(ills, say);
  return say('wait', none ? 'no-picture' : 'frozen', 'screen-retries', ills.bad);
}

/** @param {Ills} ills @param {Say} say @returns {Verdict} a screen that does not get in, and why when it says so */
function away(ills, say) {
  return say('wait', ills.full ? 'full' : 'apart', 'screen-retries', ills.apart);
}
