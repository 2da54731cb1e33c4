import { type AdvanceScope, type ContactToAdvance, replayWith } from '../advance-contact.js';
import type { ChangeCause } from '../change-causes.js';
import type { ActiveModel } from '../model-registry.js';
import { type PublishedChange, ScoreCursor, type SequencedEntry } from '../score-cursor.js';
import type { ScoreRow } from '../score-row.js';

/** A contact whose timeline is no longer the one that its scores were made of. */
export type ContactToRescore = Pick<ContactToAdvance, 'contactId' | 'rows' | 'timeline'>;

/** What became of a contact's scores. */
export interface Rescored {
  /** One row per active model, in the order of `active.models`. */
  rows: ScoreRow[];
  /** At most one net change per model behind those that were due before. */
  changes: PublishedChange[];
}

/**
 * A contact's scores on every active model after its timeline was rewritten. What time alone has changed until now is
 * published first, as the timeline was; what the rewriting changes follows as one net change. Writes nothing.
 * @param contact its rows as stored; the timeline, where it has been read already, as it is now.
 * @param cause of the net change.
 * @param entry the entry behind it, if there is one.
 */
export async function rescoreContact(
  scope: AdvanceScope,
  contact: ContactToRescore,
  cause: ChangeCause,
  entry: SequencedEntry | null,
): Promise<Rescored> {
  const rescored: Rescored = { rows: [], changes: [] };
  for (const model of scope.active.models) {
    const row = contact.rows.find((candidate) => candidate.modelId === model.modelId);
    const cursor = await cursorUpToNow(scope, contact.contactId, model, row);
    const { state, foldedAtMs, pendingAtMs } = await replayWith(scope, contact, model.compiled, []);
    cursor.replace(model, state, foldedAtMs, scope.nowMs, cause, entry);
    cursor.setPending(pendingAtMs);
    rescored.rows.push(cursor.toRow(model.revision));
    rescored.changes.push(...cursor.changes);
  }
  if (scope.active.models.length > 1) rescored.changes.sort((a, b) => a.atMs - b.atMs);
  return rescored;
}

async function cursorUpToNow(
  scope: AdvanceScope,
  contactId: string,
  model: ActiveModel,
  row: ScoreRow | undefined,
): Promise<ScoreCursor> {
  if (!row) return ScoreCursor.begin(model, contactId, scope.nowMs);
  const isCurrent = row.revision === model.revision;
  const version = isCurrent ? model : await scope.registry.version(scope.tenantId, row.modelId, row.version);
  const cursor = ScoreCursor.resume(version, row);
  // Same version, older revision: the model was off meanwhile, and nothing was published then.
  if (isCurrent || row.version !== model.version) cursor.stepTo(scope.nowMs);
  return cursor;
}
