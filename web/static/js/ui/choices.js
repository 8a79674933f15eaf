// A list too long for the eye: a dozen first, and any other by what is typed.

import { holds } from '../core/board.js';
import { say } from '../core/words.js';
import { make, show, write } from './page.js';

export const FIRST_CHOICES = 12; // before anything is typed

/**
 * @param {number} i  its place in the list
 * @param {string} text  what is read of it
 * @param {string} typed
 * @returns {boolean} whether it is shown
 */
export function fits(i, text, typed) {
  return typed.trim() ? holds(text, typed) : i < FIRST_CHOICES;
}

/**
 * The field over the choices of a stacked dialog.
 * @param {string} label  key
 * @param {string} nothing  key of what is said when no choice fits
 * @returns {{ field: HTMLElement, sieve: (count: number) => void }} sieve: called once the dialog is open, with its number of choices
 */
export function choiceSearch(label, nothing) {
  const search = /** @type {HTMLInputElement} */ (make('input', { id: 'choice-search', type: 'search', autocomplete: 'off' }));
  const none = make('p.hint', { role: 'status' });
  const field = make('div', null, [make('label', { for: 'choice-search' }, [say(label)]), search, none]);
  const sieve = (/** @type {number} */ count) => {
    const buttons = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll('.dialog-stack > button')).slice(0, count));
    const filter = () => {
      const kept = buttons.filter((button, i) => fits(i, button.textContent || '', search.value));
      for (const button of buttons) show(button, kept.indexOf(button) >= 0);
      write(none, kept.length || !count ? '' : say(nothing));
    };
    search.addEventListener('input', filter);
    filter();
  };
  return { field, sieve };
}
