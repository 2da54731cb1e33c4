import { badInput, type FieldFault, LeadpulseError } from '../errors.js';
import { isUuid } from '../uuid.js';
import { selectDraft } from './draft-queries.js';
import type { DraftRow } from './model-draft.js';
import { selectModel } from './model-queries.js';
import type { ModelRow } from './model-row.js';
import type { ModelTransaction } from './model-transaction.js';

/** What the editor saw; null where anything will do. */
export interface Expectation {
  /** The published version. */
  expectedVersion: number | null;
  /** The revision of the draft; 0 when there was none. */
  expectedDraft: number | null;
}

/** A model with its draft, which nobody else changes as long as the transaction lasts. */
export interface LockedModel {
  model: ModelRow;
  draft: DraftRow | null;
}

/**
 * The model with its draft.
 * @throws LeadpulseError NOT_FOUND; CONFLICT with `currentVersion` and `currentDraft` when one is not the expected one.
 */
export async function lockedModel(
  transaction: ModelTransaction,
  id: string,
  expected: Expectation,
): Promise<LockedModel> {
  const model = await findModel(transaction, id);
  const draft = await selectDraft(transaction, id);
  checkExpectation(model.version, draft?.revision ?? 0, expected);
  return { model, draft };
}

/** @throws LeadpulseError NOT_FOUND. */
export async function findModel({ manager, tenantId }: ModelTransaction, id: string): Promise<ModelRow> {
  const model = isUuid(id) ? await selectModel(manager, tenantId, id) : null;
  if (model) return model;
  throw new LeadpulseError('NOT_FOUND', 'There is no model of this id; `scoringModels` lists them.');
}

/**
 * Refuses an edit of something else than what the editor saw.
 * @param currentVersion 0 when there is no such model.
 * @param currentDraft revision of the draft; 0 when there is none.
 * @throws LeadpulseError CONFLICT with `currentVersion` and `currentDraft`.
 */
export function checkExpectation(
  currentVersion: number,
  currentDraft: number,
  { expectedVersion, expectedDraft }: Expectation,
): void {
  const details = { currentVersion, currentDraft };
  if (expectedVersion !== null && expectedVersion !== currentVersion) {
    const message = `The model is at version ${currentVersion} and not at ${expectedVersion}: read it again, then repeat the change.`;
    throw new LeadpulseError('CONFLICT', message, details);
  }
  if (expectedDraft !== null && expectedDraft !== currentDraft) {
    const is = currentDraft === 0 ? 'There is no draft' : `The draft is at revision ${currentDraft}`;
    const message = `${is} and not at ${expectedDraft}: read the model again, then repeat the change.`;
    throw new LeadpulseError('CONFLICT', message, details);
  }
}

/** @throws LeadpulseError BAD_USER_INPUT with these faults, when there are any. */
export function refuseFaults(faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw badInput([...faults]);
}
