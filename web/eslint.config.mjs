// The floor is Chrome 80 and Safari 14 (product floor). Syntax: ES2020 and not a
// word more (no class fields, no ??=, no top-level await). Methods of the language:
// tsc's ES2020 library. Browser APIs: eslint-plugin-compat, and the list below.
import compat from 'eslint-plugin-compat';

const tooYoung = {
  ResizeObserverEntry: 'Safari 14 lacks parts of it',
  structuredClone: 'Chrome 98, Safari 15.4',
  BroadcastChannel: 'Safari 15.4',
  requestIdleCallback: 'not in Safari',
  reportError: 'Chrome 95',
};

/** Things that would bypass Trusted Types, or are younger than the floor. */
const forbidden = [
  { selector: "AssignmentExpression[left.property.name=/^(innerHTML|outerHTML)$/]", message: 'Text only through textContent.' },
  { selector: "CallExpression[callee.property.name=/^(insertAdjacentHTML|write|writeln)$/][callee.object.name='document']", message: 'Text only through textContent.' },
  { selector: "CallExpression[callee.property.name='insertAdjacentHTML']", message: 'Text only through textContent.' },
  { selector: "MemberExpression[property.name='randomUUID']", message: 'Chrome 92: use uuid() of core/link.js.' },
  { selector: "MemberExpression[property.name=/^(replaceChildren|showModal|checkVisibility|togglePopover|requestSubmit)$/]", message: 'Younger than the floor.' },
  { selector: "MemberExpression[object.name='AbortSignal']", message: 'AbortSignal.timeout and any are younger than the floor.' },
  { selector: 'CallExpression[callee.property.name=/^(replaceAll|at|findLast|toSorted)$/]', message: 'Younger than the floor.' },
  { selector: "NewExpression[callee.name='AudioContext']", message: 'Safari 14 only knows webkitAudioContext: use audioContext() of core/audio.js.' },
];

/** Younger than the floor, and used only where a test said that they exist. */
const guarded = [
  'navigator.wakeLock', 'navigator.permissions', 'navigator.connection', 'navigator.userActivation', 'trustedTypes', 'AudioContext',
  'MediaStreamTrackGenerator', 'VideoFrame', 'AudioData', 'OffscreenCanvas', // test card: canvas where they are missing
];

/** The server leaves out lines that are only comment: text must not look like one. */
const house = {
  rules: {
    'no-comment-like-text': {
      create: (context) => ({
        TemplateElement(node) {
          if (/\n\s*(\/\/|\/\*)/.test(node.value.raw)) context.report({ node, message: 'A line of text that begins like a comment would be left out.' });
        },
      }),
    },
  },
};

export default [
  { ignores: ['static/js/old.js'] },
  compat.configs['flat/recommended'],
  {
    files: ['static/js/**/*.js'],
    languageOptions: { ecmaVersion: 2020, sourceType: 'module' },
    plugins: { antenne: house },
    settings: { polyfills: guarded },
    rules: {
      'antenne/no-comment-like-text': 'error',
      'no-restricted-globals': ['error', ...Object.entries(tooYoung).map(([name, message]) => ({ name, message }))],
      'no-restricted-syntax': ['error', ...forbidden],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
      'no-fallthrough': 'error',
      'no-unreachable': 'error',
      'no-dupe-keys': 'error',
      'no-self-assign': 'error',
      'no-constant-condition': 'error',
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      complexity: ['error', 14],
    },
  },
];
