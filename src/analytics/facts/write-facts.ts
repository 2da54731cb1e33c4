import type pg from 'pg';
import { arrayLiteral, joinedTexts } from '../../store/column-arrays.js';
import { Flight, type FlightStatement } from '../../store/flight.js';
import { addActionTypeIds, OTHER_TYPES_ID } from './action-type-ids.js';
import type { ContactFacts } from './derive-facts.js';
import {
  actionTypesIn,
  packContact,
  packDimensions,
  packGains,
  packPath,
  type ScoresOfContact,
} from './pack-facts.js';

/**
 * Writes the facts of some contacts in the place of what was there; those of contacts without a timeline are removed, as
 * are those on models that are not active.
 * @param client a connection in a transaction that holds the tenant's row of `fact_feeds`.
 * @param facts by contact id; null for a contact without a timeline.
 */
export async function writeFacts(
  client: pg.ClientBase,
  tenantId: string,
  facts: ReadonlyMap<string, ContactFacts | null>,
  modelIds: readonly string[],
): Promise<void> {
  const ids = await addActionTypeIds(client, tenantId, actionTypesIn([...facts.values()]));
  const idOf = (actionType: string) => ids.get(actionType) ?? OTHER_TYPES_ID;
  const kept = [...facts].filter((entry): entry is [string, ContactFacts] => entry[1] !== null);
  const goneIds = [...facts].filter(([, one]) => one === null).map(([contactId]) => contactId);
  const scores = kept.flatMap(([contactId, { scores }]) => scores.map((score) => ({ ...score, contactId })));
  const flight = new Flight();
  for (const statement of removals(tenantId, [...facts.keys()], goneIds, modelIds)) flight.add(statement);
  if (kept.length > 0) flight.add(upsertContacts(tenantId, kept, idOf));
  if (scores.length > 0) {
    flight.add(upsertPaths(tenantId, scores));
    flight.add(upsertDimensions(tenantId, scores));
    flight.add(upsertGains(tenantId, scores, idOf));
  }
  await flight.send(client);
}

const SCORE_TABLES = ['score_paths', 'dimension_paths', 'score_gains'] as const;

function removals(
  tenantId: string,
  contactIds: readonly string[],
  goneIds: readonly string[],
  modelIds: readonly string[],
): FlightStatement[] {
  const scores = SCORE_TABLES.map((table) => ({
    name: `remove_${table}`,
    // By the key, one lookup a model and contact.
    text: `DELETE FROM ${table} f USING scoring_models m, unnest($2::uuid[]) AS c(id)
      WHERE f.tenant_id = $1 AND m.tenant_id = $1 AND f.model_id = m.id AND f.contact_id = c.id
        AND (m.id <> ALL ($4::uuid[]) OR c.id = ANY ($3::uuid[]))`,
    values: [tenantId, arrayLiteral(contactIds), arrayLiteral(goneIds), arrayLiteral(modelIds)],
  }));
  if (goneIds.length === 0) return scores;
  const contacts = {
    name: 'remove_contact_facts',
    text: 'DELETE FROM contact_facts WHERE tenant_id = $1 AND contact_id = ANY ($2::uuid[])',
    values: [tenantId, arrayLiteral(goneIds)],
  };
  return [...scores, contacts];
}

function upsertContacts(
  tenantId: string,
  contacts: readonly [string, ContactFacts][],
  idOf: (actionType: string) => number,
): FlightStatement {
  const packed = contacts.map(([contactId, facts]) => ({ contactId, ...packContact(facts, idOf) }));
  return {
    name: 'upsert_contact_facts',
    text: `INSERT INTO contact_facts (tenant_id, contact_id, first_ms, won_ms, won_value, lost_ms, type_ids, type_first_ms,
        feedback_ms, feedback_kinds, feedback_reasons)
      SELECT $1, r.contact_id, r.first_ms, r.won_ms, r.won_value, r.lost_ms, r.type_ids::int[], r.type_first_ms::bigint[],
        nullif(r.feedback_ms, '')::bigint[], nullif(r.feedback_kinds, '')::smallint[], nullif(r.feedback_reasons, '')::text[]
      FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::float8[], $6::bigint[], string_to_array($7, U&'\\001E'),
        string_to_array($8, U&'\\001E'), string_to_array($9, U&'\\001E'), string_to_array($10, U&'\\001E'),
        string_to_array($11, U&'\\001E'))
        AS r(contact_id, first_ms, won_ms, won_value, lost_ms, type_ids, type_first_ms, feedback_ms, feedback_kinds,
          feedback_reasons)
      ON CONFLICT (tenant_id, contact_id) DO UPDATE SET first_ms = excluded.first_ms, won_ms = excluded.won_ms,
        won_value = excluded.won_value, lost_ms = excluded.lost_ms, type_ids = excluded.type_ids,
        type_first_ms = excluded.type_first_ms, feedback_ms = excluded.feedback_ms,
        feedback_kinds = excluded.feedback_kinds, feedback_reasons = excluded.feedback_reasons`,
    values: [
      tenantId,
      arrayLiteral(packed.map((row) => row.contactId)),
      arrayLiteral(packed.map((row) => row.firstMs)),
      arrayLiteral(packed.map((row) => row.wonMs)),
      arrayLiteral(packed.map((row) => row.wonValue)),
      arrayLiteral(packed.map((row) => row.lostMs)),
      joinedTexts(packed.map((row) => row.typeIds)),
      joinedTexts(packed.map((row) => row.typeFirstMs)),
      joinedTexts(packed.map((row) => row.feedbackMs)),
      joinedTexts(packed.map((row) => row.feedbackKinds)),
      joinedTexts(packed.map((row) => row.feedbackReasons)),
    ],
  };
}

function upsertPaths(tenantId: string, scores: readonly ScoresOfContact[]): FlightStatement {
  const packed = scores.map(({ steps }) => packPath(steps));
  return upsertScores(tenantId, scores, 'score_paths', [
    ['total_ms', 'bigint[]', packed.map((row) => row.totalMs)],
    ['totals', 'int[]', packed.map((row) => row.totals)],
    ['stage_ms', 'bigint[]', packed.map((row) => row.stageMs)],
    ['stages', 'smallint[]', packed.map((row) => row.stages)],
    ['peak_ms', 'bigint[]', packed.map((row) => row.peakMs)],
    ['peaks', 'int[]', packed.map((row) => row.peaks)],
  ]);
}

function upsertDimensions(tenantId: string, scores: readonly ScoresOfContact[]): FlightStatement {
  const packed = scores.map(({ steps }) => packDimensions(steps));
  return upsertScores(tenantId, scores, 'dimension_paths', [
    ['at_ms', 'bigint[]', packed.map((row) => row.atMs)],
    ['points', 'int[]', packed.map((row) => row.points)],
    ['labels', 'text[]', packed.map((row) => row.labels)],
  ]);
}

function upsertGains(
  tenantId: string,
  scores: readonly ScoresOfContact[],
  idOf: (actionType: string) => number,
): FlightStatement {
  const packed = scores.map(({ gains }) => packGains(gains, idOf));
  return upsertScores(tenantId, scores, 'score_gains', [
    ['at_ms', 'bigint[]', packed.map((row) => row.atMs)],
    ['rules', 'smallint[]', packed.map((row) => row.rules)],
    ['points', 'float8[]', packed.map((row) => row.points)],
    ['type_ids', 'int[]', packed.map((row) => row.typeIds)],
    ['rule_prevs', 'int[]', packed.map((row) => row.rulePrevs)],
    ['type_prevs', 'int[]', packed.map((row) => row.typePrevs)],
    ['rule_ids', 'smallint[]', packed.map((row) => row.ruleIds)],
    ['rule_first_ms', 'bigint[]', packed.map((row) => row.ruleFirstMs)],
  ]);
}

/** Columns of arrays: name, type, and an array literal a row. */
type ArrayColumn = readonly [name: string, type: string, literals: readonly string[]];

function upsertScores(
  tenantId: string,
  scores: readonly ScoresOfContact[],
  table: (typeof SCORE_TABLES)[number],
  columns: readonly ArrayColumn[],
): FlightStatement {
  const names = columns.map(([name]) => name).join(', ');
  const casts = columns.map(([name, type]) => `r.${name}::${type}`).join(', ');
  const inputs = columns.map((_, index) => `string_to_array($${index + 5}, U&'\\001E')`).join(', ');
  const updates = columns.map(([name]) => `${name} = excluded.${name}`).join(', ');
  return {
    name: `upsert_${table}`,
    text: `INSERT INTO ${table} (tenant_id, contact_id, model_id, version, ${names})
      SELECT $1, r.contact_id, r.model_id, r.version, ${casts}
      FROM unnest($2::uuid[], $3::uuid[], $4::int[], ${inputs}) AS r(contact_id, model_id, version, ${names})
      ON CONFLICT (tenant_id, model_id, contact_id) DO UPDATE SET version = excluded.version, ${updates}`,
    values: [
      tenantId,
      arrayLiteral(scores.map((score) => score.contactId)),
      arrayLiteral(scores.map((score) => score.modelId)),
      arrayLiteral(scores.map((score) => score.version)),
      ...columns.map(([, , literals]) => joinedTexts(literals)),
    ],
  };
}
