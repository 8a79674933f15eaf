// Who may be brought on air: those who asked first, then the rooms where an animator is there. Pure.

import { isThere } from './exercise.js';

/** A room that hears this much later answers beside the question. */
export const LATE = 2000;

/**
 * @typedef {Object} Candidate
 * @property {string} key      of a list: "request/…" or "site/…"
 * @property {Record<string, string>} invite  what the command invite needs, besides the grant
 * @property {any} from        the request or the site
 * @property {boolean} asked   a volunteer
 * @property {'' | 'absent' | 'backup' | 'late'} caution  what the mediator should know before
 * @property {number} delay    ms, 0 where it was not measured
 */

/**
 * @param {any[]} requests
 * @param {any[]} sites
 * @param {(site: string) => any} thereOf
 * @returns {Candidate[]}
 */
export function candidates(requests, sites, thereOf) {
  const volunteers = requests.slice().sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1));
  const asking = new Set(volunteers.filter((r) => r.from !== 'home').map((r) => r.site));
  const others = sites.filter((site) => !asking.has(site.id) && (thereOf(site.id) || {}).desks > 0).sort((a, b) => a.name.localeCompare(b.name, 'fr'));
  return volunteers
    .map((r) => candidate('request/' + r.id, { request: r.id }, r, true, r.from === 'home' ? null : thereOf(r.site)))
    .concat(others.map((site) => candidate('site/' + site.id, { site: site.id }, site, false, thereOf(site.id))));
}

/** @param {string} key @param {Record<string, string>} invite @param {any} from @param {boolean} asked @param {any} there @returns {Candidate} */
function candidate(key, invite, from, asked, there) {
  const home = asked && from.from === 'home';
  return { key, invite, from, asked, caution: home ? '' : cautionOf(there), delay: (there && there.delay) || 0 };
}

/** @param {any} there @returns {'' | 'absent' | 'backup' | 'late'} */
export function cautionOf(there) {
  if (!isThere(there)) return 'absent';
  if ((there.delay || 0) >= LATE) return 'late';
  return there.path === 'tcp' ? 'backup' : '';
}
