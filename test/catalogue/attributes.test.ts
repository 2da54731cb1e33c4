import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AttributeCatalogue } from '../../src/catalogue/attribute-catalogue.js';
import type { AttributeCount } from '../../src/catalogue/attribute-count.js';
import { claimCounting } from '../../src/catalogue/attribute-count-store.js';
import { CONTACTS_READ_MAX } from '../../src/catalogue/count-attributes.js';
import { LeadpulseError } from '../../src/errors.js';
import { createLog } from '../../src/log.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { IngestKit, profile } from '../support/ingest-kit.js';

const LARGE = CONTACTS_READ_MAX + 5_000;

let database: TestDatabase;
let kit: IngestKit;
let catalogue: AttributeCatalogue;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  kit = await IngestKit.open(database.url);
  catalogue = new AttributeCatalogue({ db: kit.db, log: createLog('silent') });
});

afterEach(async () => {
  await catalogue.close();
  await kit.close();
});

afterAll(() => database.drop());

async function counted(name: string, by = catalogue): Promise<AttributeCount | undefined> {
  const { attributes } = await by.counts(kit.tenantId);
  return attributes.find((count) => count.attribute === name);
}

/** Contacts made at once: a third has a plan, the last one alone has `rare`. */
async function insertContacts(contacts: number): Promise<void> {
  await kit.query(
    `INSERT INTO contacts (tenant_id, id, email, country, attributes)
     SELECT $1, gen_random_uuid(), i || '@example.com', CASE WHEN i % 2 = 0 THEN 'DE' END,
       CASE WHEN i % 3 = 0 THEN '{"plan": "pro"}' ELSE '{}' END::jsonb
         || CASE WHEN i = $2 THEN '{"rare": 1}' ELSE '{}' END::jsonb
     FROM generate_series(1, $2::int) AS i`,
    contacts,
  );
}

/** Makes what is stored older than it is. */
async function age(minutes: number): Promise<void> {
  await kit.query(
    `UPDATE contact_attribute_counts SET counted_at = counted_at - make_interval(mins => $2::int) WHERE tenant_id = $1`,
    minutes,
  );
}

describe('of a tenant whose contacts are all read', () => {
  it('every attribute is counted, standard and custom, with parts and frequent values', async () => {
    await kit.record(
      profile('a@example.com', { industry: 'saas', companySize: 20, plan: 'pro', answers: { budget: 5 } }),
      profile('b@example.com', { industry: 'saas', companySize: 'many', plan: 'pro' }),
      profile('c@example.com', { industry: 'retail', topics: ['seo', 'crm'] }),
      profile('d@example.com', { plan: 'free', topics: ['seo'], jobTitle: null }),
    );
    const { contacts, complete, attributes } = await catalogue.counts(kit.tenantId);
    expect([contacts, complete]).toEqual([4, true]);
    const shown = attributes.filter(({ filled }) => filled > 0);
    expect(shown.map(({ attribute, kind, filled, samples }) => [attribute, kind, filled, samples])).toEqual([
      ['email', 'TEXT', 4, []],
      ['companySize', 'NUMBER', 2, []],
      ['industry', 'TEXT', 3, ['saas']],
      ['plan', 'TEXT', 3, ['pro']],
      ['topics', 'LIST', 2, ['seo']],
      ['answers', 'OTHER', 1, []],
      ['answers.budget', 'NUMBER', 1, []],
    ]);
    expect(attributes.every((count) => !count.sampled)).toBe(true);
  });

  it('no contacts: the standard attributes, held by nobody', async () => {
    const { contacts, attributes } = await catalogue.counts(kit.tenantId);
    expect(contacts).toBe(0);
    expect(attributes).toHaveLength(10);
    expect(attributes.every(({ filled }) => filled === 0)).toBe(true);
  });

  it('what is seconds old is counted anew, what was counted just now is given again', async () => {
    await kit.record(profile('a@example.com', { plan: 'pro' }));
    expect((await counted('plan'))?.filled).toBe(1);
    await kit.record(profile('b@example.com', { plan: 'pro' }));
    await age(-60);
    expect((await counted('plan'))?.filled).toBe(1);
    await age(61);
    expect((await counted('plan'))?.filled).toBe(2);
  });

  it('contacts of another tenant, and those merged into others, are not counted', async () => {
    const other = await IngestKit.open(database.url);
    await other.record(profile('x@example.com', { plan: 'pro', theirs: 1 }));
    await other.close();
    await kit.record(profile('a@example.com', { plan: 'pro' }), profile('b@example.com', { plan: 'pro' }));
    await kit.query(
      `UPDATE contacts SET merged_into = gen_random_uuid() WHERE tenant_id = $1 AND email = 'b@example.com'`,
    );
    expect((await counted('plan'))?.filled).toBe(1);
    expect(await counted('theirs')).toBeUndefined();
  });

  it('callers at once share one count', async () => {
    await kit.record(profile('a@example.com', { plan: 'pro' }));
    const all = await Promise.all(Array.from({ length: 20 }, () => catalogue.counts(kit.tenantId)));
    expect(new Set(all.map((counts) => counts.countedAtMs)).size).toBe(1);
  });
});

describe('of a tenant with more contacts', () => {
  it('shares are estimated within two percent from a sample that misses no attribute', async () => {
    await insertContacts(LARGE);
    const { contacts, complete, attributes } = await catalogue.counts(kit.tenantId);
    expect([contacts, complete]).toEqual([LARGE, true]);
    const of = (name: string) => attributes.find((count) => count.attribute === name);
    expect(of('plan')).toMatchObject({ sampled: true, samples: ['pro'], kind: 'TEXT' });
    expect(Math.abs((of('plan')?.filled ?? 0) / LARGE - 1 / 3)).toBeLessThan(0.02);
    expect(Math.abs((of('country')?.filled ?? 0) / LARGE - 1 / 2)).toBeLessThan(0.02);
    expect(of('email')?.filled).toBe(LARGE);
    expect(of('rare')?.filled).toBeGreaterThan(0);
  });

  it('an attribute that the sample does not have is found and counted exactly', async () => {
    await insertContacts(LARGE);
    await kit.query(
      `UPDATE contacts SET attributes = '{"outside": [1]}' WHERE tenant_id = $1 AND mod(uuid_hash(id), 2) <> 0
         AND email LIKE '77%'`,
    );
    const [row] = await kit.query<{ held: number }>(
      `SELECT count(*)::int AS held FROM contacts WHERE tenant_id = $1 AND attributes ? 'outside'`,
    );
    expect(row?.held).toBeGreaterThan(0);
    expect(await counted('outside')).toEqual({
      attribute: 'outside',
      kind: 'LIST',
      filled: row?.held,
      sampled: false,
      samples: [],
    });
  });

  it('old counts are given at once, and counted anew in the background', async () => {
    await insertContacts(LARGE);
    const first = await catalogue.counts(kit.tenantId);
    await age(9);
    expect((await catalogue.counts(kit.tenantId)).countedAtMs).toBe(first.countedAtMs - 9 * 60_000);
    await age(2);
    const old = await catalogue.counts(kit.tenantId);
    expect(old.countedAtMs).toBe(first.countedAtMs - 11 * 60_000);
    await eventually(async () => {
      expect((await catalogue.counts(kit.tenantId)).countedAtMs).toBeGreaterThan(first.countedAtMs);
    });
  });

  it('while another process counts them they are not counted twice; what it stores is waited for', async () => {
    await insertContacts(LARGE);
    expect(await claimCounting(kit.db, kit.tenantId)).toBe(true);
    expect(await claimCounting(kit.db, kit.tenantId)).toBe(false);
    const asked = catalogue.counts(kit.tenantId);
    const refusal: unknown = await asked.catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LeadpulseError);
    expect((refusal as LeadpulseError).code).toBe('UNAVAILABLE');
    // The other process has died: its claim ends by itself.
    await kit.query(
      `UPDATE contact_attribute_counts SET leased_until = now() - interval '1 s' WHERE tenant_id = $1`,
    );
    expect((await counted('plan'))?.sampled).toBe(true);
  });

  it('closing ends a count and gives it back', async () => {
    await insertContacts(LARGE);
    const asked = catalogue.counts(kit.tenantId).catch((error: unknown) => error);
    await eventually(async () => {
      const rows = await kit.query('SELECT 1 FROM contact_attribute_counts WHERE tenant_id = $1');
      expect(rows).toHaveLength(1);
    });
    await catalogue.close();
    await asked;
    const [row] = await kit.query<{ counted_at: number | null; leased_until: number | null }>(
      'SELECT counted_at, leased_until FROM contact_attribute_counts WHERE tenant_id = $1',
    );
    expect(row?.leased_until).toBeNull();
  });
});
