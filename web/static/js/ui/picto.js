// A pictogram beside a word. The drawings are in one sheet under the same hash as this file: its address is found from here.

const SHEET = new URL('../../img/picto.svg', import.meta.url).pathname;
const SVG = 'http://www.w3.org/2000/svg';

/**
 * Draws one pictogram. It says nothing by itself: a word always stands beside it.
 * @param {string} name  an id of picto.svg
 * @returns {SVGElement}
 */
export function picto(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'picto');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  const use = document.createElementNS(SVG, 'use');
  svg.append(use);
  repaint(svg, name);
  return svg;
}

/**
 * Shows another pictogram in the place of one.
 * @param {Element} svg  made by picto(), or by the template
 * @param {string} name
 */
export function repaint(svg, name) {
  const use = /** @type {Element} */ (svg.firstElementChild);
  const address = SHEET + '#' + name;
  if (use.getAttribute('href') !== address) use.setAttribute('href', address);
}
