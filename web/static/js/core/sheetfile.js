// A file that is to become the sheet: what the house will take of it. Pure.

export const LARGEST = 10 * 1024 * 1024;
const TYPES = ['application/pdf', 'image/png', 'image/jpeg'];
const LONGEST_TITLE = 120;

/**
 * @param {{ type: string, size: number }} file
 * @returns {'' | 'type' | 'large' | 'empty'} why the house would refuse it
 */
export function mistakeOf({ type, size }) {
  if (TYPES.indexOf(type) < 0) return 'type';
  if (size === 0) return 'empty';
  return size > LARGEST ? 'large' : '';
}

/** « fiche_recette-v2.pdf » → « fiche recette v2 ». @param {string} name of a file @returns {string} */
export function titleOf(name) {
  const bare = name.replace(/\.[A-Za-z0-9]{1,5}$/, '').replace(/[_\-\s]+/g, ' ').normalize('NFC').trim();
  return Array.from(bare || name).slice(0, LONGEST_TITLE).join('');
}

/** @param {number} bytes @returns {{ n: number, unit: 'kb' | 'mb' }} as people say it */
export function sizeOf(bytes) {
  if (bytes < 1e6) return { n: Math.max(1, Math.round(bytes / 1000)), unit: 'kb' };
  return { n: Math.round(bytes / 1e5) / 10, unit: 'mb' };
}
