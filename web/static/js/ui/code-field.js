// One field for a code: its dash comes by itself, in any case, wherever the hand is in the text.

import { asCode } from '../core/paired.js';

/**
 * @param {HTMLInputElement} field
 * @param {(code: string) => void} changed  after each change, with what the field holds now
 */
export function codeField(field, changed) {
  field.addEventListener('input', () => {
    const before = asCode(field.value.slice(0, field.selectionStart || 0)).length;
    const whole = asCode(field.value);
    if (field.value !== whole) {
      field.value = whole;
      field.setSelectionRange(before, before);
    }
    changed(whole);
  });
}
