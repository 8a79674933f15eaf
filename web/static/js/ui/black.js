const WIDTH = 16;
const HEIGHT = 9;
const DARK = 48; // red, green and blue together

/**
 * A closed lid, a covered lens.
 * @param {HTMLVideoElement} video
 * @returns {boolean} false while there is no picture at all
 */
export function isBlack(video) {
  if (video.readyState < 2 || !video.videoWidth) return false;
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext('2d');
  if (!pen) return false;
  pen.drawImage(video, 0, 0, WIDTH, HEIGHT);
  const pixels = pen.getImageData(0, 0, WIDTH, HEIGHT).data;
  for (let i = 0; i < pixels.length; i += 4) {
    if (pixels[i] + pixels[i + 1] + pixels[i + 2] > DARK) return false;
  }
  return true;
}
