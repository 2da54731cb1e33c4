import { request } from 'node:http';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { TransferKit } from './transfer-kit.js';

let server: TransferKit;
let kit: TransferKit;

beforeAll(async () => {
  server = await TransferKit.start();
});

beforeEach(async () => {
  kit = await server.another();
});

afterAll(async () => {
  await server.api.stop();
});

type Row = Record<string, string>;

async function exportCsv(query = ''): Promise<Row[]> {
  return parse(await kit.download(`/export/contacts?${query}`), { columns: true });
}

function filterQuery(filter: object): string {
  return `filter=${encodeURIComponent(JSON.stringify(filter))}`;
}

const MODEL = {
  key: 'm',
  name: 'M',
  maxScore: 100,
  dimensions: [
    {
      key: 'fit',
      maxPoints: 40,
      labels: [
        { label: 'B', minPoints: 0 },
        { label: 'A', minPoints: 10 },
      ],
    },
    { key: 'engagement', maxPoints: 60 },
  ],
  stages: [
    { key: 'cold', name: 'Cold', minScore: 0 },
    { key: 'hot', name: 'Hot', minScore: 30, hot: true },
  ],
  scoreSets: [
    {
      key: 'fit',
      dimension: 'fit',
      rules: [
        {
          key: 'cto',
          criteria: {
            when: { attribute: { attribute: 'jobTitle', operator: 'EQUALS', value: 'CTO' } },
            points: 12,
          },
        },
      ],
    },
    {
      key: 'eng',
      dimension: 'engagement',
      rules: [{ key: 'login', action: { actionType: 'login', points: 20 } }],
    },
  ],
};

async function makeModel(): Promise<void> {
  await kit.ask(
    'mutation M($input: ScoringModelInput!) { createScoringModel(input: $input) { model { id } } }',
    {
      input: MODEL,
    },
  );
}

describe('what a file shows', () => {
  test('profile, owner, score, stage, label, dimensions and attributes', async () => {
    await makeModel();
    await kit.import(
      'contacts',
      'email,first name,title,plan,seats\nann@x.io,Ann,CTO,pro,5\nbob@x.io,Bob,,,\n',
    );
    await kit.import('actions', 'email,event\nann@x.io,login\n');
    const rows = await exportCsv();
    expect(rows).toHaveLength(2);
    const ann = rows.find((row) => row.email === 'ann@x.io');
    expect(ann).toMatchObject({
      firstName: 'Ann',
      jobTitle: 'CTO',
      score: '32',
      stage: 'hot',
      label: 'A',
      'dimension.fit': '12',
      'dimension.engagement': '20',
    });
    expect(JSON.parse(ann?.attributes ?? '')).toEqual({ plan: 'pro', seats: 5 });
    expect(ann?.leadpulseId).toMatch(/^[0-9a-f-]{36}$/);
    expect(ann?.lastActivityAt).toMatch(/^\d{4}-.*Z$/);
    expect(rows.find((row) => row.email === 'bob@x.io')).toMatchObject({
      score: '0',
      stage: 'cold',
      attributes: '',
    });
  });

  test('attributes that are named become columns', async () => {
    await kit.import('contacts', 'email,plan,seats\nann@x.io,pro,5\n');
    const [row] = await exportCsv('attribute=plan&attribute=seats&attribute=none');
    expect(row).toMatchObject({ 'attributes.plan': 'pro', 'attributes.seats': '5', 'attributes.none': '' });
    expect(row).not.toHaveProperty('attributes');
  });

  test('JSON Lines keep the types', async () => {
    await makeModel();
    await kit.import('contacts', 'email,employees,plan\nann@x.io,12,=1+1\n');
    const text = await kit.download('/export/contacts?format=jsonl');
    expect(JSON.parse(text)).toMatchObject({
      email: 'ann@x.io',
      companySize: 12,
      lastName: null,
      attributes: { plan: '=1+1' },
      score: 0,
      stage: 'cold',
      'dimension.fit': 0,
    });
  });

  test.each(['=1+1', '+1', '-1+2', '@SUM(A1)', '\t=1', '\r=1'])(
    'no spreadsheet takes %j for a formula, and it comes back as it was',
    async (text) => {
      await kit.import('contacts', `${JSON.stringify({ email: 'a@x.io', company: text, note: text })}\n`);
      const [row] = await exportCsv('attribute=note');
      expect(row).toMatchObject({ company: `'${text}`, 'attributes.note': `'${text}` });
      const file = await kit.download('/export/contacts?attribute=note');
      const other = await server.another();
      const answer = await other.import('contacts', file, 'map=leadpulseId=-');
      expect(answer).toMatchObject({ created: 1, rejected: 0 });
      const { contact } = await other.ask('{ contact(key: { email: "a@x.io" }) { company attributes } }');
      expect(contact).toEqual({ company: text, attributes: { note: text } });
    },
  );

  test('negative numbers stay numbers', async () => {
    await kit.import('contacts', '{"email":"a@x.io","balance":-5,"annualRevenue":-1.5}\n');
    expect(await kit.download('/export/contacts?attribute=balance')).toMatch(/,-1\.5,.*,-5\r\n$/);
  });

  test('an export that is imported again changes attributes, and no score becomes one', async () => {
    await makeModel();
    await kit.import('contacts', 'email,first name,plan\nann@x.io,Ann,pro\n');
    for (const format of ['csv', 'jsonl']) {
      const file = (await kit.download(`/export/contacts?format=${format}`)).replace(
        /Ann(?:a csv)?/,
        `Anna ${format}`,
      );
      const answer = await kit.import('contacts', file);
      expect(answer).toMatchObject({ created: 0, updated: 1, rejected: 0 });
      const { contact } = await kit.ask('{ contact(key: { email: "ann@x.io" }) { firstName attributes } }');
      expect(contact).toEqual({ firstName: `Anna ${format}`, attributes: { plan: 'pro' } });
    }
  });
});

describe('which contacts', () => {
  test('those that the filter holds for, by GET and by POST', async () => {
    await makeModel();
    await kit.import('contacts', 'email,title\nann@x.io,CTO\nbob@x.io,Clerk\ncleo@x.io,CTO\n');
    const filter = { any: [{ minTotal: 12 }], not: { text: 'cleo' } };
    expect((await exportCsv(filterQuery(filter))).map((row) => row.email)).toEqual(['ann@x.io']);
    const answer = await kit.request(
      'POST',
      '/export/contacts',
      JSON.stringify({ filter, format: 'jsonl' }),
      undefined,
      {
        'content-type': 'application/json',
      },
    );
    expect(JSON.parse(await answer.text())).toMatchObject({ email: 'ann@x.io' });
  });

  test('each once, none missing, while scores and other contacts move', async () => {
    await makeModel();
    const emails = Array.from({ length: 2_500 }, (_, n) => `p${n}@x.io`);
    await kit.import('contacts', `email\n${emails.join('\n')}\n`);
    let done = false;
    const moving = (async () => {
      for (let round = 0; !done; round++) {
        const rows = emails.filter((_, n) => n % 50 === round % 50).map((email) => `${email},login`);
        await kit.import('actions', `email,event\n${rows.join('\n')}\nnew-${round}@x.io,login\n`);
      }
    })();
    for (let round = 0; round < 5; round++) {
      const found = (await exportCsv()).map((row) => row.email ?? '');
      expect(new Set(found).size).toBe(found.length);
      const set = new Set(found);
      expect(emails.filter((email) => !set.has(email))).toEqual([]);
    }
    done = true;
    await moving;
  });

  test('what is wrong is said before anything is sent', async () => {
    for (const [query, message] of [
      ['filter={', 'no JSON'],
      [filterQuery({ minScore: 1 }), '"minScore" is not defined'],
      [filterQuery({ activeSince: 'yesterday' }), 'RFC 3339'],
      [filterQuery({ minTotal: 5, maxTotal: 1 }), 'minTotal is above maxTotal'],
      ['format=xls', 'csv or jsonl'],
      ['modelid=1', 'no such parameter'],
    ] as const) {
      const fault = await kit.fault('GET', `/export/contacts?${query}`);
      expect(fault).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
      expect(fault.message).toContain(message);
    }
  });
});

describe('who may, and how many', () => {
  test('ADMIN and MARKETER only', async () => {
    for (const role of ['SALES', 'INGEST', 'VIEWER'] as const) {
      const key = await kit.api.key(kit.tenant, role);
      expect(await kit.fault('GET', '/export/contacts', undefined, key)).toMatchObject({ status: 403 });
    }
    const marketer = await kit.api.key(kit.tenant, 'MARKETER');
    expect((await kit.request('GET', '/export/contacts', undefined, marketer)).status).toBe(200);
  });

  test('a client that does not read holds back the export, a fifth one is refused, and one that leaves makes room', async () => {
    const note = 'x'.repeat(2_000);
    const rows = Array.from({ length: 6_000 }, (_, n) => `p${n}@x.io,${note}`);
    await kit.import('contacts', `email,note\n${rows.join('\n')}\n`);
    const clients = await Promise.all(Array.from({ length: 4 }, openExport));
    expect(await kit.fault('GET', '/export/contacts')).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
    for (const client of clients) client.leave();
    await eventually(async () => {
      expect((await kit.request('GET', `/export/contacts?${filterQuery({ text: 'p17@' })}`)).status).toBe(
        200,
      );
    });
  });
});

/** An export whose answer is not read. */
function openExport(): Promise<{ leave(): void }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${kit.api.url}/export/contacts`, {
      headers: { authorization: `Bearer ${kit.tenant.key}` },
    });
    asked.on('error', reject);
    asked.on('response', (answer) => {
      asked.off('error', reject).on('error', () => undefined);
      answer.pause().on('error', () => undefined);
      resolve({ leave: () => asked.destroy() });
    });
    asked.end();
  });
}
