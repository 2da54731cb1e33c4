import { daysToMs } from '../duration.js';
import type { Criterion } from '../model-definition.js';
import {
  type AskedActivity,
  impliesActivity,
  isAnyActivity,
  isSurelyActivity,
  readActivity,
  refuteWhere,
} from './asked-activity.js';
import type { ProofContext } from './proof-context.js';
import { refuteValue } from './refute-value.js';
import { readLiteral, type ValueLiteral } from './value-test.js';

/** A condition of a criterion that is to hold, or not to. */
export type Leaf =
  | { kind: 'attribute'; attribute: string; literal: ValueLiteral }
  | { kind: 'list'; key: string; holds: boolean }
  | { kind: 'activity'; activity: AskedActivity; holds: boolean }
  | { kind: 'inactivity'; idleMs: number; holds: boolean };

type ActivityLeaf = Extract<Leaf, { kind: 'activity' }>;
type InactivityLeaf = Extract<Leaf, { kind: 'inactivity' }>;

/** @param criterion neither `all` nor `any` nor `not` */
export function readLeaf({ attribute, activity, inactivity, list }: Criterion, holds: boolean): Leaf {
  if (attribute) {
    const { test, holds: isPositive } = readLiteral(attribute);
    return {
      kind: 'attribute',
      attribute: attribute.attribute,
      literal: { test, holds: isPositive === holds },
    };
  }
  if (activity) return { kind: 'activity', activity: readActivity(activity), holds };
  if (inactivity) return { kind: 'inactivity', idleMs: daysToMs(inactivity.days), holds };
  return { kind: 'list', key: list?.key ?? '', holds };
}

/** Why a leaf cannot hold beside those known, or not at all, as far as that can be proved; null when it may. */
export function clashOf(known: readonly Leaf[], leaf: Leaf, context: ProofContext): string | null {
  if (!context.effort.spend(known.length + 1)) return null;
  switch (leaf.kind) {
    case 'attribute':
      return attributeClash(known, leaf, context);
    case 'list':
      return known.some(
        (other) => other.kind === 'list' && other.key === leaf.key && other.holds !== leaf.holds,
      )
        ? `nobody is on the list "${leaf.key}" and not on it`
        : null;
    case 'activity':
      return (
        (leaf.holds ? refuteWhere(leaf.activity.where, context) : null) ??
        firstOf(known, (other) => activityClash(leaf, other, context))
      );
    case 'inactivity':
      return firstOf(known, (other) => inactivityClash(leaf, other, context));
  }
}

function firstOf(known: readonly Leaf[], clashWith: (other: Leaf) => string | null): string | null {
  for (const other of known) {
    const clash = clashWith(other);
    if (clash !== null) return clash;
  }
  return null;
}

function attributeClash(
  known: readonly Leaf[],
  { attribute, literal }: Extract<Leaf, { kind: 'attribute' }>,
  { lists, effort }: ProofContext,
): string | null {
  const literals = known.flatMap((other) =>
    other.kind === 'attribute' && other.attribute === attribute ? [other.literal] : [],
  );
  const isRefuted = refuteValue([...literals, literal], { missing: true, lists }, effort);
  return isRefuted ? `no value of the attribute "${attribute}" meets all conditions on it` : null;
}

function activityClash(leaf: ActivityLeaf, other: Leaf, context: ProofContext): string | null {
  if (other.kind === 'inactivity') return inactivityClash(other, leaf, context);
  if (other.kind !== 'activity' || other.holds === leaf.holds) return null;
  const [held, barred] = leaf.holds ? [leaf, other] : [other, leaf];
  if (!impliesActivity(held.activity, barred.activity, context)) return null;
  return `the activity "${held.activity.actionType}" is asked for and ruled out`;
}

function inactivityClash(leaf: InactivityLeaf, other: Leaf, { passive }: ProofContext): string | null {
  if (other.kind === 'inactivity') {
    if (other.holds === leaf.holds) return null;
    const [held, barred] = leaf.holds ? [leaf, other] : [other, leaf];
    return held.idleMs >= barred.idleMs ? 'who is inactive for long is so for shorter as well' : null;
  }
  if (other.kind !== 'activity' || !leaf.holds) return null;
  const { activity } = other;
  if (other.holds) {
    return isSurelyActivity(activity.pattern, passive) && activity.withinMs <= leaf.idleMs
      ? `who did "${activity.actionType}" lately is not inactive`
      : null;
  }
  return isAnyActivity(activity) ? 'who is inactive was active once' : null;
}
