import { uuidv7 } from 'uuidv7';
import { badInput, LeadpulseError } from '../errors.js';
import type { JsonObject } from '../scoring/json-value.js';
import type { ActionEntry, TimelineEntry } from '../scoring/timeline-entry.js';
import { AHEAD_MS_MAX } from '../store/advance-contact.js';
import { lockStanding } from '../store/rewriting/lock-standing.js';
import type { Rewrite } from '../store/rewriting/rewrite.js';
import { rewriteScores } from '../store/rewriting/rewrite-contact.js';
import type { Rewritten } from '../store/rewriting/run-rewrite.js';
import { decodeEntry, encodeEntry } from '../store/timeline-codec.js';
import { type CountedUse, countUses } from './count-uses.js';

/** What became of an entry. */
export const CORRECTION_KINDS = ['RETRACTED', 'AMENDED'] as const;
export type CorrectionKind = (typeof CORRECTION_KINDS)[number];

/** Which entry of whose timeline, and why it is corrected. */
export interface EntryToCorrect {
  contactId: string;
  entryId: string;
  reason: string | null;
}

/** What is to become of an action; what is left out stays. */
export interface Amendment {
  type?: string;
  occurredAtMs?: number;
  properties?: JsonObject;
}

/** An entry as it lies in the timeline. */
interface StoredRow {
  entry: TimelineEntry;
  seq: number;
  /** The contact it was recorded for, where that is another one. */
  originId: string | null;
}

/**
 * Takes an action or an adjustment back: it leaves the timeline, and scores are what they would have been without it. What
 * it was is kept with the correction. Taken back once more, it is answered as before.
 * @throws LeadpulseError NOT_FOUND; BAD_USER_INPUT for an entry of another kind.
 */
export async function retractEntry(rewrite: Rewrite, target: EntryToCorrect): Promise<Rewritten> {
  const contactId = await lockStanding(rewrite, target.contactId);
  const found = await findEntry(rewrite, contactId, target.entryId);
  if (!found) {
    const id = await retractionOf(rewrite, contactId, target.entryId);
    if (id !== null) return { id, contactId };
    throw noSuchEntry(target.entryId);
  }
  const { entry } = found;
  if (entry.kind !== 'action' && entry.kind !== 'adjustment') {
    throw badInput([
      {
        path: 'actionId',
        message:
          'Only actions and adjustments can be taken back. Set the attribute, or change the list, to what is right.',
      },
    ]);
  }
  await rewrite.client.query('DELETE FROM timeline WHERE tenant_id = $1 AND contact_id = $2 AND id = $3', [
    rewrite.tenantId,
    contactId,
    target.entryId,
  ]);
  const id = await noteCorrection(rewrite, { ...target, contactId }, found, null);
  if (entry.kind === 'action') await countUses(rewrite, [useOf(entry, -1)]);
  await rewriteScores(rewrite, contactId, 'CORRECTION', null);
  return { id, contactId };
}

/**
 * Changes an action where it lies: it keeps its id and its place in the order of recording, and scores are what they would
 * have been. What it was is kept with the correction.
 * @throws LeadpulseError NOT_FOUND; CONFLICT when it has been taken back; BAD_USER_INPUT for an entry of another kind, for an
 *   instant too far ahead, and when nothing would change.
 */
export async function amendAction(
  rewrite: Rewrite,
  target: EntryToCorrect,
  amendment: Amendment,
): Promise<Rewritten> {
  const contactId = await lockStanding(rewrite, target.contactId);
  const found = await findEntry(rewrite, contactId, target.entryId);
  if (!found) {
    const isRetracted = (await retractionOf(rewrite, contactId, target.entryId)) !== null;
    throw isRetracted ? alreadyRetracted(target.entryId) : noSuchEntry(target.entryId);
  }
  const { entry: before, seq } = found;
  if (before.kind !== 'action') {
    throw badInput([
      {
        path: 'actionId',
        message: 'Only actions can be amended. Take an adjustment back and give another one.',
      },
    ]);
  }
  const after = amended(before, amendment, rewrite.nowMs);
  const { type, body } = encodeEntry(after);
  await rewrite.client.query(
    `UPDATE timeline SET occurred_at = to_timestamp($4::float8 / 1000), type = $5, body = $6,
       amended_at = to_timestamp($7::float8 / 1000)
     WHERE tenant_id = $1 AND contact_id = $2 AND id = $3`,
    [rewrite.tenantId, contactId, target.entryId, after.atMs, type, body, rewrite.nowMs],
  );
  const id = await noteCorrection(rewrite, { ...target, contactId }, found, after);
  if (after.type === before.type) await countUses(rewrite, [useOf(after, 0)]);
  else await countUses(rewrite, [useOf(before, -1), useOf(after, 1)]);
  await rewriteScores(rewrite, contactId, 'CORRECTION', { entry: after, seq });
  return { id, contactId };
}

function amended(before: ActionEntry, amendment: Amendment, nowMs: number): ActionEntry {
  const after: ActionEntry = {
    ...before,
    type: amendment.type ?? before.type,
    atMs: amendment.occurredAtMs ?? before.atMs,
    properties: amendment.properties ?? before.properties,
  };
  if (after.atMs > nowMs + AHEAD_MS_MAX) {
    const minutes = AHEAD_MS_MAX / 60_000;
    throw badInput([{ path: 'occurredAt', message: `must not lie more than ${minutes} minutes ahead` }]);
  }
  if (after.atMs === before.atMs && encodedText(after) === encodedText(before)) {
    throw badInput([
      { path: 'actionId', message: 'The action is that already. Give what is to become of it.' },
    ]);
  }
  return after;
}

function encodedText(entry: TimelineEntry): string {
  const { type, body } = encodeEntry(entry);
  return `${type} ${body}`;
}

/** Along the contact's own timeline: an index over ids would cost every action that is recorded. */
async function findEntry(
  { client, tenantId }: Rewrite,
  contactId: string,
  entryId: string,
): Promise<StoredRow | null> {
  const { rows } = await client.query<{
    occurred_at: number;
    seq: string;
    kind: number;
    type: string;
    body: string | null;
    origin_id: string | null;
  }>(
    `SELECT occurred_at, seq, kind, type, body, origin_id FROM timeline
     WHERE tenant_id = $1 AND contact_id = $2 AND id = $3`,
    [tenantId, contactId, entryId],
  );
  const row = rows[0];
  if (!row) return null;
  return { entry: decodeEntry(row.occurred_at, row), seq: Number(row.seq), originId: row.origin_id };
}

async function retractionOf(
  { client, tenantId }: Rewrite,
  contactId: string,
  entryId: string,
): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM timeline_corrections
     WHERE tenant_id = $1 AND contact_id = $2 AND entry_id = $3 AND kind = 'RETRACTED'`,
    [tenantId, contactId, entryId],
  );
  return rows[0]?.id ?? null;
}

async function noteCorrection(
  { client, tenantId, by, nowMs }: Rewrite,
  { contactId, entryId, reason }: EntryToCorrect,
  { entry: before, originId }: StoredRow,
  after: TimelineEntry | null,
): Promise<string> {
  const id = uuidv7();
  const kind: CorrectionKind = after === null ? 'RETRACTED' : 'AMENDED';
  await client.query(
    `INSERT INTO timeline_corrections
       (tenant_id, id, contact_id, entry_id, kind, reason, corrected_by, corrected_at, before, after, origin_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000), $9, $10, $11)`,
    [
      tenantId,
      id,
      contactId,
      entryId,
      kind,
      reason,
      by,
      nowMs,
      JSON.stringify(before),
      after === null ? null : JSON.stringify(after),
      originId,
    ],
  );
  return id;
}

function useOf({ type, atMs }: ActionEntry, count: number): CountedUse {
  return { type, count, firstAtMs: atMs, lastAtMs: atMs };
}

function noSuchEntry(entryId: string): LeadpulseError {
  return new LeadpulseError(
    'NOT_FOUND',
    `The contact's timeline has no entry ${entryId}; Contact.timeline lists them.`,
  );
}

function alreadyRetracted(entryId: string): LeadpulseError {
  return new LeadpulseError('CONFLICT', `The entry ${entryId} has been taken back; record the action anew.`);
}
