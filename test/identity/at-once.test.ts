import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestItem } from '../../src/ingest/ingest-item.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, profile } from '../support/ingest-kit.js';
import { IdentityKit } from './identity-kit.js';

let database: TestDatabase;
let kit: IdentityKit;
/** The same tenant with caches, queues and connections of its own, as in another process. */
let beside: IdentityKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IdentityKit.open(database.url);
  await kit.ingest.publish(PRESETS.STARTER('starter', 'Starter'));
  beside = await IdentityKit.openBeside(kit, database.url);
});

afterAll(async () => {
  await beside.close();
  await kit.close();
  await database.drop();
});

async function opener(): Promise<{ id: string; email: string }> {
  const email = `${randomUUID()}@example.com`;
  return { id: await kit.record(act(email, 'email_opened')), email };
}

describe('at once from two processes', () => {
  it('the same merge is made once, and both are answered with it', async () => {
    const [stays, goes] = [await opener(), await opener()];
    const merged = await Promise.all(
      [kit, beside, kit, beside].map((process) => process.merge(stays.id, goes.id)),
    );
    expect(new Set(merged.map(({ id }) => id)).size).toBe(1);
    expect(await kit.entriesOf(stays.id)).toHaveLength(4);
    expect((await kit.ingest.scoreRow(stays.id)).total).toBe(10);
  });

  it('merges in opposite directions end in one contact that holds everything', async () => {
    const [one, two] = [await opener(), await opener()];
    const [there] = await Promise.all([kit.merge(one.id, two.id), beside.merge(two.id, one.id)]);
    expect(await kit.entriesOf(there.contactId)).toHaveLength(4);
    expect(await kit.faults(there.contactId)).toEqual([]);
    const again = await Promise.all([one, two].map(({ email }) => kit.record(act(email, 'email_opened'))));
    expect(new Set(again)).toEqual(new Set([there.contactId]));
  });

  it('what another process remembers of keys is forgotten when they lead to one contact', async () => {
    const [stays, goes] = [await opener(), await opener()];
    const externalId = randomUUID();
    const named = (process: IdentityKit, email: string) =>
      process.record({ ...profile(email, {}), identities: { externalId } } as IngestItem);
    await named(beside, goes.email);
    await beside.record(act(stays.email, 'email_opened'));
    await kit.merge(stays.id, goes.id);
    expect(await named(beside, stays.email)).toBe(stays.id);
  });

  it('a merge is undone once', async () => {
    const [stays, goes] = [await opener(), await opener()];
    await kit.merge(stays.id, goes.id);
    const undone = await Promise.allSettled(
      [kit, beside, kit].map((process) => process.unmerge({ fromId: goes.id })),
    );
    expect(undone.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await kit.ingest.scoreRow(goes.id)).total).toBe(5);
  });

  it('an action is taken back once', async () => {
    const { id, email } = await opener();
    const { entryId } = await kit.ingest.accept(act(email, 'clicked_link'));
    const done = await Promise.all(
      [kit, beside, kit].map((process) =>
        process.identity.retract(process.request(), { contactId: id, entryId, reason: null }),
      ),
    );
    expect(new Set(done.map((outcome) => outcome.id)).size).toBe(1);
    expect((await kit.ingest.scoreRow(id)).total).toBe(5);
  });

  it('actions for contacts that are merged and parted meanwhile are each counted once, where they belong', async () => {
    const contacts = await Promise.all(Array.from({ length: 6 }, opener));
    const sent: { email: string; nth: number }[] = [];
    const record = async (process: IdentityKit, lane: number) => {
      for (let nth = 0; nth < 60; nth++) {
        const { email } = contacts[(nth * 5 + lane) % contacts.length] ?? { email: '' };
        const item = act(email, 'email_opened', { key: `${email}-${lane}-${nth}` });
        await process.ingest.accept(item);
        sent.push({ email, nth });
      }
    };
    const rearrange = async (process: IdentityKit, shift: number) => {
      for (let round = 0; round < 12; round++) {
        const into = contacts[(round + shift) % contacts.length]?.id ?? '';
        const from = contacts[(round * 2 + shift + 1) % contacts.length]?.id ?? '';
        // Two who are one already, or whose merge the other process has just undone, are refused: that is part of it.
        await process.merge(into, from).catch(() => undefined);
        await process.unmerge({ fromId: from }).catch(() => undefined);
      }
    };
    await Promise.all([
      record(kit, 0),
      record(beside, 1),
      record(kit, 2),
      record(beside, 3),
      rearrange(kit, 0),
      rearrange(beside, 3),
    ]);
    const rows = await kit.ingest.query<{ contact_id: string; id: string }>(
      `SELECT t.contact_id, t.id FROM timeline t WHERE t.tenant_id = $1 AND t.kind = 1
       AND coalesce(t.origin_id, t.contact_id) = ANY ($2::uuid[])`,
      contacts.map(({ id }) => id),
    );
    expect(rows).toHaveLength(contacts.length + sent.length);
    const standing = await kit.ingest.query<{ id: string }>(
      'SELECT id FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL AND id = ANY ($2::uuid[])',
      contacts.map(({ id }) => id),
    );
    const ids = standing.map(({ id }) => id);
    expect(rows.filter((row) => !ids.includes(row.contact_id))).toEqual([]);
    for (const id of ids) expect(await kit.faults(id)).toEqual([]);
    const totals = await Promise.all(ids.map((id) => kit.ingest.scoreRow(id)));
    expect(totals.every(({ total }) => total > 0)).toBe(true);
  });

  it('an erasure and what arrives for the person leave nobody half there', async () => {
    const { id, email } = await opener();
    const outcomes = await Promise.all([
      kit.identity.erase(kit.request(), { contactId: id, reason: null, remember: true }),
      ...Array.from({ length: 20 }, (_, nth) =>
        (nth % 2 ? kit : beside).ingest.record(act(email, 'email_opened')).then(([outcome]) => outcome),
      ),
    ]);
    expect(outcomes).toHaveLength(21);
    const left = await kit.ingest.query(
      'SELECT 1 FROM timeline WHERE tenant_id = $1 AND contact_id = $2',
      id,
    );
    expect(left).toEqual([]);
    const [back] = await beside.ingest.record(act(email, 'email_opened'));
    expect(back).toMatchObject({ status: 'REJECTED', error: { code: 'CONFLICT' } });
    const identity = await kit.ingest.query(
      'SELECT 1 FROM contact_identities WHERE tenant_id = $1 AND value = $2',
      email,
    );
    expect(identity).toEqual([]);
  });
});
