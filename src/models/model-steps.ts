import { badInput } from '../errors.js';
import type { ModelChange, ModelSettings } from '../scoring/model-change.js';
import type { ModelDefinition, RuleDefinition, ScoreSetDefinition } from '../scoring/model-definition.js';

/** One edit as a mutation asks for it, to be put into changes once the definition that it meets is known. */
export interface ModelStep {
  /** @throws LeadpulseError BAD_USER_INPUT when it does not fit the definition. */
  changesFor(definition: ModelDefinition): ModelChange[];
  /** Where in the input of the mutation a fault of these changes is: `changes.0.putRule.rule.key` -> `input.rule.key`. */
  inputPath(path: string): string;
}

/** A rule or a set without what stays: what is absent stays as it is, null goes back to the default. */
export type Patch<T extends { key: string }> = { [Part in keyof T]?: T[Part] | null } & { key: string };

const RULE_KINDS = ['action', 'criteria', 'table'] as const;

/** Changes that are given as such. */
export function givenChanges(changes: ModelChange[]): ModelStep {
  return { changesFor: () => changes, inputPath: (path) => `input.${path}` };
}

/** A rule whose key is not taken yet, at the end of a set. */
export function createRule(scoreSet: string, rule: RuleDefinition): ModelStep {
  return step('putRule', 'input', (definition) => {
    const owner = ownerOf(definition, rule.key);
    if (owner) {
      const message = `The key "${rule.key}" is taken in score set "${owner.key}". Give another one, or change that rule with updateRule.`;
      throw badInput([{ path: 'input.rule.key', message }]);
    }
    return { scoreSet, rule };
  });
}

/**
 * What is given of a rule; one of action, criteria and table takes the place of whichever it had.
 * @param scoreSet the set to move it to; null leaves it where it is.
 */
export function updateRule(patch: Patch<RuleDefinition>, scoreSet: string | null): ModelStep {
  return step('putRule', 'input', (definition) => {
    const owner = ownerOf(definition, patch.key);
    const rule = owner?.rules.find(({ key }) => key === patch.key);
    if (!owner || !rule) {
      const message = `There is no rule "${patch.key}". Give the key of another one, or make it with createRule.`;
      throw badInput([{ path: 'input.rule.key', message }]);
    }
    const kept = { ...rule };
    if (RULE_KINDS.some((kind) => patch[kind] != null)) for (const kind of RULE_KINDS) delete kept[kind];
    return { scoreSet: scoreSet ?? owner.key, rule: patched(kept, patch) };
  });
}

/** Takes a rule out. */
export function deleteRule(key: string): ModelStep {
  return step('removeRule', 'input.key', () => key);
}

/** A rule, on or off. */
export function setRuleActive(key: string, active: boolean): ModelStep {
  return step('setActive', 'input', () => ({ rule: key, active }), { rule: 'key' });
}

/** A set whose key is not taken yet, at the end. */
export function createScoreSet(set: ScoreSetDefinition): ModelStep {
  return step('putScoreSet', 'input.scoreSet', (definition) => {
    if (definition.scoreSets.some(({ key }) => key === set.key)) {
      const message = `The key "${set.key}" is taken. Give another one, or change that set with updateScoreSet.`;
      throw badInput([{ path: 'input.scoreSet.key', message }]);
    }
    return set;
  });
}

/** What is given of a set; its rules stay. */
export function updateScoreSet(patch: Patch<Omit<ScoreSetDefinition, 'rules'>>): ModelStep {
  return step('putScoreSet', 'input.scoreSet', (definition) => {
    const set = definition.scoreSets.find(({ key }) => key === patch.key);
    if (!set) {
      const message = `There is no score set "${patch.key}". Give the key of another one, or make it with createScoreSet.`;
      throw badInput([{ path: 'input.scoreSet.key', message }]);
    }
    return patched(set, patch);
  });
}

/** Takes a set out, with its rules. */
export function deleteScoreSet(key: string): ModelStep {
  return step('removeScoreSet', 'input.key', () => key);
}

/** A set, on or off. */
export function setScoreSetActive(key: string, active: boolean): ModelStep {
  return step('setActive', 'input', () => ({ scoreSet: key, active }), { scoreSet: 'key' });
}

/** Everything of a model but its rules. */
export function updateSettings(settings: ModelSettings): ModelStep {
  return step('settings', 'input.settings', () => settings);
}

/**
 * A step of one change.
 * @param place where the content of the change is in the input.
 * @param names parts of the change that the input calls otherwise.
 */
function step<Kind extends keyof ModelChange>(
  kind: Kind,
  place: string,
  contentFor: (definition: ModelDefinition) => NonNullable<ModelChange[Kind]>,
  names: Record<string, string> = {},
): ModelStep {
  const prefix = `changes.0.${kind}`;
  return {
    changesFor: (definition) => [{ [kind]: contentFor(definition) }],
    inputPath: (path) => {
      if (path !== prefix && !path.startsWith(`${prefix}.`)) return place;
      const inside = path.slice(prefix.length + 1);
      return [place, names[inside] ?? inside].filter((part) => part !== '').join('.');
    },
  };
}

function ownerOf({ scoreSets }: ModelDefinition, ruleKey: string): ScoreSetDefinition | undefined {
  return scoreSets.find(({ rules }) => rules.some(({ key }) => key === ruleKey));
}

function patched<T extends object>(whole: T, patch: object): T {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...whole, ...Object.fromEntries(given) };
}
