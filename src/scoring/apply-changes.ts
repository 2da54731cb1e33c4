import { FaultList, isAbsent } from './fault-list.js';
import type { ModelChange, ModelSettings, PutRule, SetActive } from './model-change.js';
import type { ModelDefinition, ModelFault, RuleDefinition, ScoreSetDefinition } from './model-definition.js';
import { normalizeModel } from './normalize-model.js';
import { validateModel } from './validate-model.js';

/** What an edit leads to: the new definition (normalised), or why not (the definition then is the old one). */
export interface AppliedChanges {
  definition: ModelDefinition;
  faults: ModelFault[];
}

/** How many changes one edit holds at most. */
export const MODEL_CHANGES_MAX = 1_000;

const CHANGE_KINDS = [
  'putScoreSet',
  'removeScoreSet',
  'putRule',
  'removeRule',
  'setActive',
  'settings',
] as const;
const SETTINGS_KEYS = [
  'name',
  'description',
  'minScore',
  'maxScore',
  'dimensions',
  'decay',
  'recency',
  'passiveActionTypes',
  'stages',
] as const satisfies readonly (keyof ModelSettings)[];

/**
 * Applies all changes in order, or none. Only the outcome has to be a valid model: a dimension may be removed by one
 * change and the sets that use it moved by the next.
 * @param definition a model without faults; it stays as it is
 * @returns faults with paths that begin with `changes.N`
 */
export function applyModelChanges(
  definition: ModelDefinition,
  changes: readonly ModelChange[],
): AppliedChanges {
  if (changes.length === 0 || changes.length > MODEL_CHANGES_MAX) {
    return { definition, faults: [{ path: 'changes', message: `Give 1 to ${MODEL_CHANGES_MAX} changes.` }] };
  }
  const draft = new ModelDraft(normalizeModel(definition));
  changes.forEach((change, index) => {
    draft.apply(change, `changes.${index}`);
  });
  const faults = draft.allFaults();
  return faults.length > 0 ? { definition, faults } : { definition: normalizeModel(draft.model), faults };
}

/** A model on its way, which knows of every part the change it came with. */
class ModelDraft {
  private readonly faults = new FaultList();
  /** Paths of the changes that put a set or a rule, by identity. */
  private readonly origins = new Map<object, string>();
  private readonly settingOrigins = new Map<string, string>();
  private lastPath = 'changes';

  constructor(readonly model: ModelDefinition) {}

  apply(change: ModelChange, path: string): void {
    this.lastPath = path;
    const kind = this.faults.exactlyOne({ ...change }, path, CHANGE_KINDS);
    const at = `${path}.${kind}`;
    if (change.putScoreSet) this.putScoreSet(change.putScoreSet, at);
    else if (!isAbsent(change.removeScoreSet)) this.removeScoreSet(change.removeScoreSet, at);
    else if (change.putRule) this.putRule(change.putRule, at);
    else if (!isAbsent(change.removeRule)) this.removeRule(change.removeRule, at);
    else if (change.setActive) this.setActive(change.setActive, at);
    else if (change.settings) this.changeSettings(change.settings, at);
  }

  /** Faults of the changes themselves, or else of the model they lead to. */
  allFaults(): ModelFault[] {
    if (this.faults.faults.length > 0) return this.faults.faults;
    return validateModel(this.model).map((fault) => this.traceFault(fault));
  }

  private putScoreSet(given: ScoreSetDefinition, path: string): void {
    const set = { ...given };
    this.origins.set(set, path);
    const { scoreSets } = this.model;
    const others = scoreSets.filter(({ key }) => key !== set.key);
    rulesOf(set).forEach((rule, index) => {
      const owner = others.find((other) => rulesOf(other).some(({ key }) => key === rule.key));
      if (owner === undefined) return;
      const message = `The key "${rule.key}" is taken in score set "${owner.key}". Move that rule with putRule.`;
      this.faults.add(`${path}.rules.${index}.key`, message);
    });
    const position = scoreSets.findIndex(({ key }) => key === set.key);
    if (position < 0) scoreSets.push(set);
    else scoreSets[position] = set;
  }

  private removeScoreSet(key: string, path: string): void {
    const position = this.model.scoreSets.findIndex((set) => set.key === key);
    if (position < 0) this.faults.add(path, noScoreSet(key));
    else this.model.scoreSets.splice(position, 1);
  }

  private putRule({ scoreSet, rule: given }: PutRule, path: string): void {
    const target = this.model.scoreSets.find(({ key }) => key === scoreSet);
    if (target === undefined) {
      this.faults.add(`${path}.scoreSet`, noScoreSet(scoreSet));
      return;
    }
    const rule = { ...given };
    this.origins.set(rule, `${path}.rule`);
    const owner = this.ownerOf(rule.key);
    const position = target === owner ? rulesOf(target).findIndex(({ key }) => key === rule.key) : -1;
    if (position >= 0) target.rules = rulesOf(target).with(position, rule);
    else {
      if (owner !== undefined) owner.rules = rulesOf(owner).filter(({ key }) => key !== rule.key);
      target.rules = [...rulesOf(target), rule];
    }
  }

  private removeRule(key: string, path: string): void {
    const owner = this.ownerOf(key);
    if (owner === undefined) this.faults.add(path, noRule(key));
    else owner.rules = rulesOf(owner).filter((rule) => rule.key !== key);
  }

  private setActive(input: SetActive, path: string): void {
    const kind = this.faults.exactlyOne({ ...input }, path, ['scoreSet', 'rule'] as const);
    if (kind === null) return;
    const key = input[kind] ?? '';
    const part =
      kind === 'scoreSet'
        ? this.model.scoreSets.find((set) => set.key === key)
        : rulesOf(this.ownerOf(key)).find((rule) => rule.key === key);
    if (part !== undefined) part.active = input.active;
    else this.faults.add(`${path}.${kind}`, kind === 'scoreSet' ? noScoreSet(key) : noRule(key));
  }

  private changeSettings(settings: ModelSettings, path: string): void {
    if (this.faults.object(settings, path, SETTINGS_KEYS) === null) return;
    for (const key of SETTINGS_KEYS) {
      if (settings[key] === undefined) continue;
      Object.assign(this.model, { [key]: settings[key] });
      this.settingOrigins.set(key, `${path}.${key}`);
    }
  }

  private ownerOf(ruleKey: string): ScoreSetDefinition | undefined {
    return this.model.scoreSets.find((set) => rulesOf(set).some(({ key }) => key === ruleKey));
  }

  /** Says of a fault in the outcome which change it came with. */
  private traceFault({ path, message }: ModelFault): ModelFault {
    const [field = '', setIndex, , ruleIndex, ...belowRule] = path.split('.');
    const set = field === 'scoreSets' ? this.model.scoreSets[Number(setIndex)] : undefined;
    const rule = set && rulesOf(set)[Number(ruleIndex)];
    const ruleOrigin = rule && this.origins.get(rule);
    if (ruleOrigin !== undefined) return { path: [ruleOrigin, ...belowRule].join('.'), message };
    const setOrigin = set && this.origins.get(set);
    if (setOrigin !== undefined) {
      return { path: [setOrigin, ...path.split('.').slice(2)].join('.'), message };
    }
    const setting = this.settingOrigins.get(field);
    if (setting !== undefined) return { path: setting + path.slice(field.length), message };
    return {
      path: this.settingOrigins.get('dimensions') ?? this.lastPath,
      message: `This would leave a fault at ${path}: ${message}`,
    };
  }
}

function rulesOf(set: ScoreSetDefinition | undefined): RuleDefinition[] {
  return Array.isArray(set?.rules) ? set.rules : [];
}

function noScoreSet(key: string): string {
  return `There is no score set "${key}". Create it with putScoreSet, or give the key of another one.`;
}

function noRule(key: string): string {
  return `There is no rule "${key}". Create it with putRule, or give the key of another one.`;
}
