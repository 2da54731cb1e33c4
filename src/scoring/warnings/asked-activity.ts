import { type ActionTypePattern, parseActionType } from '../action-type.js';
import { daysToMs } from '../duration.js';
import type { ActivityCondition, PropertyCondition } from '../model-definition.js';
import type { ProofContext } from './proof-context.js';
import { refuteValue } from './refute-value.js';
import { readLiteral, type ValueLiteral } from './value-test.js';

/** An activity criterion, read for proofs. */
export interface AskedActivity {
  actionType: string;
  pattern: ActionTypePattern;
  where: AskedProperties;
  atLeast: number;
  /** Infinity when it looks back for ever. */
  withinMs: number;
}

/** The conditions of a `where` by property. */
export type AskedProperties = ReadonlyMap<string, readonly ValueLiteral[]>;

export function readActivity({ actionType, where, atLeast, withinDays }: ActivityCondition): AskedActivity {
  return {
    actionType,
    pattern: parseActionType(actionType),
    where: readWhere(where ?? []),
    atLeast: atLeast ?? 1,
    withinMs: typeof withinDays === 'number' ? daysToMs(withinDays) : Number.POSITIVE_INFINITY,
  };
}

export function readWhere(where: readonly PropertyCondition[]): AskedProperties {
  const byProperty = new Map<string, ValueLiteral[]>();
  for (const condition of where) {
    const literals = byProperty.get(condition.property) ?? [];
    byProperty.set(condition.property, [...literals, readLiteral(condition)]);
  }
  return byProperty;
}

/** Why no action can meet a `where`, as far as that can be proved; null when one may. */
export function refuteWhere(where: AskedProperties, { lists, effort }: ProofContext): string | null {
  for (const [property, literals] of where) {
    if (refuteValue(literals, { missing: true, lists }, effort)) {
      return `no value of the property "${property}" meets all conditions on it`;
    }
  }
  return null;
}

/** Whether whoever meets one activity criterion meets the other as well, as far as that can be proved. */
export function impliesActivity(one: AskedActivity, other: AskedActivity, context: ProofContext): boolean {
  return (
    other.atLeast <= one.atLeast &&
    other.withinMs >= one.withinMs &&
    isWithinPattern(one.pattern, other.pattern, context.passive) &&
    impliesWhere(one.where, other.where, context)
  );
}

function impliesWhere(
  one: AskedProperties,
  other: AskedProperties,
  { lists, effort }: ProofContext,
): boolean {
  return [...other].every(([property, literals]) =>
    literals.every(({ test, holds }) => {
      const opposite = [...(one.get(property) ?? []), { test, holds: !holds }];
      return refuteValue(opposite, { missing: true, lists }, effort);
    }),
  );
}

function isWithinPattern(
  one: ActionTypePattern,
  other: ActionTypePattern,
  passive: ReadonlySet<string>,
): boolean {
  switch (other.kind) {
    case 'activity':
      return isSurelyActivity(one, passive);
    case 'exact':
      return one.kind === 'exact' && one.type === other.type;
    case 'prefix':
      if (one.kind === 'exact') return one.type.startsWith(other.prefix);
      return one.kind === 'prefix' && one.prefix.startsWith(other.prefix);
  }
}

/** Whether every action that fits the pattern is an activity. */
export function isSurelyActivity(pattern: ActionTypePattern, passive: ReadonlySet<string>): boolean {
  switch (pattern.kind) {
    case 'activity':
      return true;
    case 'exact':
      return !passive.has(pattern.type);
    case 'prefix':
      return ![...passive].some((type) => type.startsWith(pattern.prefix));
  }
}

/** Whether any activity at any time meets it. */
export function isAnyActivity({ pattern, where, atLeast, withinMs }: AskedActivity): boolean {
  const isEver = withinMs === Number.POSITIVE_INFINITY;
  return pattern.kind === 'activity' && where.size === 0 && atLeast === 1 && isEver;
}
