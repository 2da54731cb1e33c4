import { LeadpulseError } from '../errors.js';
import { applyModelChanges } from '../scoring/apply-changes.js';
import { diffModels, type ModelDiff } from '../scoring/diff-model.js';
import type { ModelChange } from '../scoring/model-change.js';
import type { ModelDefinition, ModelFault } from '../scoring/model-definition.js';
import { logChange } from './change-log.js';
import { diffBeyond } from './diff-beyond.js';
import { storeDraft } from './draft-queries.js';
import { type ModelOutcome, publishNext, saveDraft } from './edit-model.js';
import { type Expectation, type LockedModel, lockedModel } from './locked-model.js';
import { type DraftRow, deriveDraft, type ModelDraft } from './model-draft.js';
import type { ModelRow } from './model-row.js';
import type { ModelTransaction } from './model-transaction.js';

/** Each pass takes out at least one change, and mostly all that do not fit. */
const SKIP_PASSES_MAX = 50;

/** What is to be done with a draft. */
export interface DraftRequest extends Expectation {
  id: string;
  message: string | null;
}

/**
 * Publishes the draft as the next version; the model then has none.
 * @throws LeadpulseError NOT_FOUND when there is no such model or draft; CONFLICT as in `editModel`, and when the draft was
 *   begun on an earlier version than the published one.
 */
export async function publishDraft(
  transaction: ModelTransaction,
  request: DraftRequest,
): Promise<ModelOutcome> {
  const { model, draft } = await draftToActOn(transaction, request);
  if (draft.baseVersion !== model.version) throw staleDraft(model, draft);
  const { definition } = deriveDraft(draft);
  await storeDraft(transaction, model.id, draft.baseVersion, []);
  return publishNext(transaction, model, definition, { kind: 'PUBLISHED', message: request.message });
}

/**
 * Gives the draft up.
 * @throws LeadpulseError NOT_FOUND when there is no such model or draft; CONFLICT as in `editModel`.
 */
export async function discardDraft(transaction: ModelTransaction, request: DraftRequest): Promise<ModelRow> {
  const { model, draft } = await draftToActOn(transaction, request);
  const { definition, faults } = applyModelChanges(draft.base, draft.changes);
  const diff = faults.length > 0 ? null : diffModels(definition, draft.base);
  await storeDraft(transaction, model.id, draft.baseVersion, []);
  const { message } = request;
  await logChange(transaction, { modelId: model.id, kind: 'DRAFT_DISCARDED', version: null, message, diff });
  return model;
}

/** What is to be done with a draft that was begun on an earlier version. */
export interface RebaseRequest extends DraftRequest {
  /** Leaves out the changes that do not fit the published version, instead of refusing. */
  skipFaulty: boolean;
}

/** A draft on the published version. */
export interface RebaseOutcome {
  model: ModelRow;
  /** Null when no change was left. */
  draft: ModelDraft | null;
  /** Why changes were left out: paths begin with `draft.changes.N`, as they stood in the draft before. */
  skipped: ModelFault[];
  /** What was published since the draft was begun and publishing the draft would take back. */
  overwritten: ModelDiff;
}

/**
 * Makes the changes of the draft again, on the published version; nothing happens when the draft was begun on that one.
 * @throws LeadpulseError NOT_FOUND when there is no such model or draft; CONFLICT as in `editModel`, and with the faults
 *   of the changes that do not fit, unless they are to be left out.
 */
export async function rebaseDraft(
  transaction: ModelTransaction,
  request: RebaseRequest,
): Promise<RebaseOutcome> {
  const locked = await draftToActOn(transaction, request);
  const { model, draft } = locked;
  const before = deriveDraft(draft);
  if (draft.baseVersion === model.version) {
    return { model, draft: before, skipped: [], overwritten: { settings: [], scoreSets: [], rules: [] } };
  }
  const { changes, faults } = changesThatFit(model.definition, draft.changes);
  if (changes === null || (faults.length > 0 && !request.skipFaulty)) {
    throw doesNotFit(model, draft, faults);
  }
  const content = { baseVersion: model.version, changes };
  const as = { kind: 'DRAFT_REBASED', message: request.message } as const;
  const saved = await saveDraft(transaction, locked, content, as);
  const intended = diffModels(before.base, before.definition);
  const actual = diffModels(model.definition, saved.draft?.definition ?? model.definition);
  return { ...saved, skipped: faults, overwritten: diffBeyond(actual, intended) };
}

/** @throws LeadpulseError NOT_FOUND when there is no draft. */
async function draftToActOn(
  transaction: ModelTransaction,
  request: DraftRequest,
): Promise<LockedModel & { draft: DraftRow }> {
  const { model, draft } = await lockedModel(transaction, request.id, request);
  if (draft) return { model, draft };
  const message = 'The model has no draft; `changeScoringModel` with `publish: false` begins one.';
  throw new LeadpulseError('NOT_FOUND', message);
}

/**
 * Takes out, pass by pass, the changes that faults lead to.
 * @returns the changes that are left, and why the others are out; no changes but faults when too many have to go.
 */
function changesThatFit(
  definition: ModelDefinition,
  all: readonly ModelChange[],
): { changes: ModelChange[] | null; faults: ModelFault[] } {
  let left = all.map((change, index) => ({ change, index }));
  const found: ModelFault[] = [];
  for (let pass = 0; pass < SKIP_PASSES_MAX; pass++) {
    const changes = left.map(({ change }) => change);
    const faults = changes.length === 0 ? [] : applyModelChanges(definition, changes).faults;
    if (faults.length === 0) return { changes, faults: found };
    const out = new Set<number>();
    for (const { path, message } of faults) {
      const [, position = '', ...inside] = path.split('.');
      const index = (left[Number(position)] ?? left.at(-1))?.index ?? 0;
      out.add(index);
      found.push({ path: ['draft.changes', index, ...inside].join('.'), message });
    }
    left = left.filter(({ index }) => !out.has(index));
  }
  return { changes: null, faults: found };
}

function staleDraft(model: ModelRow, draft: DraftRow): LeadpulseError {
  const message = `The draft was begun on version ${draft.baseVersion} and version ${model.version} is published by now: rebaseScoringModelDraft makes its changes again on that one; look at the result, then publish it.`;
  return new LeadpulseError('CONFLICT', message, {
    currentVersion: model.version,
    currentDraft: draft.revision,
  });
}

function doesNotFit(model: ModelRow, draft: DraftRow, fields: ModelFault[]): LeadpulseError {
  const message = `Changes of the draft do not fit version ${model.version}: leave them out with \`skipFaulty\`, or discard the draft.`;
  return new LeadpulseError('CONFLICT', message, {
    currentVersion: model.version,
    currentDraft: draft.revision,
    fields,
  });
}
