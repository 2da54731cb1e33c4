import { styleText } from 'node:util';
import type { FieldChange, ModelDiff, RuleDiff, ScoreSetDiff } from '../../scoring/diff-model.js';
import type { JsonValue } from '../../scoring/json-value.js';

const SIGNS = { ADDED: '+', REMOVED: '-', CHANGED: '~', MOVED: '~' } as const;
const COLOURS = { '+': 'green', '-': 'red', '~': 'yellow' } as const;
type Sign = keyof typeof COLOURS;

/**
 * A diff for people, line by line: what there was (`-`) and what there is to be (`+`), with colours where standard output
 * shows them.
 */
export function describeDiff({ settings, scoreSets, rules }: ModelDiff): string[] {
  return [
    ...(settings.length === 0 ? [] : [signed('~', 1, 'settings'), ...settings.flatMap(describeField)]),
    ...scoreSets.flatMap(describeScoreSet),
    ...rules.flatMap(describeRule),
  ];
}

/** How much differs, in a few words: `2 settings, 1 rule added, 3 rules changed`. */
export function countDifferences({ settings, scoreSets, rules }: ModelDiff): string {
  const counts = new Map<string, number>();
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const _ of settings) count('setting');
  for (const { change } of scoreSets) count(`score set ${change.toLowerCase()}`);
  for (const { change } of rules) count(`rule ${change.toLowerCase()}`);
  const parts = [...counts].map(([what, times]) =>
    times === 1 ? `1 ${what}` : `${times} ${what.replace(/^(setting|score set|rule)/, '$1s')}`,
  );
  return parts.join(', ');
}

function describeScoreSet({ change, key, name, fields }: ScoreSetDiff): string[] {
  const sign = SIGNS[change];
  return [signed(sign, 1, `score set ${key}${named(key, name)}`), ...describeFields(sign, fields)];
}

function describeRule({ change, key, name, scoreSet, scoreSetBefore, fields }: RuleDiff): string[] {
  const sign = SIGNS[change];
  const place = change === 'MOVED' ? `moved from ${scoreSetBefore} to ${scoreSet}` : `in ${scoreSet}`;
  return [signed(sign, 1, `rule ${key}${named(key, name)}, ${place}`), ...describeFields(sign, fields)];
}

function named(key: string, name: string | null): string {
  return name === null || name === key ? '' : ` ${JSON.stringify(name)}`;
}

/** What came or went is told by its values alone. */
function describeFields(sign: Sign, fields: readonly FieldChange[]): string[] {
  if (sign === '~') return fields.flatMap(describeField);
  return fields.map(({ path, before, after }) => signed(sign, 2, valueLine(path, after ?? before)));
}

function describeField({ path, before, after }: FieldChange): string[] {
  const [gone, come] = [scalarsOf(before), scalarsOf(after)];
  if (gone && come) {
    const lines = [
      ...gone.filter((one) => !come.includes(one)).map((one) => signed('-', 2, valueLine(path, one))),
      ...come.filter((one) => !gone.includes(one)).map((one) => signed('+', 2, valueLine(path, one))),
    ];
    if (lines.length > 0) return lines;
  }
  return [
    ...(before === null ? [] : [signed('-', 2, valueLine(path, before))]),
    ...(after === null ? [] : [signed('+', 2, valueLine(path, after))]),
  ];
}

function scalarsOf(value: JsonValue): JsonValue[] | null {
  return Array.isArray(value) && value.every((one) => typeof one !== 'object') ? value : null;
}

function valueLine(path: string, value: JsonValue): string {
  return `${path}: ${JSON.stringify(value)}`;
}

function signed(sign: Sign, depth: number, text: string): string {
  return styleText(COLOURS[sign], `${'  '.repeat(depth)}${sign} ${text}`);
}
