// A post of a centre: one code, and it is in the séance. A post that was in one comes back to it by itself.

import { errand } from '../core/errand.js';
import { memory } from '../core/link.js';
import { isWhole, keepPost, keptPost } from '../core/paired.js';
import { say } from '../core/words.js';
import { codeField } from './code-field.js';
import { announce, why } from './news.js';
import { el, page, show, write } from './page.js';

const field = /** @type {HTMLInputElement} */ (el('code'));
let busy = false;

/** @param {string} text */
function complain(text) {
  announce(el('error'), text);
  field.setAttribute('aria-invalid', text ? 'true' : 'false');
}

/** @param {{ room: string, token: string }} post @param {string} [url] */
function enter(post, url = '/post/' + encodeURIComponent(post.room)) {
  window.location.replace(url + window.location.search + '#' + post.token);
}

async function join() {
  if (busy) return;
  if (!isWhole(field.value)) {
    complain(say('join.short'));
    field.focus();
    return;
  }
  busy = true;
  el('go').setAttribute('aria-disabled', 'true');
  complain('');
  try {
    const given = await errand('POST', '/pair/claim', { body: { code: field.value }, lang: page.lang });
    const claimed = { room: given.room, token: given.token };
    if (given.role === 'post') keepPost(claimed);
    enter(claimed, given.url);
  } catch (refusal) {
    complain(/** @type {any} */ (refusal).code === 'connection-lost' ? say('join.lost') : why(refusal));
    field.select();
    busy = false;
    el('go').removeAttribute('aria-disabled');
  }
}

/** Why this post is no longer in its séance, when its page sent it here. */
function tellWhy() {
  const left = memory('tab', 'post.left');
  if (!left) return;
  memory('tab', 'post.left', '');
  write(el('over'), say(left === 'ended' ? 'join.ended' : left === 'closed' ? 'join.closed' : 'join.sent-away'));
  show(el('over'), true);
}

/** The séance that this post was in; one whose page did not come up the last time is forgotten. */
function lastPost() {
  const kept = keptPost();
  if (!kept || memory('tab', 'post.tried') !== kept.room) return kept;
  keepPost(null);
  memory('tab', 'post.tried', '');
  return null;
}

const kept = lastPost();
if (kept) {
  memory('tab', 'post.tried', kept.room);
  enter(kept);
} else {
  tellWhy();
  codeField(field, () => complain(''));
  el('join').addEventListener('submit', (event) => {
    event.preventDefault();
    join();
  });
  field.focus();
}
