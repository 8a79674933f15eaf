// The style sheets at the floor of Chrome 80 and Safari 14, and the house's own
// rules: gaps only in grids, no outline taken away without another focus mark,
// nothing fetched from elsewhere.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import postcss from 'postcss';

const FOLDER = new URL('../static/css/', import.meta.url).pathname;

const YOUNG_PROPERTIES = {
  'aspect-ratio': 'Chrome 88, Safari 15',
  inset: 'Chrome 87, Safari 14.1',
  'inset-inline': 'Chrome 87', 'inset-block': 'Chrome 87',
  'margin-inline': 'Chrome 87', 'margin-block': 'Chrome 87', 'padding-inline': 'Chrome 87', 'padding-block': 'Chrome 87',
  'content-visibility': 'Safari 18', container: 'Chrome 105', 'container-type': 'Chrome 105',
  translate: 'Chrome 104', rotate: 'Chrome 104', scale: 'Chrome 104',
};
const YOUNG_SELECTORS = [':has(', ':is(', ':where(', ':modal', ':popover-open', '::backdrop {', '&'];
const YOUNG_VALUES = [
  [/\b\d*\.?\d+[dsl]v[hwib]\b/, 'dvh and its like: Chrome 108'],
  [/color-mix\(|oklch\(|lab\(|lch\(/, 'young colours'],
  [/\boverflow(-[xy])?\s*:\s*clip\b/, 'overflow: clip, Chrome 90'],
  [/url\(\s*['"]?(https?:)?\/\//, 'nothing is fetched from elsewhere'],
];
const YOUNG_RULES = ['layer', 'container', 'property', 'scope', 'starting-style', 'import', 'font-face'];
const GAPS = ['gap', 'row-gap', 'column-gap'];

const problems = [];
const complain = (node, text) => problems.push(`${node.source.input.file}:${node.source.start.line}: ${text}`);

/** A fallback written just before makes a young unit harmless. */
function hasFallback(decl) {
  let before = decl.prev();
  while (before && before.type === 'comment') before = before.prev();
  return Boolean(before && before.type === 'decl' && before.prop === decl.prop);
}

function checkDeclaration(decl) {
  if (YOUNG_PROPERTIES[decl.prop]) complain(decl, `${decl.prop}: ${YOUNG_PROPERTIES[decl.prop]}`);
  for (const [pattern, why] of YOUNG_VALUES) {
    if (pattern.test(`${decl.prop}: ${decl.value}`) && !hasFallback(decl)) complain(decl, why);
  }
  if (GAPS.includes(decl.prop) && !inGrid(decl)) complain(decl, `${decl.prop} outside of a grid: Safari 14.0 has none in flex`);
}

/** The rule itself, or another rule with one of its classes, says display: grid. */
function inGrid(decl) {
  const rule = decl.parent;
  if (rule.some((d) => d.prop === 'display' && /grid/.test(d.value))) return true;
  const names = rule.selectors.map((s) => s.trim());
  let found = false;
  decl.root().walkDecls('display', (d) => {
    if (/grid/.test(d.value) && d.parent.selectors.some((s) => names.includes(s.trim()))) found = true;
  });
  return found;
}

function checkRule(rule) {
  for (const young of YOUNG_SELECTORS) if (rule.selector.includes(young)) complain(rule, `selector ${young}`);
  // An unknown pseudo-class makes an old browser drop the whole rule: it must stand alone.
  if (rule.selector.includes(':focus-visible') && rule.selectors.some((s) => !s.includes(':focus-visible'))) {
    complain(rule, ':focus-visible must not share its rule with other selectors');
  }
  const bare = rule.some((d) => d.prop === 'outline' && /^(none|0)$/.test(d.value));
  if (bare && !/:not\(:focus-visible\)|^main:focus$/.test(rule.selector)) complain(rule, 'outline taken away');
}

for (const name of readdirSync(FOLDER).filter((n) => n.endsWith('.css'))) {
  const file = join(FOLDER, name);
  const root = postcss.parse(readFileSync(file, 'utf8'), { from: file });
  root.walkDecls(checkDeclaration);
  root.walkRules((rule) => { if (rule.parent.name !== 'keyframes') checkRule(rule); });
  root.walkAtRules((at) => { if (YOUNG_RULES.includes(at.name)) complain(at, `@${at.name}`); });
}
for (const problem of problems) console.error(problem);
console.log(problems.length ? `${problems.length} problems in the style sheets` : 'style sheets: no problem');
process.exitCode = problems.length ? 1 : 0;
