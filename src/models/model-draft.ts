import { LeadpulseError } from '../errors.js';
import { applyModelChanges } from '../scoring/apply-changes.js';
import type { ModelChange } from '../scoring/model-change.js';
import type { ModelDefinition } from '../scoring/model-definition.js';

/** A draft as it is stored, beside the definition that its changes apply to. */
export interface DraftRow {
  modelId: string;
  /** The version that the changes apply to. */
  baseVersion: number;
  /** Raised with every edit of the draft; never used twice for one model. */
  revision: number;
  /** At least one. */
  changes: ModelChange[];
  changedBy: string;
  changedAtMs: number;
  /** The definition of `baseVersion`. */
  base: ModelDefinition;
}

/** Edits of a model that are not published yet. */
export interface ModelDraft extends DraftRow {
  /** What publishing it would publish. */
  definition: ModelDefinition;
}

/**
 * The draft with the definition that its changes lead to.
 * @throws LeadpulseError CONFLICT when they no longer lead to a valid model, as after an update of the rules for models.
 */
export function deriveDraft(row: DraftRow): ModelDraft {
  const { definition, faults } = applyModelChanges(row.base, row.changes);
  if (faults.length === 0) return { ...row, definition };
  throw new LeadpulseError(
    'CONFLICT',
    'The draft does not lead to a valid model: discard it (discardScoringModelDraft) and begin another.',
    {
      currentDraft: row.revision,
      fields: faults.map(({ path, message }) => ({ path: `draft.${path}`, message })),
    },
  );
}
