import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestItem, ProfileItem } from '../../src/ingest/ingest-item.js';
import { PRESETS } from '../../src/scoring/presets.js';
import type { ContactKey } from '../../src/store/identity.js';
import { MERGE_ENTRIES_MAX } from '../../src/store/rewriting/merge-contacts.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, listChange, profile } from '../support/ingest-kit.js';
import { IdentityKit } from './identity-kit.js';

let database: TestDatabase;
let kit: IdentityKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IdentityKit.open(database.url);
  await kit.ingest.publish(PRESETS.STARTER('starter', 'Starter'));
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

const address = () => `${randomUUID()}@example.com`;
const total = async (contactId: string) => (await kit.ingest.scoreRow(contactId)).total;

/** A contact who has opened one email. */
async function opener(): Promise<{ id: string; email: string }> {
  const email = address();
  return { id: await kit.record(act(email, 'email_opened')), email };
}

function upsert(
  contact: ContactKey,
  identities: ProfileItem['identities'],
  onIdentityConflict: ProfileItem['onIdentityConflict'] = 'MERGE',
): ProfileItem {
  return { kind: 'profile', contact, set: {}, identities, onIdentityConflict };
}

describe('merging two contacts', () => {
  it('unites their timelines: the score is that of both together, and every key leads to the one that stays', async () => {
    const [one, two] = [address(), address()];
    const ada = await kit.record(act(one, 'email_opened', { at: '2026-01-01T00:00:00Z' }));
    await kit.record(
      profile(one, { company: 'Analytical', jobTitle: 'Clerk' }, { at: '2026-01-02T00:00:00Z' }),
    );
    const other = await kit.record(act(two, 'replied_to_email', { at: '2026-01-01T12:00:00Z' }));
    await kit.record(profile(two, { jobTitle: 'CEO' }, { at: '2026-01-03T00:00:00Z' }));
    await kit.record(listChange(two, 'vip', true));
    const before = await kit.entriesOf(ada, other);
    const merged = await kit.merge(ada, other);
    expect(merged.contactId).toBe(ada);
    expect(await kit.entriesOf(ada)).toEqual(before);
    expect(await kit.entriesOf(other)).toEqual([]);
    expect(await kit.faults(ada)).toEqual([]);
    expect(await kit.contact(ada)).toMatchObject({ company: 'Analytical', job_title: 'CEO', lists: ['vip'] });
    expect(await kit.record(act(two, 'email_opened'))).toBe(ada);
    expect(await kit.recordById(other, 'email_opened')).toBe(ada);
    expect(await kit.ingest.scoreRows(other)).toEqual([]);
  });

  it('publishes one net change with the cause MERGE', async () => {
    const [stays, goes] = [await opener(), await opener()];
    await kit.record(act(goes.email, 'replied_to_email'));
    const { position } = await kit.merge(stays.id, goes.id);
    const events = await kit.ingest.events(stays.id);
    expect(events.map(({ cause, total_before, total_after }) => [cause, total_before, total_after])).toEqual([
      ['ACTION', 0, 5],
      ['MERGE', 5, 25],
    ]);
    expect(events.at(-1)?.position).toBe(position);
  });

  it('asked twice, answers with the same merge; under one key the same, with other content a mismatch', async () => {
    const [stays, goes] = [await opener(), await opener()];
    const request = kit.request(`merge-${stays.id}`);
    const first = await kit.identity.merge(request, stays.id, goes.id);
    expect(await kit.identity.merge(request, stays.id, goes.id)).toEqual(first);
    expect((await kit.merge(stays.id, goes.id)).id).toBe(first.id);
    const other = { ...request, requestHash: new TextEncoder().encode('other') };
    await expect(kit.identity.merge(other, stays.id, goes.id)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
    expect((await kit.ingest.events(stays.id)).filter((event) => event.cause === 'MERGE')).toHaveLength(1);
  });

  it('refuses a contact that is nobody, and two keys of one contact', async () => {
    const { id } = await opener();
    await expect(kit.merge(id, randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(kit.merge(id, id)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('gives a contact without an owner the other one’s, and takes it back when the merge is undone', async () => {
    const [stays, goes] = [await opener(), await opener()];
    const owner = randomUUID();
    await kit.ingest.query(
      'UPDATE contacts SET owner_id = $3 WHERE tenant_id = $1 AND id = $2',
      goes.id,
      owner,
    );
    const { id } = await kit.merge(stays.id, goes.id);
    expect((await kit.contact(stays.id)).owner_id).toBe(owner);
    await kit.unmerge({ mergeId: id });
    expect((await kit.contact(stays.id)).owner_id).toBeNull();
    expect((await kit.contact(goes.id)).owner_id).toBe(owner);
  });

  it('refuses to move a timeline that is too long, the other way round it goes', async () => {
    const [short, long] = [await opener(), await opener()];
    await kit.ingest.query(
      `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, recorded_at)
       SELECT $1, $2, '2026-01-01'::timestamptz + n * interval '1 second', -n, gen_random_uuid(), 1, 'looked', now()
       FROM generate_series(1, $3::int) AS n`,
      long.id,
      MERGE_ENTRIES_MAX,
    );
    await expect(kit.merge(short.id, long.id)).rejects.toMatchObject({ code: 'TOO_COMPLEX' });
    expect(await kit.entriesOf(short.id)).toHaveLength(2);
    await kit.merge(long.id, short.id);
    expect(await kit.entriesOf(short.id)).toEqual([]);
  });
});

describe('undoing a merge', () => {
  it('gives back what was recorded for the contact that went, and leaves what came after the merge', async () => {
    const [stays, goes] = [await opener(), await opener()];
    const before = [await kit.entriesOf(stays.id), await kit.entriesOf(goes.id)];
    const { id } = await kit.merge(stays.id, goes.id);
    await kit.record(act(goes.email, 'replied_to_email'));
    const undone = await kit.unmerge({ fromId: goes.id });
    expect(undone).toMatchObject({ id, contactId: goes.id });
    expect(await kit.entriesOf(goes.id)).toEqual(before[1]);
    expect(await kit.entriesOf(stays.id)).toHaveLength(3);
    expect([await total(stays.id), await total(goes.id)]).toEqual([20, 5]);
    expect([...(await kit.faults(stays.id)), ...(await kit.faults(goes.id))]).toEqual([]);
    expect(await kit.record(act(goes.email, 'email_opened'))).toBe(goes.id);
    await expect(kit.unmerge({ mergeId: id })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(kit.unmerge({ fromId: stays.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes a chain apart in any order', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const [a, b, c] = [await opener(), await opener(), await opener()];
      const entries = [await kit.entriesOf(a.id), await kit.entriesOf(b.id), await kit.entriesOf(c.id)];
      const merges = [(await kit.merge(b.id, a.id)).id, (await kit.merge(c.id, b.id)).id];
      expect(await kit.recordById(a.id, 'clicked_link')).toBe(c.id);
      expect(await total(c.id)).toBe(25);
      for (const nth of order) await kit.unmerge({ mergeId: merges[nth] ?? '' });
      expect(await kit.entriesOf(a.id)).toEqual(entries[0]);
      expect(await kit.entriesOf(b.id)).toEqual(entries[1]);
      expect((await kit.entriesOf(c.id)).slice(0, 2)).toEqual(entries[2]);
      for (const { id, email } of [a, b, c]) {
        expect(await kit.faults(id)).toEqual([]);
        expect(await kit.record(act(email, 'email_opened'))).toBe(id);
      }
    }
  });

  it('of the inner merge of a chain gives the contact its own entries and leaves the rest where it is', async () => {
    const [a, b, c] = [await opener(), await opener(), await opener()];
    await kit.merge(b.id, a.id);
    await kit.merge(c.id, b.id);
    await kit.unmerge({ fromId: a.id });
    expect([await total(a.id), await total(c.id)]).toEqual([5, 10]);
    expect(await kit.recordById(b.id, 'email_opened')).toBe(c.id);
  });
});

describe('keys of different people in one item', () => {
  it('make both one with onIdentityConflict MERGE, into the contact that the item names', async () => {
    const [known, other] = [await opener(), await opener()];
    const externalId = randomUUID();
    await kit.record(upsert({ kind: 'email', value: other.email }, { externalId }));
    const stays = await kit.record(upsert({ kind: 'email', value: known.email }, { externalId }));
    expect(stays).toBe(known.id);
    expect(await total(known.id)).toBe(10);
    expect(await kit.faults(known.id)).toEqual([]);
    expect(await kit.record(act(other.email, 'email_opened'))).toBe(known.id);
  });

  it('make one of three, and of contacts that the same batch has made', async () => {
    const keys = { email: address(), externalId: randomUUID(), anonymousId: randomUUID() };
    const of = (kind: keyof typeof keys): IngestItem => ({
      kind: 'action',
      contact: { kind, value: keys[kind] },
      type: 'email_opened',
      properties: {},
    });
    const outcomes = await kit.ingest.record(
      of('email'),
      of('externalId'),
      of('anonymousId'),
      upsert(
        { kind: 'email', value: keys.email },
        { externalId: keys.externalId, anonymousId: keys.anonymousId },
      ),
      of('anonymousId'),
    );
    expect(outcomes.map((outcome) => outcome.status)).toEqual(Array(5).fill('RECORDED'));
    const [first, , , merged] = outcomes.map((outcome) => outcome.status === 'RECORDED' && outcome.contactId);
    expect(merged).toBe(first);
    expect(await total(String(first))).toBe(20);
    expect(await kit.faults(String(first))).toEqual([]);
  });

  it('are refused with REJECT, and nothing changes', async () => {
    const [known, other] = [await opener(), await opener()];
    const externalId = randomUUID();
    await kit.record(upsert({ kind: 'email', value: other.email }, { externalId }));
    const [outcome] = await kit.ingest.record(
      upsert({ kind: 'email', value: known.email }, { externalId }, 'REJECT'),
    );
    expect(outcome).toMatchObject({ status: 'REJECTED', error: { code: 'CONFLICT' } });
    expect(await total(known.id)).toBe(5);
  });

  it('with MERGE_ANONYMOUS take a visitor in, and nobody who is known', async () => {
    const [known, other] = [await opener(), await opener()];
    const [mine, others] = [randomUUID(), randomUUID()];
    const visitor = await kit.record({
      kind: 'action',
      contact: { kind: 'anonymousId', value: mine },
      type: 'clicked_link',
      properties: {},
    });
    await kit.record(upsert({ kind: 'email', value: other.email }, { anonymousId: others }));
    const me: ContactKey = { kind: 'email', value: known.email };
    expect(await kit.record(upsert(me, { anonymousId: mine }, 'MERGE_ANONYMOUS'))).toBe(known.id);
    expect(await total(known.id)).toBe(15);
    expect(await kit.entriesOf(visitor)).toEqual([]);
    const [refused] = await kit.ingest.record(upsert(me, { anonymousId: others }, 'MERGE_ANONYMOUS'));
    expect(refused).toMatchObject({ status: 'REJECTED', error: { code: 'CONFLICT' } });
    expect(await total(other.id)).toBe(5);
  });
});

describe('a preview', () => {
  it('says what the merge then does, and writes nothing', async () => {
    const [stays, goes] = [await opener(), await opener()];
    await kit.record(profile(goes.email, { jobTitle: 'CTO', colour: 'blue' }));
    await kit.record(listChange(goes.email, 'vip', true));
    const rows = () =>
      kit.ingest.query('SELECT *, xmin FROM contacts WHERE tenant_id = $1 AND id = ANY ($2::uuid[])', [
        stays.id,
        goes.id,
      ]);
    const before = await rows();
    const preview = await kit.identity.previewMerge(kit.ingest.tenantId, stays.id, goes.id);
    expect(await rows()).toEqual(before);
    expect(preview).toMatchObject({ entries: 6, lists: ['vip'], profile: { standard: { jobTitle: 'CTO' } } });
    await kit.merge(stays.id, goes.id);
    const { asOfMs: _, ...scored } = await kit.ingest.scoreRow(stays.id);
    expect(preview.scores).toMatchObject([{ total: scored.total, stage: scored.stage, version: 1 }]);
    expect(await kit.contact(stays.id)).toMatchObject({
      job_title: 'CTO',
      attributes: { colour: 'blue' },
      lists: ['vip'],
    });
  });
});
