import type { ModelDefinition, StageDefinition } from '../model-definition.js';
import type { ModelWarning, ModelWarningCode } from './model-warning.js';
import type { Reach } from './reach.js';

/**
 * Warns of stages that no contact can be in: those that begin at the same whole total as the next one, and those that
 * lie beyond what the rules can reach.
 */
export function warnOfStages({ stages }: ModelDefinition, reach: Reach): ModelWarning[] {
  return stages.flatMap((stage, index) => {
    const warning = stageWarning(stages, stage, index, reach);
    return warning === null ? [] : [warning];
  });
}

function stageWarning(
  stages: readonly StageDefinition[],
  stage: StageDefinition,
  index: number,
  { lowest, highest }: Reach,
): ModelWarning | null {
  // Totals are whole: a stage from 50.2 on begins at 51. Whoever is below the first stage is in it all the same.
  const from = Math.ceil(stage.minScore);
  const next = stages[index + 1];
  const untilTotal = next === undefined ? Number.POSITIVE_INFINITY : Math.ceil(next.minScore);
  if (index > 0 && from > highest) {
    const message =
      `The rules bring a total of at most ${highest}; "${stage.name}" begins at ${stage.minScore}. ` +
      'Lower its minScore, or raise points or caps.';
    return about('STAGE_OUT_OF_REACH', stage, index, message);
  }
  if (next !== undefined && untilTotal <= lowest) {
    const message =
      `The lowest total is ${lowest}, where "${next.name}" has begun already. ` +
      `Raise the minScore of "${next.name}", or remove this stage.`;
    return about('STAGE_OUT_OF_REACH', stage, index, message);
  }
  if (next === undefined || untilTotal > from) return null;
  const message =
    `Totals are whole numbers, so "${stage.name}" (from ${stage.minScore}) and "${next.name}" ` +
    `(from ${next.minScore}) both begin at ${from}, and nobody is in the first. Move them apart.`;
  return about('STAGES_OVERLAP', stage, index, message);
}

function about(code: ModelWarningCode, stage: StageDefinition, index: number, message: string): ModelWarning {
  const path = `stages.${index}.minScore`;
  return { code, message, path, ruleKey: null, scoreSet: null, stage: stage.key, suggestion: null };
}
