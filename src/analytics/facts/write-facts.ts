import { Slices } from '../../slices.js';
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
import { type FactsScope, SLICE_MS } from './read-facts.js';

/**
 * Writes the facts of some contacts in the place of what was there; those of contacts without a timeline are removed, as
 * are those on models that are not active.
 * @param scope its connection is in a transaction that holds the tenant's row of `fact_feeds`.
 * @param facts by contact id; null for a contact without a timeline.
 */
export async function writeFacts(
  { client, tenantId, plan }: FactsScope,
  facts: ReadonlyMap<string, ContactFacts | null>,
): Promise<void> {
  const ids = await addActionTypeIds(client, tenantId, actionTypesIn([...facts.values()]));
  const idOf = (actionType: string) => ids.get(actionType) ?? OTHER_TYPES_ID;
  const kept = [...facts].filter((entry): entry is [string, ContactFacts] => entry[1] !== null);
  const goneIds = [...facts].filter(([, one]) => one === null).map(([contactId]) => contactId);
  const scores = kept.flatMap(([contactId, contact]) =>
    contact.scores.map((score) => ({ ...score, contactId, contact })),
  );
  const modelIds = plan.models.map(({ modelId }) => modelId);
  const slices = new Slices(SLICE_MS);
  const flight = new Flight();
  for (const statement of removals(tenantId, [...facts.keys()], goneIds, modelIds)) flight.add(statement);
  if (kept.length > 0) flight.add(await upsertContacts(tenantId, kept, idOf, slices));
  if (scores.length > 0) {
    flight.add(await upsertPaths(tenantId, scores, slices));
    flight.add(await upsertDimensions(tenantId, scores, slices));
    flight.add(await upsertGains(tenantId, scores, idOf, slices));
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

async function upsertContacts(
  tenantId: string,
  contacts: readonly [string, ContactFacts][],
  idOf: (actionType: string) => number,
  slices: Slices,
): Promise<FlightStatement> {
  const packed = await slices.map(contacts, ([contactId, facts]) => ({
    contactId,
    ...packContact(facts, idOf),
  }));
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

async function upsertPaths(
  tenantId: string,
  scores: readonly ScoresOfContact[],
  slices: Slices,
): Promise<FlightStatement> {
  const packed = await slices.map(scores, ({ steps }) => packPath(steps));
  return upsertScores(tenantId, scores, 'score_paths', [
    ...outcomeColumns(scores),
    ['won_value', 'float8', arrayLiteral(scores.map(({ contact }) => contact.wonValue))],
    ['total_ms', 'bigint[]', joinedTexts(packed.map((row) => row.totalMs))],
    ['totals', 'int[]', joinedTexts(packed.map((row) => row.totals))],
    ['stage_ms', 'bigint[]', joinedTexts(packed.map((row) => row.stageMs))],
    ['stages', 'smallint[]', joinedTexts(packed.map((row) => row.stages))],
    ['peak_ms', 'bigint[]', joinedTexts(packed.map((row) => row.peakMs))],
    ['peaks', 'int[]', joinedTexts(packed.map((row) => row.peaks))],
  ]);
}

async function upsertDimensions(
  tenantId: string,
  scores: readonly ScoresOfContact[],
  slices: Slices,
): Promise<FlightStatement> {
  const packed = await slices.map(scores, ({ steps }) => packDimensions(steps));
  return upsertScores(tenantId, scores, 'dimension_paths', [
    ['at_ms', 'bigint[]', joinedTexts(packed.map((row) => row.atMs))],
    ['points', 'int[]', joinedTexts(packed.map((row) => row.points))],
    ['labels', 'text[]', joinedTexts(packed.map((row) => row.labels))],
  ]);
}

async function upsertGains(
  tenantId: string,
  scores: readonly ScoresOfContact[],
  idOf: (actionType: string) => number,
  slices: Slices,
): Promise<FlightStatement> {
  const packed = await slices.map(scores, ({ gains }) => packGains(gains, idOf));
  return upsertScores(tenantId, scores, 'score_gains', [
    ...outcomeColumns(scores),
    ['at_ms', 'bigint[]', joinedTexts(packed.map((row) => row.atMs))],
    ['rules', 'smallint[]', joinedTexts(packed.map((row) => row.rules))],
    ['points', 'float8[]', joinedTexts(packed.map((row) => row.points))],
    ['type_ids', 'int[]', joinedTexts(packed.map((row) => row.typeIds))],
    ['rule_prevs', 'int[]', joinedTexts(packed.map((row) => row.rulePrevs))],
    ['type_prevs', 'int[]', joinedTexts(packed.map((row) => row.typePrevs))],
    ['rule_ids', 'smallint[]', joinedTexts(packed.map((row) => row.ruleIds))],
    ['rule_first_ms', 'bigint[]', joinedTexts(packed.map((row) => row.ruleFirstMs))],
  ]);
}

function outcomeColumns(scores: readonly ScoresOfContact[]): Column[] {
  return [
    ['first_ms', 'bigint', arrayLiteral(scores.map(({ contact }) => contact.firstMs))],
    ['won_ms', 'bigint', arrayLiteral(scores.map(({ contact }) => contact.wonMs))],
    ['lost_ms', 'bigint', arrayLiteral(scores.map(({ contact }) => contact.lostMs))],
  ];
}

/** A column of many rows: of numbers as an array literal, of arrays as their literals joined. */
type Column = readonly [name: string, type: 'bigint' | 'float8' | `${string}[]`, values: string];

function upsertScores(
  tenantId: string,
  scores: readonly ScoresOfContact[],
  table: (typeof SCORE_TABLES)[number],
  columns: readonly Column[],
): FlightStatement {
  const names = columns.map(([name]) => name).join(', ');
  const casts = columns.map(([name, type]) => `r.${name}::${type}`).join(', ');
  const updates = columns.map(([name]) => `${name} = excluded.${name}`).join(', ');
  return {
    name: `upsert_${table}`,
    text: `INSERT INTO ${table} (tenant_id, contact_id, model_id, version, ${names})
      SELECT $1, r.contact_id, r.model_id, r.version, ${casts}
      FROM unnest($2::uuid[], $3::uuid[], $4::int[], ${columns.map(inputOf).join(', ')})
        AS r(contact_id, model_id, version, ${names})
      ON CONFLICT (tenant_id, model_id, contact_id) DO UPDATE SET version = excluded.version, ${updates}`,
    values: [
      tenantId,
      arrayLiteral(scores.map((score) => score.contactId)),
      arrayLiteral(scores.map((score) => score.modelId)),
      arrayLiteral(scores.map((score) => score.version)),
      ...columns.map(([, , values]) => values),
    ],
  };
}

function inputOf([, type]: Column, index: number): string {
  const parameter = `$${index + 5}`;
  return type.endsWith('[]') ? `string_to_array(${parameter}, U&'\\001E')` : `${parameter}::${type}[]`;
}
