import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit, listChange, profile } from '../support/ingest-kit.js';

const MODEL: ModelDefinition = {
  key: 'leads',
  name: 'Leads',
  dimensions: [{ key: 'engagement', maxPoints: 100 }],
  decay: { ratePercent: 5, intervalDays: 30 },
  stages: [
    { key: 'cold', name: 'Cold', minScore: 0 },
    { key: 'warm', name: 'Warm', minScore: 26 },
    { key: 'hot', name: 'Hot', minScore: 76, hot: true },
  ],
  scoreSets: [
    {
      key: 'behaviour',
      dimension: 'engagement',
      rules: [
        { key: 'open', action: { actionType: 'email_opened', points: 5 } },
        { key: 'demo', action: { actionType: 'requested_demo', points: 80 } },
        {
          key: 'title',
          table: { attribute: 'jobTitle', rows: [{ operator: 'MATCHES_WORD', value: 'cto', points: 25 }] },
        },
        { key: 'vip', criteria: { when: { list: { key: 'vip' } }, points: 10 } },
      ],
    },
  ],
};

let database: TestDatabase;
let kit: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  await kit.publish(MODEL);
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

describe('an action', () => {
  it('makes an unknown contact, scores it and publishes the change', async () => {
    const outcome = await kit.accept(act('Ada@Example.com ', 'email_opened'));
    expect(outcome).toMatchObject({ status: 'RECORDED', created: true });
    expect(outcome.scores.map((row) => row.total)).toEqual([5]);
    const [event] = await kit.events(outcome.contactId);
    expect(event).toMatchObject({
      cause: 'ACTION',
      total_before: 0,
      total_after: 5,
      stage_before: 'cold',
      points: 5,
    });
    expect(outcome.position).toBe(event?.position);
    const [contact] = await kit.query<{ email: string }>(
      'SELECT email FROM contacts WHERE tenant_id = $1 AND id = $2',
      outcome.contactId,
    );
    expect(contact?.email).toBe('ada@example.com');
    expect(kit.announced).toContain(kit.tenantId);
  });

  it('finds the contact again by the same key, however it is written', async () => {
    const first = await kit.accept(act('bob@example.com', 'email_opened'));
    const second = await kit.accept(act(' BOB@example.com', 'email_opened'));
    expect(second).toMatchObject({ contactId: first.contactId, created: false });
    expect(second.scores[0]?.total).toBe(10);
  });

  it('that is late is as if it had come in order', async () => {
    const start = Date.now() - 100 * 86_400_000;
    const at = (days: number) => new Date(start + days * 86_400_000).toISOString();
    const { contactId } = await kit.accept(act('late@example.com', 'email_opened', { at: at(50) }));
    await kit.accept(act('late@example.com', 'requested_demo', { at: at(0) }));
    await kit.accept(act('late@example.com', 'email_opened', { at: at(95) }));
    expect(await kit.differencesFromReplay(contactId)).toEqual([]);
    const events = await kit.events(contactId);
    expect(events.every((event, index) => index === 0 || event.at >= (events[index - 1]?.at ?? 0))).toBe(
      true,
    );
    expect(events.at(-1)?.total_after).toBe((await kit.scoreRow(contactId)).total);
  });

  it('publishes what time did before it, with the instants of time', async () => {
    const start = Date.now() - 70 * 86_400_000;
    const { contactId } = await kit.accept(
      act('idle@example.com', 'requested_demo', { at: new Date(start).toISOString() }),
    );
    const events = await kit.events(contactId);
    expect(
      events.map(({ cause, total_after, at }) => [cause, total_after, (at - start) / 86_400_000]),
    ).toEqual([
      ['ACTION', 80, 0],
      ['DECAY', 76, 30],
      ['DECAY', 72, 60],
    ]);
  });

  it('a little ahead of the clock counts when its instant comes', async () => {
    const { contactId } = await kit.accept(act('ahead@example.com', 'email_opened'));
    const soon = new Date(Date.now() + 60_000).toISOString();
    const ahead = await kit.accept(act('ahead@example.com', 'requested_demo', { at: soon }));
    expect(ahead.position).toBeNull();
    const row = await kit.scoreRow(contactId);
    expect(row).toMatchObject({ total: 5, pendingAtMs: Date.parse(soon), dueAtMs: Date.parse(soon) });
  });

  it('ahead of the clock as the first of a contact leaves its score at the present', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    const { contactId, recordedAtMs } = await kit.accept(
      act('first-ahead@example.com', 'email_opened', { at: soon }),
    );
    expect(await kit.scoreRow(contactId)).toMatchObject({ total: 0, asOfMs: recordedAtMs });
  });

  it('far ahead of the clock is refused and leaves nothing behind', async () => {
    const [outcome] = await kit.record(
      act('future@example.com', 'email_opened', { at: '2999-01-01T00:00:00Z' }),
    );
    expect(outcome).toMatchObject({ status: 'REJECTED', error: { code: 'BAD_USER_INPUT' } });
    const rows = await kit.query(
      `SELECT 1 FROM contact_identities WHERE tenant_id = $1 AND value = 'future@example.com'`,
    );
    expect(rows).toEqual([]);
  });
});

describe('a batch', () => {
  it('keeps the good items whatever the others are, in the order given', async () => {
    const outcomes = await kit.record(
      act('one@example.com', 'email_opened'),
      act('not an address', 'email_opened'),
      {
        ...act('x@example.com', 'email_opened'),
        contact: { kind: 'id', value: '00000000-0000-7000-8000-000000000000' },
      },
      act('one@example.com', 'bad\0type'),
      act('one@example.com', 'email_opened', { properties: { text: '\ud800' } }),
      act('one@example.com', 'requested_demo'),
    );
    expect(
      outcomes.map((outcome) => (outcome.status === 'REJECTED' ? outcome.error.code : outcome.status)),
    ).toEqual(['RECORDED', 'BAD_USER_INPUT', 'NOT_FOUND', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'RECORDED']);
  });

  it('of a whole history in any order publishes it as it happened', async () => {
    const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
    const outcomes = await kit.record(
      act('history@example.com', 'email_opened', { at: day(20) }),
      act('history@example.com', 'email_opened', { at: day(0) }),
      act('history@example.com', 'email_opened', { at: day(10) }),
    );
    const first = outcomes[0];
    if (first?.status === 'REJECTED' || !first) throw new Error('refused');
    const events = await kit.events(first.contactId);
    expect(events.slice(0, 3).map((event) => event.total_after)).toEqual([5, 10, 15]);
    expect(await kit.differencesFromReplay(first.contactId)).toEqual([]);
  });

  it('of several histories mixed up, larger than one transaction takes, publishes each as it happened', async () => {
    const day = (n: number) => new Date(Date.UTC(2025, 0, 1 + n)).toISOString();
    const items = Array.from({ length: 900 }, (_, index) =>
      act(`mixed${index % 30}@example.com`, 'email_opened', { at: day((index * 7) % 31) }),
    );
    const outcomes = await kit.record(...items);
    const contacts = new Set(
      outcomes.flatMap((outcome) => (outcome.status === 'REJECTED' ? [] : outcome.contactId)),
    );
    for (const contactId of contacts) {
      const instants = (await kit.events(contactId)).filter((event) => event.cause === 'ACTION');
      expect(instants.every((event) => event.at === event.action_at)).toBe(true);
      expect(await kit.differencesFromReplay(contactId)).toEqual([]);
    }
    expect(contacts.size).toBe(30);
  });

  it('in which visitors become known keeps the order of each person: one contact, not two', async () => {
    const visits = Array.from({ length: 300 }, (_, index) => {
      const visitor = { kind: 'anonymousId' as const, value: `visitor-${index}` };
      const email = `known${index}@example.com`;
      const visit = { kind: 'action' as const, contact: visitor, type: 'email_opened', properties: {} };
      const link = {
        kind: 'profile' as const,
        contact: visitor,
        set: {},
        identities: { email },
        onIdentityConflict: 'REJECT' as const,
      };
      return [visit, visit, link, act(email, 'email_opened'), act(email, 'email_opened')];
    });
    // All visits first, then the links, then what the known people do: as a log of a site would have it.
    const items = [0, 1, 2, 3, 4].flatMap((step) => visits.flatMap((person) => person[step] ?? []));
    const outcomes = await kit.record(...items);
    expect(outcomes.filter((outcome) => outcome.status === 'REJECTED')).toEqual([]);
    const contacts = new Set(outcomes.map((outcome) => outcome.status !== 'REJECTED' && outcome.contactId));
    expect(contacts.size).toBe(300);
  });

  it('of many items for many contacts keeps the feed gapless', async () => {
    const items = Array.from({ length: 1_000 }, (_, index) =>
      act(`many${index % 150}@example.com`, 'email_opened'),
    );
    const outcomes = await kit.record(...items);
    expect(outcomes.every((outcome) => outcome.status === 'RECORDED')).toBe(true);
    const [feed] = await kit.query<{ position: string; least: string; events: string }>(
      `SELECT f.position, min(e.position) AS least, count(*) AS events FROM tenant_feeds f
       JOIN score_events e USING (tenant_id) WHERE tenant_id = $1 GROUP BY f.position`,
    );
    expect(feed).toEqual({ position: feed?.events, least: '1', events: feed?.events });
  });
});

describe('many callers', () => {
  it('are not kept waiting by one contact that somebody else holds', async () => {
    const { contactId } = await kit.accept(act('held@example.com', 'email_opened'));
    const holder = await kit.db.writes.connect();
    await holder.query('BEGIN');
    await holder.query(`SELECT set_config('app.tenant', '${kit.tenantId}', true)`);
    await holder.query(`SELECT 1 FROM contacts WHERE id = '${contactId}' FOR UPDATE`);
    const held = kit.record(act('held@example.com', 'email_opened'));
    const others = await kit.record(
      ...Array.from({ length: 20 }, (_, index) => act(`free${index}@example.com`, 'email_opened')),
    );
    expect(others.every((outcome) => outcome.status === 'RECORDED')).toBe(true);
    await holder.query('COMMIT');
    holder.release();
    expect((await held).map((outcome) => outcome.status)).toEqual(['RECORDED']);
  });

  it('that write to the same few contacts, one action after another, are all answered', async () => {
    const caller = async (lane: number) => {
      for (let index = 0; index < 30; index++) {
        await kit.accept(act(`busy${(index + lane) % 4}@example.com`, 'email_opened'));
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, lane) => caller(lane)));
    const [count] = await kit.query<{ actions: string }>(
      `SELECT count(*) AS actions FROM timeline t JOIN contacts c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id
       WHERE t.tenant_id = $1 AND t.kind = 1 AND c.email LIKE 'busy%'`,
    );
    expect(count?.actions).toBe('360');
  });
});

describe('an idempotency key', () => {
  it('counts once and is answered as before', async () => {
    const item = act('idem@example.com', 'email_opened', { key: 'order-1' });
    const first = await kit.accept(item);
    const again = await kit.accept(item);
    expect(again).toMatchObject({
      status: 'DUPLICATE',
      entryId: first.entryId,
      position: first.position,
      contactId: first.contactId,
    });
    expect((await kit.scoreRow(first.contactId)).total).toBe(5);
  });

  it('counts once when sent many times at once', async () => {
    const item = act('race@example.com', 'email_opened', { key: 'race-1' });
    const outcomes = await kit.record(...Array.from({ length: 50 }, () => item));
    expect(outcomes.filter((outcome) => outcome.status === 'RECORDED')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.status === 'DUPLICATE')).toHaveLength(49);
  });

  it('with other content is a mismatch', async () => {
    await kit.accept(act('mismatch@example.com', 'email_opened', { key: 'order-2' }));
    const other = {
      ...act('mismatch@example.com', 'requested_demo', { key: 'order-2' }),
      requestHash: new Uint8Array([1]),
    };
    const [outcome] = await kit.record(other);
    expect(outcome).toMatchObject({ status: 'REJECTED', error: { code: 'IDEMPOTENCY_MISMATCH' } });
  });
});

describe('a profile', () => {
  it('counts for rules and shows in the contact', async () => {
    const outcome = await kit.accept(
      profile('cto@example.com', { jobTitle: 'CTO', company: 'Acme', plan: 'pro' }),
    );
    expect(outcome.scores[0]?.total).toBe(25);
    const [contact] = await kit.query<Record<string, unknown>>(
      'SELECT * FROM contacts WHERE tenant_id = $1 AND id = $2',
      outcome.contactId,
    );
    expect(contact).toMatchObject({
      job_title: 'CTO',
      company: 'Acme',
      attributes: { plan: 'pro' },
      sort_name: 'acme',
    });
  });

  it('that comes late does not overwrite what was said later', async () => {
    const outcome = await kit.accept(
      profile('moved@example.com', { jobTitle: 'CTO' }, { at: '2026-06-01T00:00:00Z' }),
    );
    await kit.accept(
      profile('moved@example.com', { jobTitle: 'Intern', industry: 'saas' }, { at: '2026-01-01T00:00:00Z' }),
    );
    const [contact] = await kit.query<Record<string, unknown>>(
      'SELECT * FROM contacts WHERE tenant_id = $1 AND id = $2',
      outcome.contactId,
    );
    expect(contact).toMatchObject({ job_title: 'CTO', industry: 'saas' });
    expect(await kit.differencesFromReplay(outcome.contactId)).toEqual([]);
  });

  it('with a name of any length is kept, and sorts by its beginning', async () => {
    const { contactId } = await kit.accept(profile('long@example.com', { firstName: 'ß'.repeat(9_000) }));
    const [contact] = await kit.query<{ sort_name: string; first_name: string }>(
      'SELECT sort_name, first_name FROM contacts WHERE tenant_id = $1 AND id = $2',
      contactId,
    );
    expect([contact?.first_name.length, contact?.sort_name.length]).toEqual([9_000, 200]);
  });

  it('attaches identities, and refuses those of somebody else', async () => {
    const grace = await kit.accept({
      kind: 'profile',
      contact: { kind: 'externalId', value: 'crm-7' },
      set: {},
      identities: { email: 'grace@example.com' },
      onIdentityConflict: 'REJECT',
    });
    expect((await kit.accept(act('grace@example.com', 'email_opened'))).contactId).toBe(grace.contactId);
    await kit.accept(act('other@example.com', 'email_opened'));
    const [outcome] = await kit.record({
      kind: 'profile',
      contact: { kind: 'externalId', value: 'crm-7' },
      set: {},
      identities: { email: 'other@example.com' },
      onIdentityConflict: 'REJECT',
    });
    expect(outcome).toMatchObject({ status: 'REJECTED', error: { code: 'CONFLICT' } });
  });
});

describe('a list', () => {
  it('is made on first use, counts for rules, and says what really changed', async () => {
    const joined = await kit.accept(listChange('vip@example.com', 'vip', true));
    expect(joined).toMatchObject({ changed: true, scores: [{ total: 10 }] });
    expect(await kit.accept(listChange('vip@example.com', 'vip', true))).toMatchObject({ changed: false });
    const left = await kit.accept(listChange('vip@example.com', 'vip', false));
    expect(left).toMatchObject({ changed: true, scores: [{ total: 0 }] });
  });
});

describe('an adjustment', () => {
  it('adds points with a reason, for a while', async () => {
    const contact = { kind: 'email' as const, value: 'adjusted@example.com' };
    const outcome = await kit.accept({
      kind: 'adjustment',
      contact,
      points: 30,
      reason: 'met at a fair',
      expiresAfterDays: 10,
    });
    expect(outcome.scores[0]).toMatchObject({
      total: 30,
      stage: 'warm',
      dueAtMs: outcome.occurredAtMs + 10 * 86_400_000,
    });
  });
});

describe('a new version of the rules', () => {
  it('is applied to a contact on the spot when it is touched', async () => {
    const { contactId } = await kit.accept(act('rules@example.com', 'email_opened'));
    await kit.publish({
      ...MODEL,
      scoreSets: MODEL.scoreSets.map((set) => ({
        ...set,
        rules: set.rules.map((rule) =>
          rule.key === 'open' ? { key: 'open', action: { actionType: 'email_opened', points: 7 } } : rule,
        ),
      })),
    });
    const outcome = await kit.accept(act('rules@example.com', 'email_opened'));
    expect(outcome.scores[0]).toMatchObject({ version: 2, total: 14 });
    expect((await kit.events(contactId)).map((event) => [event.cause, event.total_after])).toEqual([
      ['ACTION', 5],
      ['RULES', 7],
      ['ACTION', 14],
    ]);
  });
});
