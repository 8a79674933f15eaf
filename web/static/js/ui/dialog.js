// A question to the person, over the page: focus stays in it, Escape leaves it, and it comes back where it was.
// What the person asks for may take a moment and may be refused: until it is done the dialog stays, text and all.

import { say } from '../core/words.js';
import { make } from './page.js';
import { announce, why } from './news.js';
import { picto } from './picto.js';

/**
 * @typedef {Object} Choice
 * @property {string} text
 * @property {string} [look]  classes of the button: "primary", "quiet"…
 * @property {string} [picto]  the drawing before its words
 * @property {() => boolean | void | Promise<unknown>} [act]  runs in the tap; false keeps the dialog open, a promise until it
 *   is kept: the reason why it was not is said inside
 */

/**
 * @param {{title: string, body?: (Node | string)[], choices: Choice[], stacked?: boolean, grid?: boolean, late?: (error: any) => void}} ask
 *   late: hears of a refusal that came after the person had left.
 *   grid: many short choices side by side, the last one on a line of its own. stacked: one choice a line. The field of the body takes the focus; else, in a stack, the title; else the last choice, which changes nothing.
 * @returns {() => void} closes it
 */
export function openDialog(ask) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  let open = true;
  const title = make('h2', { id: 'dialog-title', tabindex: '-1' }, [ask.title]);
  const row = make(ask.grid ? 'div.dialog-grid' : ask.stacked ? 'div.dialog-stack' : 'div.row.dialog-row');
  const refusal = make('p.field-error', { role: 'alert', hidden: '' });
  const box = make('div.dialog.card.stack', { role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'dialog-title' }, [title, ...(ask.body || []).map(paragraph), refusal, row]);
  const veil = make('div.veil', null, [box]);
  const close = () => {
    if (!open) return;
    open = false;
    document.removeEventListener('keydown', onKey, true);
    document.body.classList.remove('veiled');
    veil.remove();
    if (before && before.isConnected) before.focus({ preventScroll: true });
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') {
      keepInside(box, event);
    }
  };
  const settle = (/** @type {boolean | void | Promise<unknown>} */ outcome) => {
    if (outcome === false) return;
    if (!(outcome instanceof Promise)) return close();
    wait(box, true);
    announce(refusal, '');
    outcome.then(close, (error) => {
      if (!open) return ask.late && ask.late(error);
      wait(box, false);
      return announce(refusal, why(error));
    });
  };
  const patience = () => announce(refusal, say('common.busy'));
  for (const choice of ask.choices) row.append(choiceButton(choice, settle, patience));
  document.addEventListener('keydown', onKey, true);
  document.body.append(veil);
  document.body.classList.add('veiled');
  firstFocus(box, ask.stacked || ask.grid ? title : row).focus();
  return close;
}

/** @param {Node | string} part @returns {Node} */
function paragraph(part) {
  return typeof part === 'string' ? make('p', null, [part]) : part;
}

/** @param {Choice} choice @param {(outcome: boolean | void | Promise<unknown>) => void} settle @param {() => void} patience  a tap while the house is asked @returns {HTMLElement} */
function choiceButton(choice, settle, patience) {
  const button = make('button', { type: 'button' }, choice.picto ? [picto(choice.picto), choice.text] : [choice.text]);
  if (choice.look) button.className = choice.look;
  if (choice.act) button.dataset.asks = '';
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') === 'true') return patience();
    return settle(choice.act ? choice.act() : undefined);
  });
  return button;
}

/** While the house is asked, nothing is asked twice; leaving stays possible. @param {HTMLElement} box @param {boolean} busy */
function wait(box, busy) {
  box.setAttribute('aria-busy', String(busy));
  for (const button of Array.from(box.querySelectorAll('[data-asks]'))) {
    if (busy) button.setAttribute('aria-disabled', 'true');
    else button.removeAttribute('aria-disabled');
  }
}

/** @param {HTMLElement} box @param {HTMLElement} calm  the title, or the row of choices @returns {HTMLElement} */
function firstFocus(box, calm) {
  const field = /** @type {HTMLElement | null} */ (box.querySelector('textarea, input, select'));
  return field || /** @type {HTMLElement | null} */ (calm.lastElementChild) || calm;
}

/** @param {HTMLElement} box @param {KeyboardEvent} event */
function keepInside(box, event) {
  const all = Array.from(box.querySelectorAll('button, textarea, input, select, a[href]'));
  const first = /** @type {HTMLElement} */ (all[0]);
  const last = /** @type {HTMLElement} */ (all[all.length - 1]);
  const active = document.activeElement;
  if (event.shiftKey && (active === first || !box.contains(active))) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && (active === last || !box.contains(active))) {
    event.preventDefault();
    first.focus();
  }
}
