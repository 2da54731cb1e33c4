import { badInput } from '../errors.js';
import { arrayLiteral, joinedTexts } from '../store/column-arrays.js';
import { erasedHash } from '../store/erased-identities.js';
import { Flight } from '../store/flight.js';
import type { ActiveModel } from '../store/model-registry.js';
import { readScores } from '../store/read-scores.js';
import { lockStanding } from '../store/rewriting/lock-standing.js';
import { PERSONAL_ROWS } from '../store/rewriting/personal-rows.js';
import type { Rewrite } from '../store/rewriting/rewrite.js';
import type { Rewritten } from '../store/rewriting/run-rewrite.js';
import { type PublishedChange, ScoreCursor } from '../store/score-cursor.js';
import { type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';
import { forgetAnswers, forgetMentions, forgetSamples } from './forget-traces.js';
import { type KnownPerson, readPerson } from './known-person.js';

const NO_WORD = /[^\p{L}\p{N}]+/gu;

/** Whom to erase. */
export interface ErasureWish {
  contactId: string;
  /** Kept with the tombstone, so it must not name the person. */
  reason: string | null;
  /** Refuse the person's identities for `ERASED_IDENTITIES_DAYS`. */
  remember: boolean;
  /** Keys the hashes of the identities. */
  installationId: string;
  /** Idempotency key of the request, which is kept as well. */
  idempotencyKey: string | null;
}

/**
 * Erases a person: every row about them and about the contacts that were merged into them goes, and so do traces of them
 * elsewhere. Events of the feed keep their places; they hold ids and numbers. A tombstone remains.
 * @returns the tombstone's id, which is that of the contact.
 * @throws LeadpulseError NOT_FOUND; BAD_USER_INPUT when the reason or the key names the person.
 */
export async function eraseContact(rewrite: Rewrite, wish: ErasureWish): Promise<Rewritten> {
  const erased = await findTombstone(rewrite, wish.contactId);
  if (erased !== null) return { id: erased, contactId: erased };
  const contactId = await lockStanding(rewrite, wish.contactId);
  const person = await readPerson(rewrite, contactId);
  checkNamesNobody(person, 'reason', wish.reason);
  checkNamesNobody(person, 'idempotencyKey', wish.idempotencyKey);
  await publishErasure(rewrite, contactId);
  await forgetSamples(rewrite, person);
  await forgetMentions(rewrite, person);
  await forgetAnswers(rewrite, person);
  if (wish.remember) await rememberIdentities(rewrite, person, wish.installationId);
  const flight = new Flight();
  for (const [table, column] of PERSONAL_ROWS) {
    flight.add({
      name: `erase_${table}_${column}`,
      text: `DELETE FROM ${table} WHERE tenant_id = $1 AND ${column} = ANY ($2::uuid[])`,
      values: [rewrite.tenantId, arrayLiteral(person.contactIds)],
    });
  }
  await flight.send(rewrite.client);
  await putTombstones(rewrite, contactId, person.contactIds, wish.reason);
  rewrite.repointsIdentities = true;
  return { id: contactId, contactId };
}

async function findTombstone({ client, tenantId }: Rewrite, contactId: string): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT coalesce(into_id, id) AS id FROM erased_contacts WHERE tenant_id = $1 AND id = $2',
    [tenantId, contactId],
  );
  return rows[0]?.id ?? null;
}

/** @throws LeadpulseError BAD_USER_INPUT. */
function checkNamesNobody({ names }: KnownPerson, path: string, text: string | null): void {
  const words = ` ${text?.toLowerCase().replaceAll(NO_WORD, ' ') ?? ''} `;
  if (!names.some((name) => words.includes(` ${name.replaceAll(NO_WORD, ' ')} `))) return;
  throw badInput([
    { path, message: 'It is kept, so it must not name the person. Give a case number instead.' },
  ]);
}

/** One change per score, also when the score was what it is without any timeline: subscribers have to be told. */
async function publishErasure(rewrite: Rewrite, contactId: string): Promise<void> {
  const { client, tenantId, active } = rewrite;
  const flight = new Flight();
  const read = flight.add<ScoreDbRow>(readScores(tenantId, [contactId]));
  await flight.send(client);
  const rows = read().rows.map(scoreRowOf);
  for (const model of active.models) {
    const row = rows.find((candidate) => candidate.modelId === model.modelId);
    if (row) rewrite.changes.push(erasureOf(model, row, rewrite.nowMs));
  }
}

function erasureOf(model: ActiveModel, row: ScoreRow, nowMs: number): PublishedChange {
  const after = ScoreCursor.begin(model, row.contactId, nowMs).toRow(model.revision);
  return {
    contactId: row.contactId,
    modelId: model.modelId,
    version: model.version,
    atMs: Math.max(nowMs, row.asOfMs),
    cause: 'ERASED',
    entry: null,
    points: after.total - row.total,
    totalBefore: row.total,
    totalAfter: after.total,
    stageBefore: row.stage,
    stageAfter: after.stage,
    labelBefore: row.label,
    labelAfter: after.label,
    reasons: '[]',
  };
}

async function rememberIdentities(
  { client, tenantId, nowMs }: Rewrite,
  { identities }: KnownPerson,
  installationId: string,
): Promise<void> {
  if (identities.length === 0) return;
  await client.query(
    `INSERT INTO erased_identities (tenant_id, hash, erased_at)
     SELECT $1, decode(r.hash, 'hex'), to_timestamp($3::float8 / 1000) FROM unnest(string_to_array($2, U&'\\001E')) AS r(hash)
     ON CONFLICT (tenant_id, hash) DO UPDATE SET erased_at = excluded.erased_at`,
    [
      tenantId,
      joinedTexts(identities.map((identity) => erasedHash(installationId, tenantId, identity))),
      nowMs,
    ],
  );
}

async function putTombstones(
  { client, tenantId, by, nowMs }: Rewrite,
  contactId: string,
  contactIds: readonly string[],
  reason: string | null,
): Promise<void> {
  await client.query(
    `INSERT INTO erased_contacts (tenant_id, id, into_id, erased_by, erased_at, reason)
     SELECT $1, r.id, nullif($3::uuid, r.id), $4, to_timestamp($5::float8 / 1000), $6 FROM unnest($2::uuid[]) AS r(id)`,
    [tenantId, arrayLiteral(contactIds), contactId, by, nowMs, reason],
  );
}
