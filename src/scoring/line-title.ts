import type { CompiledModel } from './compile-model.js';
import type { ScoreLine } from './score-line.js';

/** A line without its words: what is stored, and what a title is made from. */
export type UntitledLine = Omit<ScoreLine, 'title'>;

/** The words for what is lost to the whole number. */
export const ROUNDING_TITLE = 'Rounded down to a whole number';

/** The words for a line, from the model it speaks of; a key the model no longer has stands for itself. */
export function titleOf(model: CompiledModel, line: UntitledLine): string {
  switch (line.kind) {
    case 'RULE':
      return ruleTitle(model, line);
    case 'ADJUSTMENT':
      return adjustmentTitle(line);
    case 'RESET':
      return `Score set by ${ruleTitle(model, line)}`;
    case 'CAP':
      return `${subjectTitle(model, line)} is capped${atMost(model, line)}`;
    case 'CLAMP':
      return clampTitle(model, line);
    case 'ROUNDING':
      return ROUNDING_TITLE;
  }
}

function ruleTitle({ rules }: CompiledModel, { ruleKey }: UntitledLine): string {
  return rules.find(({ key }) => key === ruleKey)?.title ?? ruleKey ?? 'a rule';
}

function adjustmentTitle({ points, expiresAtMs }: UntitledLine): string {
  const sign = points < 0 ? 'taken off' : 'added';
  return expiresAtMs === undefined ? `Points ${sign} by hand` : `Points ${sign} by hand for a time`;
}

function subjectTitle(model: CompiledModel, line: UntitledLine): string {
  if (line.scope === 'RULE') return ruleTitle(model, line);
  if (line.scope === 'SET') {
    return model.sets.find(({ key }) => key === line.scoreSet)?.title ?? line.scoreSet ?? 'A score set';
  }
  return line.scope === 'DIMENSION' ? dimensionTitle(model, line) : 'The score';
}

function dimensionTitle({ dimensions }: CompiledModel, { dimension }: UntitledLine): string {
  return dimensions.find(({ key }) => key === dimension)?.name ?? dimension ?? 'A dimension';
}

function atMost(model: CompiledModel, line: UntitledLine): string {
  const max = capOf(model, line);
  return max === undefined || max === Number.POSITIVE_INFINITY ? '' : ` at ${max}`;
}

function capOf(model: CompiledModel, line: UntitledLine): number | undefined {
  if (line.scope === 'RULE') return model.rules.find(({ key }) => key === line.ruleKey)?.maxPoints;
  if (line.scope === 'SET') return model.sets.find(({ key }) => key === line.scoreSet)?.maxPoints;
  if (line.scope !== 'DIMENSION') return model.maxScore;
  return model.dimensions.find(({ key }) => key === line.dimension)?.maxPoints;
}

function clampTitle(model: CompiledModel, line: UntitledLine): string {
  if (line.scope === 'DECAY_FLOOR') return `Decay stops at ${model.decay?.minScore ?? 0}`;
  if (line.scope !== 'DIMENSION') {
    return `The score stays between ${model.minScore} and ${model.maxScore}`;
  }
  const dimension = model.dimensions.find(({ key }) => key === line.dimension);
  const title = dimensionTitle(model, line);
  return dimension === undefined
    ? `${title} stays within its bounds`
    : `${title} stays between ${dimension.minPoints ?? 0} and ${dimension.maxPoints}`;
}
