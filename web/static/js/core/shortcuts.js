// When a one-letter key may act: never where something is being typed or chosen. Pure.

/** Kinds of input that take no letters. */
const LETTERLESS = ['checkbox', 'button', 'submit', 'reset', 'image'];

/** Elements in which arrows already mean something. */
const ARROWS = ['radio', 'range', 'number'];

/** @typedef {{ tagName: string, type?: string, isContentEditable?: boolean, getAttribute: (name: string) => string | null } | null} Focused */

/**
 * @param {{ key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, isComposing?: boolean }} event
 * @param {Focused} focused  the element that has the keyboard
 * @returns {boolean}
 */
export function mayAct(event, focused) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (!focused) return true;
  if (takesLetters(focused)) return false;
  return event.key.length === 1 || !takesArrows(focused);
}

/** @param {NonNullable<Focused>} focused */
function takesLetters(focused) {
  if (focused.isContentEditable) return true;
  if (focused.tagName === 'INPUT') return LETTERLESS.indexOf((focused.type || 'text').toLowerCase()) < 0;
  return focused.tagName === 'TEXTAREA' || focused.tagName === 'SELECT';
}

/** @param {NonNullable<Focused>} focused */
function takesArrows(focused) {
  const role = focused.getAttribute('role');
  return role === 'tab' || role === 'radio' || focused.tagName === 'VIDEO' || ARROWS.indexOf((focused.type || '').toLowerCase()) >= 0;
}
