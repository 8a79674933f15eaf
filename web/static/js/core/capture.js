// Camera, microphone and shared slides of this device, with refusals a page can put into words.

const USUAL = { width: 1280, height: 720 };

/** @typedef {'insecure' | 'refused' | 'missing' | 'busy' | 'changed' | 'failed'} CaptureCode */

/** Why a device could not be opened. code: insecure (no https), refused, missing, busy, changed (the chosen one is gone), failed. */
export class CaptureError extends Error {
  /** @param {CaptureCode} code @param {unknown} [cause] */
  constructor(code, cause) {
    super('capture: ' + code);
    this.code = code;
    this.cause = cause;
  }
}

/** @typedef {{id: string, name: string}} Device */

/** @returns {boolean} whether this page may ask for devices at all (https, or this very computer) */
export function canCapture() {
  return Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
}

/** @returns {boolean} phones cannot share a screen */
export function canShare() {
  return Boolean(navigator.mediaDevices && navigator.mediaDevices.getDisplayMedia);
}

/**
 * Cameras and microphones by name. Names are empty until the person has allowed them once.
 * @returns {Promise<{cameras: Device[], microphones: Device[], named: boolean}>}
 */
export async function listDevices() {
  if (!canCapture()) return { cameras: [], microphones: [], named: false };
  const all = await navigator.mediaDevices.enumerateDevices();
  const cameras = all.filter((d) => d.kind === 'videoinput').map(asDevice);
  const microphones = all.filter((d) => d.kind === 'audioinput' && d.deviceId !== 'communications').map(asDevice);
  const named = cameras.concat(microphones).some((d) => d.name !== '');
  return { cameras, microphones, named };
}

/** @param {MediaDeviceInfo} info @returns {Device} */
function asDevice(info) {
  return { id: info.deviceId, name: info.label.replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)\s*$/i, '') };
}

/**
 * @param {{camera?: string, microphone?: string, size?: {width: number, height: number}}} wanted  device ids; '' for the browser's own
 *   choice, undefined for none; size of the picture, USUAL when left out
 * @returns {Promise<MediaStream>} the wanted tracks, in one question to the person
 */
export async function openDevices(wanted) {
  const video = wanted.camera !== undefined && Object.assign(pictureOf(wanted.size || USUAL), exactly(wanted.camera));
  const audio = wanted.microphone !== undefined && Object.assign({ echoCancellation: true, noiseSuppression: true, autoGainControl: true }, exactly(wanted.microphone));
  if (!video && !audio) return new MediaStream();
  if (!canCapture()) throw new CaptureError('insecure');
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio });
  } catch (error) {
    throw new CaptureError(codeOf(error), error);
  }
}

/**
 * The camera at the back of a phone, or the only one there is; never a microphone.
 * @returns {Promise<MediaStreamTrack>} rejects with a CaptureError
 */
export async function openRearCamera() {
  if (!canCapture()) throw new CaptureError('insecure');
  try {
    const video = Object.assign(pictureOf(USUAL), { facingMode: { ideal: 'environment' } });
    const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    return hint(/** @type {MediaStreamTrack} */ (stream.getVideoTracks()[0]), 'motion');
  } catch (error) {
    throw new CaptureError(codeOf(error), error);
  }
}

/** @param {{width: number, height: number}} size */
function pictureOf({ width, height }) {
  return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
}

/** @param {string} id */
function exactly(id) {
  return id ? { deviceId: { exact: id } } : {};
}

/**
 * Asks the browser for a window or screen to share: text stays sharp, the rate gives way.
 * @returns {Promise<MediaStreamTrack | null>} null when the person closed the browser's list
 */
export async function openSlides() {
  if (!canShare()) throw new CaptureError('missing');
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 8, max: 10 } },
      audio: false,
    });
    return hint(/** @type {MediaStreamTrack} */ (stream.getVideoTracks()[0]), 'detail');
  } catch (error) {
    if (codeOf(error) === 'refused') return null;
    throw new CaptureError(codeOf(error), error);
  }
}

/**
 * Tells the encoder what matters in a picture: "motion" keeps the rate, "detail" the sharpness.
 * @param {MediaStreamTrack} track
 * @param {'motion' | 'detail'} kind
 * @returns {MediaStreamTrack} the same track
 */
export function hint(track, kind) {
  if ('contentHint' in track) track.contentHint = kind;
  return track;
}

/** @param {unknown} error @returns {CaptureCode} */
function codeOf(error) {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return 'missing';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy';
    case 'OverconstrainedError':
      return 'changed';
    default:
      return 'failed';
  }
}

/**
 * Whether the browser will ask before opening these devices.
 * @param {('camera' | 'microphone')[]} [names]
 * @returns {Promise<'granted' | 'prompt' | 'denied'>} "prompt" where the browser cannot tell
 */
export async function permission(names = ['camera', 'microphone']) {
  try {
    const answers = await Promise.all(names.map((name) => navigator.permissions.query(/** @type {any} */ ({ name }))));
    if (answers.some(({ state }) => state === 'denied')) return 'denied';
    return answers.every(({ state }) => state === 'granted') ? 'granted' : 'prompt';
  } catch (error) {
    return 'prompt';
  }
}
