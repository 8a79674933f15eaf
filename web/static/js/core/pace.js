// What a room says of itself: how long it has stood, and who has seen it. Pure.

/** ms after which what was said is asked again */
export const OLD = 5 * 60000;

/**
 * @typedef {{ pace?: string, paceAt?: string, paceSaidAt?: string, seenAt?: string, seenBy?: string, trouble?: string, troubleAt?: string }} Site
 */

/**
 * What was said so long ago that it is asked again. A trouble first: it is the one that keeps people from following. That all
 * is well needs no confirmation.
 * @param {Site} site
 * @param {number} now  ms, the house's clock
 * @param {number} confirmedAt  when somebody here said that the trouble is still there; 0 for never
 * @returns {'pace' | 'trouble' | ''}
 */
export function oldOf(site, now, confirmedAt) {
  const since = (/** @type {string | undefined} */ at) => (at ? now - Date.parse(at) : 0);
  const sure = confirmedAt ? now - confirmedAt : Infinity;
  if (site.trouble && site.trouble !== 'none' && Math.min(since(site.troubleAt), sure) >= OLD) return 'trouble';
  if (site.pace && site.pace !== 'following' && since(site.paceSaidAt || site.paceAt) >= OLD) return 'pace';
  return '';
}

/**
 * The latest moment at which one of these rooms, as a page has drawn them, began to say its pace; '' when none says one.
 * @param {Site[]} sites
 * @returns {string}
 */
export function latestOf(sites) {
  const said = sites.map((site) => (site.pace && site.paceAt) || '').filter(Boolean);
  return said.sort((a, b) => Date.parse(a) - Date.parse(b)).pop() || '';
}

/**
 * What became of the pace that was said. Only a person's look is said to be one.
 * @param {Site} site
 * @returns {'' | 'sent' | 'mediator' | 'moderator'}
 */
export function seenOf(site) {
  if (!site.pace) return '';
  if (site.seenAt) return site.seenBy === 'moderator' ? 'moderator' : 'mediator';
  return site.pace === 'following' ? '' : 'sent';
}
