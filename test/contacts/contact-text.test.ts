import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContactPage } from '../../src/contacts/contact-pages.js';
import { TEXT_CANDIDATES_MAX } from '../../src/contacts/text-candidates.js';
import type { ContactFilter } from '../../src/store/contact-filter.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ContactsKit } from './contacts-kit.js';
import { testModel } from './test-model.js';

let server: TestDatabase;
let kit: ContactsKit;

beforeAll(async () => {
  server = await createTestDatabase();
  kit = await ContactsKit.open(server.url);
  const main = await kit.ingest.publish(testModel('main'));
  await kit.makePrimary('main');
  await kit.insert([
    { firstName: 'john smith', email: 'john@acme.io', company: 'Acme', scores: { [main]: { total: 10 } } },
    {
      firstName: 'joan smithers',
      email: 'joan@other.io',
      company: 'Other',
      scores: { [main]: { total: 90 } },
    },
    { firstName: 'jenny müller', email: 'jm@hof.de', company: 'Hofmeister GmbH' },
    { firstName: 'maria', email: 'maria@marcus.org', company: 'Marcus & Sons' },
  ]);
});

afterAll(async () => {
  await kit.close();
  await server.drop();
});

const page = (filter: ContactFilter, after: string | null = null, count = 10) =>
  kit.contacts.page(kit.tenantId, {
    filter,
    order: { field: 'RELEVANCE', direction: 'DESC' },
    from: 'START',
    count,
    after,
    before: null,
  });

async function found(filter: ContactFilter): Promise<(string | null)[]> {
  return (await page(filter)).entries.map((entry) => entry.row.firstName);
}

describe('a text', () => {
  it.each([
    ['smiht', ['john smith']],
    ['smyth', ['john smith']],
    ['smthers', ['joan smithers']],
    ['muller', ['jenny müller']],
    ['hoffmaister', ['jenny müller']],
    ['jenni hofmeister', ['jenny müller']],
    ['mario', ['maria']],
    ['marcos', ['maria']],
    ['markos', []],
    ['jo', ['joan smithers', 'john smith']],
    ['jox', []],
    ['acme%', []],
  ])('that is misspelt finds who was meant: %s', async (text, names) => {
    expect((await found({ text })).sort()).toEqual(names);
  });

  it('orders by closeness: whole words, beginnings, misspellings', async () => {
    expect(await found({ text: 'smith' })).toEqual(['john smith', 'joan smithers']);
    expect(await found({ text: 'smithe' })).toEqual(['joan smithers', 'john smith']);
  });

  it('is paged by closeness', async () => {
    const first = await page({ text: 'smith' }, null, 1);
    expect(first.hasMore).toBe(true);
    const rest = await page({ text: 'smith' }, first.entries[0]!.cursor);
    expect(rest.entries.map((entry) => entry.row.firstName)).toEqual(['joan smithers']);
    await expect(page({ text: 'smithers' }, first.entries[0]!.cursor)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  it('has to be given to order by closeness', async () => {
    await expect(page({ minTotal: 3 })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('combines with and, or and not', async () => {
    expect(await found({ text: 'smith', not: { text: 'acme' } })).toEqual(['joan smithers']);
    expect(await found({ text: 'smith', any: [{ text: 'acne' }, { minTotal: 80 }] })).toHaveLength(2);
  });

  it('follows what changes', async () => {
    const [id] = await kit.insert([{ firstName: 'brunhilde' }]);
    expect(await found({ text: 'brunhild' })).toEqual(['brunhilde']);
    await kit.ingest.query(
      `UPDATE contacts SET search_text = 'kriemhild' WHERE tenant_id = $1 AND id = $2`,
      id,
    );
    expect(await found({ text: 'brunhild' })).toEqual([]);
    expect(await found({ text: 'kriemhilt' })).toEqual(['brunhilde']);
    await kit.ingest.query('DELETE FROM contacts WHERE tenant_id = $1 AND id = $2', id);
    const [left] = await kit.ingest.query<{ rows: string }>(
      'SELECT count(*) AS rows FROM contact_search WHERE tenant_id = $1 AND contact_id = $2',
      id,
    );
    expect(left?.rows).toBe('0');
  });

  it('finds the same in everybody as among the few that the index leads to', async () => {
    const other = await ContactsKit.open(server.url);
    const crowd = Array.from({ length: TEXT_CANDIDATES_MAX + 10 }, (_, nth) => ({
      firstName: `crowd ${nth}x`,
    }));
    await other.insert([...crowd, { firstName: 'crowt' }]);
    expect(await other.contacts.count(other.tenantId, { text: 'crowd' })).toEqual({
      count: crowd.length + 1,
      exact: true,
    });
    expect((await other.contacts.count(other.tenantId, { text: 'crowd 4077x' })).count).toBe(1);
    expect((await kit.contacts.count(kit.tenantId, { text: 'crowd' })).count).toBe(0);
    await other.close();
  });

  it.each(['SCORE', 'NAME', 'CREATED', 'RELEVANCE'] as const)(
    'that many have is paged like any other, from either end, and misspelt too: %s',
    async (field) => {
      const other = await ContactsKit.open(server.url);
      try {
        const model = await other.ingest.publish(testModel('main'));
        await other.makePrimary('main');
        // Two of three have it; some only as a part of a word, so that they are less close.
        const names = ['common 0', 'uncommonly 0', 'other 0'];
        const crowd = Array.from({ length: 900 }, (_, nth) => ({
          firstName: `${names[nth % 3]}${nth}`,
          scores: nth % 10 === 0 ? {} : { [model]: { total: nth % 7 } },
        }));
        const ids = await other.insert(crowd);
        const withText = (text: string) =>
          ids.filter((_, nth) => (text === 'common' ? nth % 3 < 2 : nth % 3 === 0)).sort();
        for (const [text, from] of [
          ['common', 'START'],
          ['common', 'END'],
          ['comon', 'START'],
        ] as const) {
          const seen: string[] = [];
          let cursor: string | null = null;
          for (let more = true; more; ) {
            const page: ContactPage = await other.contacts.page(other.tenantId, {
              filter: { text },
              order: { field, direction: 'DESC' },
              from,
              count: 60,
              after: from === 'START' ? cursor : null,
              before: from === 'END' ? cursor : null,
            });
            seen.push(...page.entries.map(({ row }) => row.id));
            cursor = (from === 'START' ? page.entries.at(-1) : page.entries[0])?.cursor ?? null;
            more = page.hasMore;
          }
          expect([...seen].sort(), `${text} from ${from}`).toEqual(withText(text));
        }
        const [closest] = (
          await other.contacts.page(other.tenantId, {
            filter: { text: 'common' },
            order: { field: 'RELEVANCE', direction: 'DESC' },
            from: 'START',
            count: 1,
            after: null,
            before: null,
          })
        ).entries;
        expect(closest?.row.firstName).toMatch(/^common/);
      } finally {
        await other.close();
      }
    },
  );

  it('is looked up for the tenant of the connection alone', async () => {
    const call = `SELECT find_contacts_by_text('{smith}', 10)`;
    expect(await kit.ingest.query(`${call} WHERE $1::uuid IS NOT NULL`)).toHaveLength(2);
    const { rows } = await kit.ingest.db.dataSource.transaction(async (manager) => ({
      rows: (await manager.query(call)) as unknown[],
    }));
    expect(rows).toEqual([]);
  });
});
