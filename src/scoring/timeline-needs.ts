import { type ActionTypePattern, fitsActionType, parseActionType } from './action-type.js';
import type { CompiledModel } from './compile-model.js';
import type { ActivityCondition, Criterion, ModelDefinition } from './model-definition.js';

/** What of a timeline some models look at; the rest need not be read to fold it. */
export interface TimelineNeeds {
  /**
   * Action types that change no score: passive in every model and named by no rule. A state folded without them gives
   * the same scores; only its last entry may be another.
   */
  ignoredTypes: readonly string[];
  /** Whether some rule looks at the properties of actions of this type. */
  readsProperties: (actionType: string) => boolean;
  /** True when no rule looks at the properties of any action. */
  readsNoProperties: boolean;
}

/** Action types whose answer is remembered; types come from outside, beyond it they are asked anew. */
const TYPES_REMEMBERED_MAX = 1_000;

/** @param models those that the same timelines are folded under */
export function timelineNeedsOf(models: readonly CompiledModel[]): TimelineNeeds {
  const [first] = models;
  const passive = first === undefined ? [] : [...first.passiveActionTypes];
  const known = new Map<string, boolean>();
  const patternsOf = models.map((model) => patternsThatRead(model.definition));
  const readers = models.map((model, index) => readerOf(model, patternsOf[index] ?? []));
  return {
    readsNoProperties: patternsOf.every((patterns) => patterns.length === 0),
    ignoredTypes: passive.filter((type) => models.every((model) => ignores(model, type))),
    readsProperties: (type) => {
      const remembered = known.get(type);
      if (remembered !== undefined) return remembered;
      const reads = readers.some((readsType) => readsType(type));
      if (known.size < TYPES_REMEMBERED_MAX) known.set(type, reads);
      return reads;
    },
  };
}

function ignores(model: CompiledModel, type: string): boolean {
  const { isActivity, rules, activities } = model.candidatesOf(type);
  return !isActivity && rules.length === 0 && activities.length === 0;
}

function readerOf(
  { passiveActionTypes }: CompiledModel,
  patterns: readonly ActionTypePattern[],
): (type: string) => boolean {
  return (type) => patterns.some((pattern) => fitsActionType(pattern, type, passiveActionTypes));
}

/** The action types of everything in a normalised model that asks for a property; what is switched off included. */
function patternsThatRead({ scoreSets }: ModelDefinition): ActionTypePattern[] {
  const types: string[] = [];
  for (const { action, criteria } of scoreSets.flatMap(({ rules }) => rules)) {
    if (action && (action.pointsBy || (action.where ?? []).length > 0)) types.push(action.actionType);
    if (criteria) {
      for (const activity of activitiesIn(criteria.when)) {
        if ((activity.where ?? []).length > 0) types.push(activity.actionType);
      }
    }
  }
  return types.map(parseActionType);
}

function activitiesIn({ all, any, not, activity }: Criterion): ActivityCondition[] {
  if (activity) return [activity];
  const parts = [...(all ?? []), ...(any ?? []), ...(not ? [not] : [])];
  return parts.flatMap(activitiesIn);
}
