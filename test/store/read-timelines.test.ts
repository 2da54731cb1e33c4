import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/scoring/json-value.js';
import {
  type PackedTimeline,
  readPackedTimelines,
  TIMELINE_ENTRIES_MAX,
  TIMELINES_MAX,
  type TimelinesWanted,
} from '../../src/store/read-timelines.js';
import { readTimeline } from '../../src/store/replay-timeline.js';
import type { SequencedEntry } from '../../src/store/score-cursor.js';
import { tenantRead } from '../../src/store/tenant-scope.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit, listChange, profile } from '../support/ingest-kit.js';

const ALL = { untilMs: Date.UTC(9999, 0, 1) };

let database: TestDatabase;
let kit: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

async function read(
  ids: string[],
  wanted: TimelinesWanted = ALL,
  tenantId = kit.tenantId,
): Promise<Map<string, SequencedEntry[] | null>> {
  const timelines = await tenantRead(kit.db, tenantId, (client) =>
    readPackedTimelines(client, tenantId, ids, wanted),
  );
  return new Map([...timelines].map(([id, packed]) => [id, packed && unpack(packed)]));
}

function unpack(packed: PackedTimeline): SequencedEntry[] {
  const entries: SequencedEntry[] = [];
  packed.visit((entry, seq) => entries.push({ entry, seq }));
  expect(entries).toHaveLength(packed.length);
  return entries;
}

/** The same, row by row. */
function readPlainly(id: string, untilMs = ALL.untilMs): Promise<SequencedEntry[]> {
  return tenantRead(kit.db, kit.tenantId, async (client) => {
    const entries: SequencedEntry[] = [];
    for await (const page of readTimeline(client, kit.tenantId, id, untilMs)) entries.push(...page);
    return entries;
  });
}

async function idOf(...items: Parameters<IngestKit['record']>): Promise<string> {
  const [outcome] = await kit.record(...items);
  if (outcome?.status !== 'RECORDED') throw new Error('refused');
  return outcome.contactId;
}

/** Entries as they may lie in the table, past all checks: the body may be any text. */
async function insertActions(id: string, count: number, body: string | null): Promise<void> {
  await kit.query(
    `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, body, recorded_at)
     SELECT $1, $2, now() - i * interval '1 minute', 1000000 + i, gen_random_uuid(), 1, 'bulk', $3, now()
     FROM generate_series(1, $4) AS i`,
    id,
    body,
    count,
  );
}

describe('timelines of many contacts in one statement', () => {
  it('are those that are read row by row, whatever is in them', async () => {
    const properties: JsonObject = { title: 'Größe 日本 \u001e "x" \\', list: [1, null, { deep: true }] };
    const at = '2026-03-01T10:00:00.123Z';
    const busy = await idOf(
      act('busy@example.com', 'email_opened', { at }),
      act('busy@example.com', 'visited', { at, properties }),
      act('busy@example.com', 'visited', { at: '1970-01-01T00:00:00.000Z' }),
      act('busy@example.com', 'visited', { at: '2026-03-01T10:00:00.122Z', properties: { minutes: 5 } }),
      profile('busy@example.com', { jobTitle: 'CTO', companySize: null }, { at }),
      listChange('busy@example.com', 'webinar', true, at),
      listChange('busy@example.com', 'webinar', false),
    );
    // Between two milliseconds, as another program may have written it: both ways of reading round down.
    await kit.query(
      `UPDATE timeline SET occurred_at = occurred_at + interval '999 microseconds'
       WHERE tenant_id = $1 AND contact_id = $2 AND type = 'email_opened'`,
      busy,
    );
    const quiet = await idOf(act('quiet@example.com', 'email_opened'));
    const unknown = uuidv7();
    const timelines = await read([busy, unknown, quiet]);
    const plain = await readPlainly(busy);
    const kinds = plain.map(({ entry }) => entry.kind);
    expect(kinds.filter((kind) => kind === 'action')).toHaveLength(4);
    expect(new Set(kinds)).toEqual(new Set(['action', 'profile', 'list']));
    expect(timelines.get(busy)).toEqual(plain);
    expect(timelines.get(quiet)).toEqual(await readPlainly(quiet));
    expect(timelines.get(unknown)).toEqual([]);
    expect(timelines.size).toBe(3);
  });

  it('hold adjustments too, and any sequence number', async () => {
    const id = await idOf(act('adjusted@example.com', 'email_opened'));
    await kit.query(
      `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, body, recorded_at)
       VALUES ($1, $2, '2262-01-01T00:00:00.001Z', 9007199254740991, gen_random_uuid(), 4, '', $3, now())`,
      id,
      JSON.stringify({ points: 5, reason: 'call' }),
    );
    const timeline = (await read([id])).get(id);
    expect(timeline?.at(-1)).toEqual({
      seq: Number.MAX_SAFE_INTEGER,
      entry: { kind: 'adjustment', atMs: Date.UTC(2262, 0, 1, 0, 0, 0, 1), points: 5, reason: 'call' },
    });
    expect(timeline).toEqual(await readPlainly(id));
  });

  it('end at the wanted instant, without the types that are not wanted', async () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const id = await idOf(
      act('until@example.com', 'email_sent', { at: at(1) }),
      act('until@example.com', 'email_opened', { at: at(2) }),
      act('until@example.com', 'email_opened', { at: at(3) }),
      listChange('until@example.com', 'email_sent', true, at(2)),
    );
    const untilMs = Date.parse(at(2));
    expect((await read([id], { untilMs })).get(id)).toEqual(await readPlainly(id, untilMs));
    const isSent = ({ entry }: SequencedEntry) => entry.kind === 'action' && entry.type === 'email_sent';
    const others = (await readPlainly(id, untilMs)).filter((one) => !isSent(one));
    expect(others.map(({ entry }) => entry.kind)).toContain('list');
    expect((await read([id], { untilMs, skippedTypes: ['email_sent'] })).get(id)).toEqual(others);
  });

  it('leave out properties that nobody looks at, and nothing else', async () => {
    const id = await idOf(
      act('bare@example.com', 'visited', { properties: { minutes: 5 } }),
      act('bare@example.com', 'opened', { properties: { minutes: 6 } }),
      profile('bare@example.com', { jobTitle: 'CTO' }),
    );
    const plain = (await readPlainly(id)).map(({ entry }) => entry);
    expect(plain).toContainEqual(expect.objectContaining({ kind: 'profile', set: { jobTitle: 'CTO' } }));
    const readWith = async (readsProperties: TimelinesWanted['readsProperties']) =>
      (await read([id], { ...ALL, readsProperties })).get(id)?.map(({ entry }) => entry);
    const without = (types: string[]) =>
      plain.map((entry) =>
        entry.kind === 'action' && types.includes(entry.type) ? { ...entry, properties: {} } : entry,
      );
    expect(await readWith(undefined)).toEqual(plain);
    expect(await readWith((type) => type === 'opened')).toEqual(without(['visited']));
    expect(await readWith(null)).toEqual(without(['visited', 'opened']));
  });

  it('say of one that is too long, or too large, that it is to be read in pages', async () => {
    const [long, large, fitting] = [uuidv7(), uuidv7(), uuidv7()];
    await insertActions(long, TIMELINE_ENTRIES_MAX + 1, null);
    await insertActions(large, 10, JSON.stringify({ text: 'x'.repeat(30_000) }));
    await insertActions(fitting, TIMELINE_ENTRIES_MAX, JSON.stringify({ minutes: 5 }));
    const timelines = await read([long, large, fitting]);
    expect(timelines.get(long)).toBeNull();
    expect(timelines.get(large)).toBeNull();
    expect(timelines.get(fitting)).toEqual(await readPlainly(fitting));
  });

  it('are those of the tenant, and of so many contacts at most', async () => {
    const id = await idOf(act('mine@example.com', 'email_opened'));
    expect((await read([id])).get(id)).not.toEqual([]);
    expect((await read([id], ALL, uuidv7())).get(id)).toEqual([]);
    const many = Array.from({ length: TIMELINES_MAX + 1 }, () => uuidv7());
    await expect(read(many)).rejects.toThrow(RangeError);
  });
});
