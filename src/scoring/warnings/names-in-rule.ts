import type { Criterion, RuleDefinition } from '../model-definition.js';

/** A name in a rule, and where it stands below the rule. */
export interface NamedPart {
  name: string;
  below: string;
}

/** What a rule asks for by name. */
export interface RuleNames {
  /** Types, beginnings with a star, or `*`. */
  actionTypes: NamedPart[];
  attributes: NamedPart[];
}

/** The action types and attributes that a rule names, as often as it does. */
export function namesInRule({ action, criteria, table }: RuleDefinition): RuleNames {
  const names: RuleNames = { actionTypes: [], attributes: [] };
  if (action) names.actionTypes.push({ name: action.actionType, below: 'action.actionType' });
  if (table) names.attributes.push({ name: table.attribute, below: 'table.attribute' });
  if (criteria) collectNames(criteria.when, 'criteria.when', names);
  return names;
}

function collectNames(
  { all, any, not, attribute, activity }: Criterion,
  below: string,
  names: RuleNames,
): void {
  for (const [kind, parts] of [
    ['all', all],
    ['any', any],
  ] as const) {
    parts?.forEach((part, index) => {
      collectNames(part, `${below}.${kind}.${index}`, names);
    });
  }
  if (not) collectNames(not, `${below}.not`, names);
  if (attribute) {
    names.attributes.push({ name: attribute.attribute, below: `${below}.attribute.attribute` });
  }
  if (activity) {
    names.actionTypes.push({ name: activity.actionType, below: `${below}.activity.actionType` });
  }
}
