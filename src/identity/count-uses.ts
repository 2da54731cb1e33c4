import { arrayLiteral, joinedTexts } from '../store/column-arrays.js';
import { BATCH_SEQ_STRIDE } from '../store/recording-numbers.js';
import type { Rewrite } from '../store/rewriting/rewrite.js';

/** By how much the number of recorded actions of a type changes, and over which instants (ms since 1970). */
export interface CountedUse {
  type: string;
  /** Negative for actions that are gone; 0 when only an instant moves. */
  count: number;
  firstAtMs: number;
  lastAtMs: number;
}

/** Appends to the counts of action types, as batches do: rows are added up later. */
export async function countUses({ client, tenantId }: Rewrite, uses: readonly CountedUse[]): Promise<void> {
  await client.query(
    `INSERT INTO action_type_uses (tenant_id, seq, type, count, first_at, last_at)
     SELECT $1, nextval('recording_batches') * ${BATCH_SEQ_STRIDE}, r.type, r.count, to_timestamp(r.first_at / 1000),
       to_timestamp(r.last_at / 1000)
     FROM unnest(string_to_array($2, U&'\\001E'), $3::int[], $4::float8[], $5::float8[])
       AS r(type, count, first_at, last_at)`,
    [
      tenantId,
      joinedTexts(uses.map((use) => use.type)),
      arrayLiteral(uses.map((use) => use.count)),
      arrayLiteral(uses.map((use) => use.firstAtMs)),
      arrayLiteral(uses.map((use) => use.lastAtMs)),
    ],
  );
}
