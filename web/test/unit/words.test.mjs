import assert from 'node:assert/strict';
import { test } from 'node:test';
import { able } from '../../static/js/core/able.js';
import { slateOf, Trouble } from '../../static/js/core/slates.js';
import { fate, footnote } from '../../static/js/ui/fate.js';
import { clock, learn, say, sentenceOf, when } from '../../static/js/core/words.js';
import { delay, patience } from '../../static/js/core/retry.js';

test('dates are said as the server says them', () => {
  for (const [iso, french, english] of [
    ['2026-03-03T09:00:00Z', 'mardi 3 mars à 10 h', 'Tuesday 3 March at 10 am'],
    ['2026-07-01T12:05:00Z', 'mercredi 1er juillet à 14 h 05', 'Wednesday 1 July at 2:05 pm'],
    ['2026-12-31T23:30:00Z', 'vendredi 1er janvier à 0 h 30', 'Friday 1 January at 12:30 am'],
  ]) {
    learn({}, 'fr', 'Europe/Paris');
    assert.equal(when(iso).replace(/\u00a0/g, ' '), french);
    learn({}, 'en', 'Europe/Paris');
    assert.equal(when(iso).replace(/\u00a0/g, ' '), english);
  }
  assert.equal(clock('2026-03-03T11:00:00Z'), '12\u00a0pm');
});

test('a sentence fills its gaps, knows one from many, and is never empty', () => {
  learn({ 'q.ahead': 'dans {n} questions', 'q.ahead.one': 'dans {n} question' }, 'fr');
  assert.equal(say('q.ahead', { n: 3 }), 'dans 3 questions');
  assert.equal(say('q.ahead', { n: 1 }), 'dans 1 question');
  assert.equal(say('q.missing'), 'q.missing');
});

test('what people see in the place of the picture', () => {
  const fine = { state: 'on-air', fed: ['voice', 'camera'], classUp: true, known: true, silent: 20, arrived: true, everPlayed: true, picture: 'moving', soundOnly: false, refused: false };
  for (const [change, slate] of [
    [{}, 'none'],
    [{ state: 'scheduled' }, 'poster'], [{ state: 'doors-open' }, 'poster'], [{ state: 'paused' }, 'paused'], [{ state: 'ended' }, 'ended'],
    [{ refused: true }, 'gone'],
    [{ fed: [] }, 'source'], [{ fed: [], classUp: false }, 'none'],
    [{ silent: 1500 }, 'line'], [{ silent: 800 }, 'none'], [{ silent: 800, classUp: false }, 'line'],
    [{ classUp: false }, 'none'],
    [{ picture: 'frozen' }, 'frozen'],
    [{ picture: 'none' }, 'opening'], [{ picture: 'none', fed: ['voice'] }, 'sound'],
    [{ soundOnly: true, picture: 'none' }, 'sound'],
    [{ picture: 'frozen', slow: true }, 'none'],
    [{ picture: 'frozen', slow: true, silent: 3000 }, 'line'],
    [{ arrived: false, everPlayed: false }, 'opening'], [{ arrived: false, everPlayed: false, silent: 5000 }, 'line'], [{ arrived: false }, 'line'],
  ]) assert.equal(slateOf({ ...fine, ...change }), slate, JSON.stringify(change));
});

test('attempts are quick, then slower, never in step', () => {
  for (let attempt = 0; attempt < 50; attempt++) {
    assert.ok(delay(attempt, () => 0) >= 180 && delay(attempt, () => 0.999) <= 1500, String(attempt));
    assert.ok(delay(attempt, () => 0) < delay(attempt, () => 0.999));
  }
  assert.equal(patience(0), 1000);
  assert.equal(patience(99), 8000);
});

test('a trouble that lasts is said to, and forgotten once over', () => {
  const trouble = new Trouble();
  assert.equal(trouble.lasts('line', 0, 1000), false);
  assert.equal(trouble.lasts('frozen', 0, 20000), false);
  assert.equal(trouble.lasts('opening', 0, 26500), true, 'one trouble passes into another');
  assert.equal(trouble.lasts('none', 0, 27000), false);
  assert.equal(trouble.lasts('line', 0, 28000), false, 'the clock starts anew');
  for (const [slate, apart, stuck] of [['poster', 26000, true], ['poster', 3000, false], ['source', 3000, false], ['ended', 90000, false], ['gone', 90000, false]]) {
    assert.equal(new Trouble().lasts(slate, apart, 1000), stuck, slate + ' ' + apart);
  }
});

test('a séance that has not begun a minute after its hour is late', () => {
  learn({ 'state.say.doors-open': 'à {clock}', 'state.say.scheduled': '{when}', 'state.say.late': 'tard', 'state.say.on-air': 'direct' }, 'fr', 'Europe/Paris');
  const at = '2026-03-03T09:00:00Z';
  for (const [state, after, said] of [
    ['doors-open', -1, 'à 10 h'], ['doors-open', 59999, 'à 10 h'], ['doors-open', 60000, 'tard'], ['scheduled', 60000, 'tard'], ['on-air', 60000, 'direct'],
  ]) assert.equal(sentenceOf({ state, at }, Date.parse(at) + after).replace(/\u00a0/g, ' '), said, state + ' ' + after);
});

test('after the end, a question that waits is told that it was not asked', () => {
  learn({ 'question.over': 'finie', 'question.relayed': 'envoyée', 'question.later': 'plus tard', 'question.answered': 'répondue', 'question.why.no-desk': 'seule', 'question.refused': 'non.' }, 'fr');
  for (const state of ['waiting', 'asked', 'relayed', 'approved']) assert.equal(fate({ state }, true), 'finie', state);
  for (const [state, said] of [['later', 'plus tard'], ['answered', 'répondue'], ['refused', 'non. ']]) assert.equal(fate({ state }, true), said);
  assert.equal(fate({ state: 'relayed' }, false), 'envoyée');
  assert.deepEqual([footnote({ state: 'relayed', why: 'no-desk' }, false), footnote({ state: 'relayed', why: 'no-desk' }, true)], ['seule', '']);
});

test('modules alone do not make a browser able', () => {
  const f = () => undefined;
  assert.equal(able('live', { RTCPeerConnection: f, WebSocket: f }), true);
  assert.equal(able('live', { WebSocket: f }), false);
  assert.equal(able('studio', { RTCPeerConnection: undefined, WebSocket: f }), false);
  assert.equal(able('desk', { WebSocket: f }), true);
  assert.equal(able('home', {}), true);
});

test('an incident is not told as a pause', () => {
  learn({ 'state.say.paused': 'En pause.', 'state.say.incident': 'Un incident.' }, 'fr', 'Europe/Paris');
  const room = { state: 'paused', at: '2026-03-03T09:00:00Z' };
  assert.deepEqual([sentenceOf(room, 0), sentenceOf({ ...room, slate: 'incident' }, 0)], ['En pause.', 'Un incident.']);
});
