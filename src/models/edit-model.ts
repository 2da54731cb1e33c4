import { badInput } from '../errors.js';
import { applyModelChanges } from '../scoring/apply-changes.js';
import { diffModels } from '../scoring/diff-model.js';
import type { ModelChange } from '../scoring/model-change.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import type { JobRow } from '../store/jobs/job-row.js';
import { logChange } from './change-log.js';
import { selectDraft, storeDraft } from './draft-queries.js';
import { type Expectation, type LockedModel, lockedModel, refuseFaults } from './locked-model.js';
import { deriveDraft, type ModelDraft } from './model-draft.js';
import { selectVersion } from './model-queries.js';
import type { ModelRow } from './model-row.js';
import type { ModelStep } from './model-steps.js';
import type { ModelTransaction } from './model-transaction.js';
import { publishVersion, serializeDefinition } from './publish-version.js';

/** Changes of one edit at most. */
const EDIT_CHANGES_MAX = 200;

/** An edit of a model: all of it, or none. */
export interface ModelEdit extends Expectation {
  id: string;
  step: ModelStep;
  /** True: of the published version, as its next one. False: of the draft, which is begun when there is none. */
  publish: boolean;
  message: string | null;
}

/** What an edit led to. */
export interface ModelOutcome {
  model: ModelRow;
  /** The draft, when the edit went to it. */
  draft: ModelDraft | null;
  /** The job that brings the contacts along; null when nothing has to be computed anew. */
  recalculation: JobRow | null;
}

/**
 * Applies all changes, to the published version or to the draft.
 * @throws LeadpulseError NOT_FOUND; CONFLICT when the version or the draft is not the expected one; BAD_USER_INPUT with the
 *   faults of the changes or of what they lead to.
 */
export async function editModel(transaction: ModelTransaction, edit: ModelEdit): Promise<ModelOutcome> {
  const locked = await lockedModel(transaction, edit.id, edit);
  const { model } = locked;
  const draft = edit.publish ? null : locked.draft && deriveDraft(locked.draft);
  const before = draft?.definition ?? model.definition;
  const { step, message } = edit;
  const changes = step.changesFor(before);
  if (changes.length === 0 || changes.length > EDIT_CHANGES_MAX) {
    throw badInput([{ path: step.inputPath('changes'), message: `Give 1 to ${EDIT_CHANGES_MAX} changes.` }]);
  }
  const applied = applyModelChanges(before, changes);
  refuseFaults(applied.faults.map((fault) => ({ ...fault, path: step.inputPath(fault.path) })));
  if (edit.publish) {
    return publishNext(transaction, model, applied.definition, { kind: 'PUBLISHED', message });
  }
  const content = {
    baseVersion: draft?.baseVersion ?? model.version,
    changes: [...(draft?.changes ?? []), ...changes],
  };
  return saveDraft(transaction, locked, content, { kind: 'DRAFT_SAVED', message });
}

/**
 * Publishes a definition as the model's next version.
 * @param as what the log calls it, and why it was done.
 */
export async function publishNext(
  transaction: ModelTransaction,
  model: ModelRow,
  definition: ModelDefinition,
  as: { kind: 'PUBLISHED' | 'ROLLED_BACK' | 'IMPORTED'; message: string | null },
): Promise<ModelOutcome> {
  const version = model.version + 1;
  const next = { ...model, version, definition };
  const recalculation = await publishVersion(transaction, next, as.message);
  const diff = diffModels(model.definition, definition);
  await logChange(transaction, { modelId: model.id, version, diff, ...as });
  return { model: next, draft: null, recalculation };
}

/** What a draft is to hold. */
export interface DraftContent {
  baseVersion: number;
  /** Without any, there is no draft any more. */
  changes: ModelChange[];
}

/**
 * Puts these changes in the place of the model's draft.
 * @param locked the model with the draft as it was.
 * @param as what the log calls it, and why it was done.
 * @throws LeadpulseError BAD_USER_INPUT when the draft, or what it leads to, is too large to be stored.
 */
export async function saveDraft(
  transaction: ModelTransaction,
  { model, draft: former }: LockedModel,
  content: DraftContent,
  as: { kind: 'DRAFT_SAVED' | 'DRAFT_REBASED' | 'IMPORTED'; message: string | null },
): Promise<ModelOutcome> {
  await storeDraft(transaction, model.id, content.baseVersion, content.changes);
  const row = await selectDraft(transaction, model.id);
  const draft = row && deriveDraft(row);
  if (draft) serializeDefinition(draft.definition);
  const before = former ? deriveDraft(former).definition : model.definition;
  const diff = diffModels(before, draft?.definition ?? model.definition);
  await logChange(transaction, { modelId: model.id, version: null, diff, ...as });
  return { model, draft, recalculation: null };
}

/** A way back to an earlier version. */
export interface Rollback extends Expectation {
  id: string;
  toVersion: number;
  message: string | null;
}

/**
 * Publishes the content of an earlier version as the next one; the draft stays.
 * @throws LeadpulseError NOT_FOUND; CONFLICT as in `editModel`; BAD_USER_INPUT when `toVersion` is not an earlier version.
 */
export async function rollBackModel(
  transaction: ModelTransaction,
  { id, toVersion, message, ...expected }: Rollback,
): Promise<ModelOutcome> {
  const { model } = await lockedModel(transaction, id, expected);
  const { manager, tenantId } = transaction;
  const earlier = toVersion < model.version ? await selectVersion(manager, tenantId, id, toVersion) : null;
  if (!earlier) {
    const fault = `There is no earlier version ${toVersion}; the current one is ${model.version}.`;
    throw badInput([{ path: 'input.toVersion', message: fault }]);
  }
  const as = { kind: 'ROLLED_BACK', message: message ?? `Back to version ${toVersion}` } as const;
  return publishNext(transaction, model, earlier.definition, as);
}
