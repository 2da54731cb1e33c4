import type { ModelDefinition, RuleDefinition } from '../../src/scoring/model-definition.js';
import { starterPreset } from '../../src/scoring/starter-preset.js';

/** The STARTER preset, which all but the rules pair is measured with. */
export function starterModel(): ModelDefinition {
  return starterPreset('bench', 'Bench');
}

/**
 * STARTER's rules and others of every kind, until there are `rules`. Like a grown model most of them are about other
 * action types or attributes; one in ten is about an action type that does occur, with conditions that seldom hold.
 */
export function modelOfRules(rules: number): ModelDefinition {
  const model = starterModel();
  const present = model.scoreSets.reduce((sum, set) => sum + set.rules.length, 0);
  const added = Array.from({ length: rules - present }, (_, index) => addedRule(index));
  return { ...model, scoreSets: [...model.scoreSets, { key: 'more', name: 'More rules', rules: added }] };
}

function addedRule(index: number): RuleDefinition {
  const key = `more_${index}`;
  const kind = index % 10;
  if (kind < 5) return { key, action: { actionType: `custom_action_${index}`, points: 1 } };
  if (kind === 5) {
    const where = [{ property: 'campaign', operator: 'EQUALS' as const, value: `campaign-${index}` }];
    return { key, action: { actionType: 'clicked_link', where, points: 1 } };
  }
  if (kind < 8) {
    const rows = [{ operator: 'GTE' as const, value: 10, points: 1 }];
    return { key, table: { attribute: `attribute_${index}`, rows } };
  }
  const when =
    kind === 8
      ? { attribute: { attribute: `attribute_${index}`, operator: 'EQUALS' as const, value: 'yes' } }
      : { activity: { actionType: `custom_action_${index}`, atLeast: 2, withinDays: 30 } };
  return { key, criteria: { when, points: 1 } };
}
