// What every page's script starts with: the page's own data, its words, and a few
// ways to put text on it. Text only ever arrives through textContent.

import { able } from '../core/able.js';
import { learn, say, stateOf } from '../core/words.js';

/**
 * @typedef {Object} Page
 * @property {string} name
 * @property {string} lang
 * @property {string} room
 * @property {string} site
 * @property {string} build  the files this page was made of; '' for who works on the pages
 * @property {boolean} able  this browser has what the page needs; when not, the page says so
 */

/** @returns {Page} */
function readPage() {
  const data = document.body.dataset;
  const block = document.getElementById('words');
  learn(JSON.parse((block && block.textContent) || '{}'), document.documentElement.lang || 'fr', data.zone || '');
  const fit = able(data.page || '', window);
  const old = document.getElementById('old');
  if (!fit && old) old.hidden = false;
  return {
    name: data.page || '', lang: document.documentElement.lang || 'fr',
    room: data.room || '', site: data.site || '', build: data.build || '', able: fit,
  };
}

/** This page, as the server rendered it. */
export const page = readPage();

/**
 * The element with this id. Pages own their HTML: a missing one is a mistake.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function el(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error('no element #' + id);
  return /** @type {T} */ (/** @type {unknown} */ (found));
}

/**
 * Writes only when it changed: a screen reader reads a live region once.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {HTMLElement} element
 * @param {boolean} visible
 */
export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/**
 * Makes an element.
 * @param {string} tag  "p", "button.small", "li.question"
 * @param {Record<string, string> | null} [attributes] text goes by children; "data-…" and ARIA welcome
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElement}
 */
export function make(tag, attributes, children) {
  const names = tag.split('.');
  const element = document.createElement(names[0]);
  element.className = names.slice(1).join(' ');
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  for (const child of children || []) element.append(child);
  return element;
}

/**
 * Makes the children of a list follow `items` by key, touching only what changed,
 * so that focus and reading position stay.
 * @template T
 * @param {HTMLElement} list
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} create
 * @param {(element: HTMLElement, item: T) => void} update
 */
export function follow(list, items, keyOf, create, update) {
  /** @type {Map<string, HTMLElement>} */
  const old = new Map();
  for (const child of Array.from(list.children)) {
    const element = /** @type {HTMLElement} */ (child);
    old.set(element.dataset.key || '', element);
  }
  items.forEach((item, i) => {
    const key = keyOf(item);
    const element = old.get(key) || create(item);
    old.delete(key);
    element.dataset.key = key;
    update(element, item);
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] || null);
  });
  for (const element of old.values()) element.remove();
}

/**
 * The word for a séance's state: « En direct », « Bientôt », « Pause », « Incident », « Terminé ».
 * @param {{ state: string, slate?: string } | undefined} room
 * @returns {string}
 */
export function stateWord(room) {
  return say('state.' + (room ? stateOf(room) : 'scheduled'));
}

/**
 * Puts the state into a .mark element.
 * @param {HTMLElement} mark
 * @param {{ state: string } | undefined} room
 */
export function paintMark(mark, room) {
  const state = (room && room.state) || 'scheduled';
  write(mark, stateWord(room));
  mark.classList.toggle('onair', state === 'on-air');
  mark.classList.toggle('soon', state === 'scheduled' || state === 'doors-open');
  mark.classList.toggle('over', state === 'ended');
}
