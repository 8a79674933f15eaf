// A soft chime when a share of the rooms asks to go slower, once each time the share is reached. Pure.

/**
 * @param {any[]} sites  site entities
 * @param {(site: string) => boolean} isHere
 * @returns {{ slow: number, share: number }} rooms that are there and ask for less speed, or are stuck; and their share, 0..1
 */
export function behind(sites, isHere) {
  const here = sites.filter((site) => isHere(site.id));
  const slow = here.filter((site) => site.pace === 'slower' || site.pace === 'stuck').length;
  return { slow, share: here.length ? slow / here.length : 0 };
}

export class Threshold {
  constructor() {
    /** @private */
    this.above = false;
  }

  /**
   * @param {number} share
   * @param {number} limit  0 for never
   * @returns {boolean} whether to chime now
   */
  crossed(share, limit) {
    const above = limit > 0 && share >= limit;
    const news = above && !this.above;
    this.above = above;
    return news;
  }
}
