// The drawing that stands beside the words of a question's fate: who does not read sees that it left, waits, was kept or was answered.

import { picto } from './picto.js';

/** By the state of a question, or of a letter of the outbox (waiting, refused). @type {Record<string, string>} */
const DRAWINGS = {
  waiting: 'soon', refused: 'decline', asked: 'send', relayed: 'send', approved: 'done', 'on-air': 'on-air',
  answered: 'reply', later: 'later', declined: 'decline', merged: 'people', over: 'ended',
};

/** @param {string} state  or 'over': it was not answered before the séance ended @returns {string} an id of picto.svg */
export function fatePicto(state) {
  return DRAWINGS[state] || 'question';
}

/**
 * Puts a drawing and its words into a line, only when one of them changed: a screen reader reads a live region once.
 * @param {HTMLElement} line
 * @param {string} icon  an id of picto.svg
 * @param {string} text  '' leaves the line empty
 */
export function writeFate(line, icon, text) {
  if (line.dataset.icon === icon && line.textContent === text) return;
  line.dataset.icon = icon;
  line.textContent = '';
  if (text) line.append(picto(icon), text);
}
