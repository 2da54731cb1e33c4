import type pg from 'pg';
import type { ScoreState } from '../scoring/score-state.js';
import { arrayLiteral } from '../store/column-arrays.js';
import type { Database } from '../store/database.js';
import type { Flight, FlightStatement } from '../store/flight.js';
import { type ActiveModels, epochStatement, type ModelVersion } from '../store/model-registry.js';
import { replayTimeline } from '../store/replay-timeline.js';
import { SCORE_COLUMNS, type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';
import { tenantFlight } from '../store/tenant-scope.js';
import { contactRowsInOrder, contactRowsStatement } from './contact-lookup.js';
import type { ContactDbRow, ContactRow } from './contact-row.js';

/** One contact's score on one model. */
export interface ScoreKey {
  contactId: string;
  modelId: string;
}

/** What a contact's score at an instant is made of. */
export interface ReplayKey {
  contactId: string;
  model: ModelVersion;
  atMs: number;
}

/** Score rows in the order of their keys; null where a contact is not scored on the model. One statement. */
export async function readScoreRows(
  client: pg.ClientBase,
  tenantId: string,
  keys: readonly ScoreKey[],
): Promise<(ScoreRow | null)[]> {
  const rows = await readRows(client, tenantId, {
    contactIds: [...new Set(keys.map((key) => key.contactId))],
    modelIds: [...new Set(keys.map((key) => key.modelId))],
  });
  const byKey = new Map(rows.map((row) => [`${row.contactId}/${row.modelId}`, row]));
  return keys.map((key) => byKey.get(`${key.contactId}/${key.modelId}`) ?? null);
}

/** Every contact's score rows on some models, in the order of the models. */
export async function readScoresOfContacts(
  client: pg.ClientBase,
  tenantId: string,
  contactIds: readonly string[],
  modelIds: readonly string[],
): Promise<ScoreRow[][]> {
  const rows = await readRows(client, tenantId, { contactIds, modelIds });
  return rowsByContact(rows, contactIds, modelIds);
}

/**
 * The same on the active models as last seen. Whether they still stand is asked in the same flight, which spares a round trip.
 * @returns null when they do not.
 */
export function readScoresIfCurrent(
  db: Pick<Database, 'reads'>,
  tenantId: string,
  contactIds: readonly string[],
  seen: ActiveModels,
): Promise<ScoreRow[][] | null> {
  return tenantFlight(
    db,
    tenantId,
    (flight) => addScores(flight, tenantId, contactIds, seen),
    (scores) => scores(),
  );
}

/** Contacts and their scores on the active models as last seen, in the order of their ids. */
export interface ContactsWithScores {
  /** Null where there is none of the id. */
  rows: (ContactRow | null)[];
  /** Null when the models no longer stand. */
  scores: ScoreRow[][] | null;
}

/** Both in one flight: a contact with its explanation takes one round trip in place of two. */
export function readContactsWithScores(
  db: Pick<Database, 'reads'>,
  tenantId: string,
  ids: readonly string[],
  seen: ActiveModels,
): Promise<ContactsWithScores> {
  return tenantFlight(
    db,
    tenantId,
    (flight) => ({
      contacts: flight.add<ContactDbRow>(contactRowsStatement(tenantId, ids)),
      scores: addScores(flight, tenantId, ids, seen),
    }),
    ({ contacts, scores }) => ({ rows: contactRowsInOrder(contacts().rows, ids), scores: scores() }),
  );
}

/** @returns what gives the scores once the flight is back, or null when other models stood. */
function addScores(
  flight: Flight,
  tenantId: string,
  contactIds: readonly string[],
  seen: ActiveModels,
): () => ScoreRow[][] | null {
  const modelIds = seen.models.map((model) => model.modelId);
  const epoch = flight.add<{ epoch: number }>(epochStatement(tenantId));
  const rows = flight.add<ScoreDbRow>(rowsStatement(tenantId, { contactIds, modelIds }));
  return () =>
    epoch().rows[0]?.epoch === seen.epoch
      ? rowsByContact(rows().rows.map(scoreRowOf), contactIds, modelIds)
      : null;
}

function rowsByContact(
  rows: readonly ScoreRow[],
  contactIds: readonly string[],
  modelIds: readonly string[],
): ScoreRow[][] {
  const groups = new Map<string, ScoreRow[]>(contactIds.map((id) => [id, []]));
  for (const row of rows) groups.get(row.contactId)?.push(row);
  const place = new Map(modelIds.map((id, index) => [id, index]));
  const inOrder = (a: ScoreRow, b: ScoreRow) => (place.get(a.modelId) ?? 0) - (place.get(b.modelId) ?? 0);
  return contactIds.map((id) => (groups.get(id) ?? []).sort(inOrder));
}

interface WantedRows {
  contactIds: readonly string[];
  modelIds: readonly string[];
}

async function readRows(client: pg.ClientBase, tenantId: string, wanted: WantedRows): Promise<ScoreRow[]> {
  const { rows } = await client.query<ScoreDbRow>(rowsStatement(tenantId, wanted));
  return rows.map(scoreRowOf);
}

function rowsStatement(tenantId: string, { contactIds, modelIds }: WantedRows): FlightStatement {
  return {
    name: 'contacts_scores',
    text: `SELECT ${SCORE_COLUMNS} FROM contact_scores s
      WHERE s.tenant_id = $1 AND s.contact_id = ANY($2::uuid[]) AND s.model_id = ANY($3::uuid[])`,
    values: [tenantId, arrayLiteral(contactIds), arrayLiteral(modelIds)],
  };
}

/**
 * The instant at which a row is shown "now": the clock's, or that of the row itself, should this process's clock be behind
 * the database's.
 */
export function nowFor(row: ScoreRow, clockMs: number): number {
  const { asOfMs, foldedAtMs, pendingAtMs } = row;
  const knownMs = pendingAtMs !== null && pendingAtMs <= asOfMs ? clockMs : asOfMs;
  return Math.max(clockMs, knownMs, foldedAtMs ?? clockMs);
}

/**
 * Whether the row's state answers for `atMs` under `model`: everything up to then is folded into it, and nothing after. Else
 * the timeline has to be replayed.
 */
export function answersFor(row: ScoreRow, model: ModelVersion, atMs: number): boolean {
  const sameRules = row.version === model.version && row.modelId === model.modelId;
  const nothingAfter = row.foldedAtMs === null || row.foldedAtMs <= atMs;
  const nothingMissing = row.pendingAtMs === null || row.pendingAtMs > atMs;
  return sameRules && nothingAfter && nothingMissing;
}

/** States from the timelines themselves, in the order of the keys, over one connection. */
export function replayStates(
  client: pg.ClientBase,
  tenantId: string,
  keys: readonly ReplayKey[],
): Promise<ScoreState[]> {
  return Promise.all(
    keys.map((key) => replayTimeline(client, tenantId, key.contactId, key.model.compiled, key.atMs)),
  );
}
