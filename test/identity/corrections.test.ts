import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedOutcome } from '../../src/ingest/ingest-item.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, profile } from '../support/ingest-kit.js';
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

const total = async (contactId: string) => (await kit.ingest.scoreRow(contactId)).total;

/** Someone who clicked, then replied, on two days of January. */
async function replier(): Promise<{
  id: string;
  email: string;
  click: RecordedOutcome;
  reply: RecordedOutcome;
}> {
  const email = `${randomUUID()}@example.com`;
  const at = new Date(Date.now() - 86_400_000).toISOString();
  const click = await kit.ingest.accept(act(email, 'clicked_link', { at, properties: { to: '/pricing' } }));
  const reply = await kit.ingest.accept(act(email, 'replied_to_email'));
  return { id: click.contactId, email, click, reply };
}

const retract = (contactId: string, { entryId }: { entryId: string }, key?: string) =>
  kit.identity.retract(kit.request(key), { contactId, entryId, reason: 'a test account' });

/** How many actions of a type are counted that have not been folded into the catalogue yet. */
async function uses(type: string): Promise<number> {
  const [row] = await kit.ingest.query<{ count: number }>(
    'SELECT coalesce(sum(count), 0)::int AS count FROM action_type_uses WHERE tenant_id = $1 AND type = $2',
    type,
  );
  return row?.count ?? 0;
}

describe('an action that is taken back', () => {
  it('leaves the timeline; the score is what it would have been without it, as one change with the cause CORRECTION', async () => {
    const { id, click } = await replier();
    expect(await total(id)).toBe(25);
    const { position } = await retract(id, click);
    expect(await total(id)).toBe(15);
    expect(await kit.faults(id)).toEqual([]);
    const events = await kit.ingest.events(id);
    expect(events.at(-1)).toMatchObject({ position, cause: 'CORRECTION', total_before: 25, total_after: 15 });
    const [kept] = await kit.ingest.query<{ before: string; reason: string; corrected_by: string }>(
      'SELECT * FROM timeline_corrections WHERE tenant_id = $1 AND entry_id = $2',
      click.entryId,
    );
    expect(kept).toMatchObject({
      kind: 'RETRACTED',
      reason: 'a test account',
      corrected_by: 'test',
      after: null,
    });
    expect(JSON.parse(kept?.before ?? '')).toMatchObject({
      type: 'clicked_link',
      properties: { to: '/pricing' },
    });
  });

  it('is taken back once, however often that is asked', async () => {
    const { id, click } = await replier();
    const first = await retract(id, click, `retract-${id}`);
    expect(await retract(id, click, `retract-${id}`)).toEqual(first);
    expect((await retract(id, click)).id).toBe(first.id);
    expect((await kit.ingest.events(id)).filter((event) => event.cause === 'CORRECTION')).toHaveLength(1);
  });

  it('is no longer counted among the actions of its type', async () => {
    const { id, click } = await replier();
    const before = await uses('clicked_link');
    await retract(id, click);
    expect(await uses('clicked_link')).toBe(before - 1);
  });

  it('lifts the reset it made', async () => {
    const { id, email } = await replier();
    const gone = await kit.ingest.accept(act(email, 'unsubscribed'));
    expect(await total(id)).toBe(0);
    await retract(id, gone);
    expect(await total(id)).toBe(25);
  });
});

it('an adjustment can be taken back, a profile entry cannot', async () => {
  const { id, email } = await replier();
  const adjusted = await kit.ingest.accept({
    kind: 'adjustment',
    contact: { kind: 'id', value: id },
    points: 10,
    reason: 'met at a fair',
  });
  expect(await total(id)).toBe(35);
  await retract(id, adjusted);
  expect(await total(id)).toBe(25);
  const set = await kit.ingest.accept(profile(email, { jobTitle: 'CEO' }));
  await expect(retract(id, set)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(retract(id, { entryId: randomUUID() })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('an action that is amended', () => {
  const amend = (contactId: string, { entryId }: { entryId: string }, to: object) =>
    kit.identity.amend(kit.request(), { contactId, entryId, reason: null }, to);

  it('keeps its id and its place in the order of recording, and counts as what it has become', async () => {
    const { id, click } = await replier();
    const read = () =>
      kit.ingest.query<{ seq: string; type: string; amended_at: number | null }>(
        'SELECT seq, type, amended_at FROM timeline WHERE tenant_id = $1 AND contact_id = $2 AND id = $3',
        id,
        click.entryId,
      );
    const [before] = await read();
    const counts = [await uses('clicked_link'), await uses('email_opened')];
    await amend(id, click, { type: 'email_opened' });
    const [after] = await read();
    expect(after).toEqual({ seq: before?.seq, type: 'email_opened', amended_at: expect.any(Number) });
    expect(await total(id)).toBe(20);
    expect(await kit.faults(id)).toEqual([]);
    expect([await uses('clicked_link'), await uses('email_opened')]).toEqual([
      (counts[0] ?? 0) - 1,
      (counts[1] ?? 0) + 1,
    ]);
  });

  it('may have happened at another time: decay follows', async () => {
    const { id, click, reply } = await replier();
    const yearAgoMs = Date.now() - 365 * 86_400_000;
    await amend(id, reply, { occurredAtMs: yearAgoMs });
    await amend(id, click, { occurredAtMs: yearAgoMs - 1 });
    expect(await total(id)).toBeLessThan(25);
    expect(await kit.faults(id)).toEqual([]);
  });

  it('may lie ahead of the clock by as much as a recorded one, and counts when its time comes', async () => {
    const { id, reply } = await replier();
    await expect(amend(id, reply, { occurredAtMs: Date.now() + 3_600_000 })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await amend(id, reply, { occurredAtMs: Date.now() + 60_000 });
    expect(await total(id)).toBe(10);
    expect((await kit.ingest.scoreRow(id)).pendingAtMs).toBeGreaterThan(Date.now());
  });

  it('cannot be one that was taken back, or become what it is', async () => {
    const { id, click, reply } = await replier();
    await expect(amend(id, reply, { type: 'replied_to_email' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await retract(id, click);
    await expect(amend(id, click, { type: 'email_opened' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

it('a correction follows its entry through a merge and back', async () => {
  const [stays, goes] = [await replier(), await replier()];
  await kit.merge(stays.id, goes.id);
  await retract(goes.id, goes.click);
  const ofContact = async (id: string) =>
    (
      await kit.ingest.query(
        'SELECT id FROM timeline_corrections WHERE tenant_id = $1 AND contact_id = $2',
        id,
      )
    ).length;
  expect([await ofContact(stays.id), await ofContact(goes.id)]).toEqual([1, 0]);
  await kit.unmerge({ fromId: goes.id });
  expect([await ofContact(stays.id), await ofContact(goes.id)]).toEqual([0, 1]);
  expect([await total(stays.id), await total(goes.id)]).toEqual([25, 15]);
});
