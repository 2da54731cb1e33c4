import { badInput, LeadpulseError } from '../../errors.js';
import type { PreviewRequest } from '../../preview/preview-service.js';
import { applyModelChanges } from '../../scoring/apply-changes.js';
import type { ModelChange } from '../../scoring/model-change.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';

/** What a caller wants to have previewed. */
export interface PreviewWish {
  id: string;
  changes: readonly ModelChange[];
  /** Whether the changes come on top of the stored draft. */
  draft: boolean;
  sample: number | null;
}

/**
 * The published definition of a model beside what the wish would make of it.
 * @param at path of the arguments: '' or `input.`.
 * @throws LeadpulseError NOT_FOUND for the model; BAD_USER_INPUT for the changes, or when there is no draft.
 */
export async function previewedDefinition(
  { loaders }: ApiContext,
  { id, changes, draft, sample }: PreviewWish,
  at: string,
): Promise<PreviewRequest> {
  const model = isUuid(id) ? await loaders.modelById.load(id) : null;
  if (!model)
    throw new LeadpulseError('NOT_FOUND', 'There is no model of this id; `scoringModels` lists them.');
  const stored = draft ? await loaders.draftByModel.load(model.id) : null;
  if (draft && !stored) {
    const message = 'The model has no draft: leave this out to preview the changes alone.';
    throw badInput([{ path: `${at}draft`, message }]);
  }
  const base = (stored ?? model).definition;
  const request = { modelId: model.id, version: model.version, before: model.definition, sample };
  if (stored && changes.length === 0) return { ...request, after: base };
  const { definition, faults } = applyModelChanges(base, changes);
  if (faults.length > 0) {
    throw badInput(faults.map(({ path, message }) => ({ path: `${at}${path}`, message })));
  }
  return { ...request, after: definition };
}
