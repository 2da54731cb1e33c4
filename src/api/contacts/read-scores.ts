import { answersFor, nowFor } from '../../contacts/score-reading.js';
import { badInput, LeadpulseError } from '../../errors.js';
import type { ActiveModel } from '../../store/model-registry.js';
import type { ScoreRow } from '../../store/score-row.js';
import type { ApiContext } from '../context.js';
import { type ContactScoreType, contactScoreOf } from './score-type.js';

/** Which score of a row is wanted; as of now under the row's version when nothing is said. */
export interface ScoreWish {
  /** True when entries may be missing from the row's state: it was made before the model was last switched on or published. */
  behind?: boolean;
  atMs?: number | null;
  version?: number | null;
}

/**
 * A contact's score by its row. The timeline is replayed only where the row's state does not answer.
 * @throws LeadpulseError NOT_FOUND when the model has not the wished version.
 */
export async function readScore(
  context: ApiContext,
  row: ScoreRow,
  wish: ScoreWish = {},
): Promise<ContactScoreType> {
  const { loaders } = context;
  const version = wish.version ?? row.version;
  const model = await loaders.modelVersion.load({ modelId: row.modelId, version });
  if (!model) throw new LeadpulseError('NOT_FOUND', `The scoring model has no version ${version}.`);
  const atMs = wish.atMs ?? nowFor(row, Date.now());
  const live = wish.atMs == null && version === row.version;
  const replayed =
    answersFor(row, model, atMs) && !wish.behind
      ? null
      : await loaders.replayedState.load({ contactId: row.contactId, model, atMs });
  return contactScoreOf({ row, model, atMs, replayed, live });
}

/** A score row with the model that it is on, as it stands. */
export interface RowOfModel {
  row: ScoreRow;
  model: ActiveModel;
}

/** A contact's score as of now where the row and the model at hand tell it; null when something has to be read first. */
export function scoreAtHand({ row, model }: RowOfModel): ContactScoreType | null {
  const atMs = nowFor(row, Date.now());
  if (model.revision !== row.revision || !answersFor(row, model, atMs)) return null;
  return contactScoreOf({ row, model, atMs, replayed: null, live: true });
}

/** Scores as of now, in the order of their rows: for those who have just written the rows. */
export function scoresFromRows(context: ApiContext, rows: readonly ScoreRow[]): Promise<ContactScoreType[]> {
  return Promise.all(rows.map((row) => readScore(context, row)));
}

/** The same at once, when their versions are in memory and no timeline has to be replayed; else null. */
export function scoresOfKnownVersions(
  { services, viewer }: ApiContext,
  rows: readonly ScoreRow[],
): ContactScoreType[] | null {
  const nowMs = Date.now();
  const scores: ContactScoreType[] = [];
  for (const row of rows) {
    const model = services.registry.knownVersion(viewer.tenantId, row.modelId, row.version);
    const atMs = nowFor(row, nowMs);
    if (!model || !answersFor(row, model, atMs)) return null;
    scores.push(contactScoreOf({ row, model, atMs, replayed: null, live: true }));
  }
  return scores;
}

/** A contact's scores as of now on every active model that scores it, the primary one first. */
export async function readContactScores(context: ApiContext, contactId: string): Promise<ContactScoreType[]> {
  const { loaders } = context;
  const rows = await loaders.scoreRowsOfContact.load(contactId);
  const { models } = await loaders.activeModels();
  return Promise.all(
    rows.map((row) => {
      const model = models.find((candidate) => candidate.modelId === row.modelId);
      return readScore(context, row, { behind: model?.revision !== row.revision });
    }),
  );
}

/** Which model's score is wanted, and which score. */
export interface ContactScoreWish extends ScoreWish {
  modelId?: string | null;
  modelKey?: string | null;
}

/** The instants at which timelines can have entries: the years 1970 to 9999. */
const AT_MS_MIN = 0;
const AT_MS_END = Date.UTC(10_000, 0, 1);

/**
 * A contact's score on one model.
 * @returns null when no active model is meant, or it has not scored the contact.
 * @throws LeadpulseError BAD_USER_INPUT for the wish, NOT_FOUND when the model has not the wished version.
 */
export async function readContactScore(
  context: ApiContext,
  contactId: string,
  wish: ContactScoreWish,
): Promise<ContactScoreType | null> {
  checkWish(wish);
  const { loaders } = context;
  const model = (await loaders.activeModels()).models.find((candidate) => isWished(candidate, wish));
  const row = model && (await loaders.scoreRow.load({ contactId, modelId: model.modelId }));
  if (!model || !row) return null;
  return readScore(context, row, { ...wish, behind: model.revision !== row.revision });
}

function checkWish({ modelId, modelKey, atMs }: ContactScoreWish): void {
  if (modelId != null && modelKey != null) {
    throw badInput([{ path: 'modelKey', message: 'Give either modelId or modelKey, not both.' }]);
  }
  if (atMs != null && !(atMs >= AT_MS_MIN && atMs < AT_MS_END)) {
    throw badInput([{ path: 'at', message: 'Give an instant in the years 1970 to 9999.' }]);
  }
}

function isWished(model: ActiveModel, { modelId, modelKey }: ContactScoreWish): boolean {
  if (modelId != null) return model.modelId === modelId.toLowerCase();
  if (modelKey != null) return model.key === modelKey;
  return model.primary;
}
