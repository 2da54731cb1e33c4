import { arrayLiteral, joinedTexts } from '../store/column-arrays.js';
import type { FlightStatement } from '../store/flight.js';
import type { SequencedEntry } from '../store/score-cursor.js';
import { PropertyTally, type PropertyUse } from '../store/uses/property-use.js';

/** What the entries of one batch say about one action type: a row of `action_type_uses`. */
export interface ActionTypeUse {
  /** Recording number of its first action; names the row. */
  seq: number;
  type: string;
  /** Actions of the type, at least 1. */
  count: number;
  /** Ms since 1970: the earliest and the latest `occurredAt` among them. */
  firstAtMs: number;
  lastAtMs: number;
  /** Actions whose properties were looked at. */
  looked: number;
  /** What they carried. */
  properties: PropertyUse[];
}

/** A use in the making. */
interface OpenUse extends Omit<ActionTypeUse, 'properties'> {
  looksMax: number;
  tally: PropertyTally | null;
}

/**
 * Counts the actions among the entries of a batch by type, in order of first appearance; other entries are passed over.
 * @param looksAt how many actions of a type are to be looked at for their properties (`PropertyMemory`).
 */
export function usesOf(
  entries: Iterable<SequencedEntry>,
  looksAt: (type: string) => number,
): ActionTypeUse[] {
  const uses = new Map<string, OpenUse>();
  for (const { entry, seq } of entries) {
    if (entry.kind !== 'action') continue;
    const { type, atMs } = entry;
    let use = uses.get(type);
    if (!use) {
      const looksMax = looksAt(type);
      use = { seq, type, count: 0, firstAtMs: atMs, lastAtMs: atMs, looked: 0, looksMax, tally: null };
      uses.set(type, use);
    }
    use.count++;
    if (atMs < use.firstAtMs) use.firstAtMs = atMs;
    if (atMs > use.lastAtMs) use.lastAtMs = atMs;
    if (use.looked >= use.looksMax) continue;
    use.looked++;
    use.tally ??= new PropertyTally();
    use.tally.add(entry.properties);
  }
  return [...uses.values()].map(({ looksMax, tally, ...use }) => ({ ...use, properties: tally?.uses ?? [] }));
}

/**
 * Appends what a batch says about action types, one small row a type: no batch writes a row of another one, so that none
 * waits here. They are folded into `action_types` later.
 * @param uses at least one.
 */
export function insertActionTypeUses(tenantId: string, uses: readonly ActionTypeUse[]): FlightStatement {
  return {
    name: 'insert_action_type_uses',
    text: `INSERT INTO action_type_uses (tenant_id, seq, type, count, first_at, last_at, properties)
      SELECT $1, r.seq, r.type, r.count, to_timestamp(r.first_at / 1000), to_timestamp(r.last_at / 1000),
        nullif(r.properties, '')::jsonb
      FROM unnest($2::bigint[], string_to_array($3, U&'\\001E'), $4::int[], $5::float8[], $6::float8[],
        string_to_array($7, U&'\\001E')) AS r(seq, type, count, first_at, last_at, properties)`,
    values: [
      tenantId,
      arrayLiteral(uses.map((use) => use.seq)),
      joinedTexts(uses.map((use) => use.type)),
      arrayLiteral(uses.map((use) => use.count)),
      arrayLiteral(uses.map((use) => use.firstAtMs)),
      arrayLiteral(uses.map((use) => use.lastAtMs)),
      joinedTexts(uses.map((use) => (use.properties.length > 0 ? JSON.stringify(use.properties) : null))),
    ],
  };
}
