import type pg from 'pg';
import type { CompiledModel } from '../scoring/compile-model.js';
import { foldEntry } from '../scoring/fold-entry.js';
import { emptyState, type ScoreState } from '../scoring/score-state.js';
import type { SequencedEntry } from './score-cursor.js';
import { decodeEntry } from './timeline-codec.js';

/** Entries read at a time: a history of any length passes through bounded memory. */
const REPLAY_PAGE_ROWS_MAX = 5_000;

interface TimelineDbRow {
  occurred_at: number;
  seq: string;
  kind: number;
  type: string;
  body: string | null;
}

/**
 * A contact's entries with `fromMs <= occurredAt <= untilMs` in timeline order, a page at a time.
 * @param client a pipelined connection, scoped to the tenant.
 */
export async function* readTimeline(
  client: pg.ClientBase,
  tenantId: string,
  contactId: string,
  untilMs: number,
  fromMs = 0,
): AsyncGenerator<SequencedEntry[]> {
  let afterAt = new Date(fromMs);
  let afterSeq = '-1';
  for (;;) {
    const { rows } = await client.query<TimelineDbRow>({
      name: 'read_timeline',
      text: `SELECT occurred_at, seq, kind, type, body FROM timeline
        WHERE tenant_id = $1 AND contact_id = $2 AND (occurred_at, seq) > ($3, $4) AND occurred_at <= $5
        ORDER BY occurred_at, seq LIMIT ${REPLAY_PAGE_ROWS_MAX}`,
      values: [tenantId, contactId, afterAt, afterSeq, new Date(untilMs)],
    });
    if (rows.length > 0)
      yield rows.map((row) => ({ entry: decodeEntry(row.occurred_at, row), seq: Number(row.seq) }));
    const last = rows.at(-1);
    if (!last || rows.length < REPLAY_PAGE_ROWS_MAX) return;
    afterAt = new Date(last.occurred_at);
    afterSeq = last.seq;
  }
}

/** The state after everything with `occurredAt <= untilMs`: what the score at that instant is made of. */
export async function replayTimeline(
  client: pg.ClientBase,
  tenantId: string,
  contactId: string,
  model: CompiledModel,
  untilMs: number,
): Promise<ScoreState> {
  const state = emptyState(model);
  for await (const page of readTimeline(client, tenantId, contactId, untilMs)) {
    for (const { entry } of page) foldEntry(model, state, entry);
  }
  return state;
}
