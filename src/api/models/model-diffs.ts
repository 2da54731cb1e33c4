import { badInput } from '../../errors.js';
import { diffModels } from '../../scoring/diff-model.js';
import type { ModelDefinition } from '../../scoring/model-definition.js';
import type { ApiContext } from '../context.js';
import { type ModelDiffType, modelDiffOf } from './model-diff-type.js';
import type { ScoringModelType } from './scoring-model-type.js';

/**
 * Compares two versions of a model.
 * @param fromVersion the published version, when null.
 * @param toVersion the draft, when null and there is one; else the published version.
 * @throws LeadpulseError BAD_USER_INPUT when there is no such version.
 */
export async function diffVersions(
  context: ApiContext,
  model: ScoringModelType,
  fromVersion: number | null,
  toVersion: number | null,
): Promise<ModelDiffType> {
  const [from, to] = await Promise.all([
    fromVersion === null
      ? model.definition
      : definitionOf(context, { modelId: model.id, version: fromVersion }, 'fromVersion'),
    toVersion === null
      ? draftDefinition(context, model)
      : definitionOf(context, { modelId: model.id, version: toVersion }, 'toVersion'),
  ]);
  return modelDiffOf(diffModels(from, to));
}

/**
 * What a version says.
 * @param argument whose fault it is when there is no such version.
 * @throws LeadpulseError BAD_USER_INPUT.
 */
export async function definitionOf(
  { loaders }: ApiContext,
  key: { modelId: string; version: number },
  argument: string,
): Promise<ModelDefinition> {
  const definition = await loaders.definitionByVersion.load(key);
  if (definition) return definition;
  const message = `There is no version ${key.version}; \`versions\` of the model lists them.`;
  throw badInput([{ path: argument, message }]);
}

async function draftDefinition({ loaders }: ApiContext, model: ScoringModelType): Promise<ModelDefinition> {
  const draft = await loaders.draftByModel.load(model.id);
  return draft?.definition ?? model.definition;
}
