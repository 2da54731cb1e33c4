import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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

const CONTACT = `query Contact($email: String!) {
  contact(key: { email: $email }) {
    email externalId firstName lastName jobTitle company companySize annualRevenue country attributes
  }
}`;

async function contact(email: string) {
  return (await kit.ask(CONTACT, { email })).contact;
}

describe('contacts from CSV', () => {
  test('columns find their places by their names, and the rest become attributes', async () => {
    const answer = await kit.import(
      'contacts',
      [
        'Customer ID,E-Mail Address,First name,Last Name,Title,Company Name,Employees,Annual Revenue,Country,Plan,Visits',
        'c-1,Ann@Example.com,Ann,Lee,CTO,Initech,"1,250",2.5e6,DE,pro,12',
        '',
      ].join('\n'),
    );
    expect(answer).toMatchObject({
      state: 'DONE',
      rows: 1,
      recorded: 1,
      created: 1,
      updated: 0,
      rejected: 0,
    });
    expect(answer.mapping.map(({ target, source }) => `${target} ${source}`)).toEqual([
      'externalId GUESSED',
      'email GUESSED',
      'firstName GUESSED',
      'lastName GUESSED',
      'jobTitle GUESSED',
      'company GUESSED',
      'companySize GUESSED',
      'annualRevenue GUESSED',
      'country GUESSED',
      'attributes.Plan CUSTOM',
      'attributes.Visits CUSTOM',
    ]);
    expect(await contact('ann@example.com')).toMatchObject({
      email: 'ann@example.com',
      externalId: 'c-1',
      firstName: 'Ann',
      lastName: 'Lee',
      jobTitle: 'CTO',
      company: 'Initech',
      companySize: 1_250,
      annualRevenue: 2_500_000,
      country: 'DE',
      attributes: { Plan: 'pro', Visits: 12 },
    });
  });

  test('a mapping says otherwise, case of the column aside', async () => {
    const answer = await kit.import(
      'contacts',
      'Login,Company,Secret\nann@example.com,Initech,x\n',
      'map=login=email&map=Company=attributes.employer&map=Secret=-',
    );
    expect(answer.mapping.map(({ target }) => target)).toEqual(['email', 'attributes.employer', '-']);
    expect(await contact('ann@example.com')).toMatchObject({
      company: null,
      attributes: { employer: 'Initech' },
    });
  });

  test('quotes, line breaks in cells, a byte order mark, semicolons and empty lines are understood', async () => {
    const file =
      '\ufeffemail;company;note\r\n\r\nann@example.com;"A; ""B""";"first\r\nsecond"\r\n\r\n"bob@example.com";5" screen;\r\n';
    const answer = await kit.import('contacts', file);
    expect(answer).toMatchObject({ delimiter: ';', rows: 2, created: 2, rejected: 0 });
    expect(await contact('ann@example.com')).toMatchObject({
      company: 'A; "B"',
      attributes: { note: 'first\r\nsecond' },
    });
    expect(await contact('bob@example.com')).toMatchObject({ company: '5" screen', attributes: {} });
  });

  test.each([
    ['\t', 'email\tcity\na@example.com\tRome, Italy\n'],
    ['|', 'email|city\na@example.com|Rome, Italy\n'],
    [',', 'email,city\na@example.com,"Rome; Italy"\n'],
  ])('the delimiter %j is told from the header', async (delimiter, file) => {
    const answer = await kit.import('contacts', file);
    expect(answer).toMatchObject({ delimiter, created: 1 });
    expect((await contact('a@example.com')).attributes.city).toMatch(/^Rome/);
  });

  test('an empty cell leaves an attribute as it is, unless it is to remove it', async () => {
    await kit.import('contacts', 'email,company,plan\na@example.com,Initech,pro\n');
    const kept = await kit.import('contacts', 'email,company,plan\na@example.com,,free\n');
    expect(kept).toMatchObject({ created: 0, updated: 1 });
    expect(await contact('a@example.com')).toMatchObject({
      company: 'Initech',
      attributes: { plan: 'free' },
    });
    await kit.import('contacts', 'email,company,plan\na@example.com,,\n', 'emptyRemoves=true');
    expect(await contact('a@example.com')).toMatchObject({ company: null, attributes: {} });
  });

  test('a number that would read differently stays a text', async () => {
    await kit.import('contacts', 'email,zip,phone,ratio,code\na@example.com,01234,+49170,0.50,1e5\n');
    expect((await contact('a@example.com')).attributes).toEqual({
      zip: '01234',
      phone: '+49170',
      ratio: '0.50',
      code: '1e5',
    });
  });

  test('a row with a known email and a new external id joins the two', async () => {
    await kit.import('contacts', 'email\na@example.com\n');
    const answer = await kit.import('contacts', 'customer_id,email\nc-9,a@example.com\n');
    expect(answer).toMatchObject({ created: 0, updated: 1 });
    expect(await contact('a@example.com')).toMatchObject({ externalId: 'c-9' });
  });
});

describe('actions', () => {
  const touches = [
    'customer_id,time,interaction,conversion,conversion_value,channel',
    'A1,2018-07-22T20:40:41Z,impression,0,0,Online Display',
    'A1,2018-07-08T21:53:37Z,impression,0,0,Online Video',
    'B2,2018-07-28 08:15:09,conversion,1,6.25,Facebook',
    '',
  ].join('\n');

  test('the header of a file of touches is understood as it is', async () => {
    const answer = await kit.import('actions', touches);
    expect(answer).toMatchObject({
      rows: 3,
      recorded: 3,
      created: 2,
      updated: 0,
      duplicates: 0,
      rejected: 0,
    });
    expect(answer.mapping.map(({ target }) => target)).toEqual([
      'externalId',
      'occurredAt',
      'type',
      'properties.conversion',
      'properties.conversion_value',
      'properties.channel',
    ]);
    const { contact: found } = await kit.ask(
      '{ contact(key: { externalId: "B2" }) { timeline(first: 5) { nodes { kind type occurredAt properties } } } }',
    );
    expect(found.timeline.nodes).toContainEqual({
      kind: 'ACTION',
      type: 'conversion',
      occurredAt: '2018-07-28T08:15:09.000Z',
      properties: { conversion: 1, conversion_value: 6.25, channel: 'Facebook' },
    });
  });

  test('the same file twice adds nothing', async () => {
    await kit.import('actions', touches);
    const entries = await kit.entries();
    const again = await kit.import('actions', touches);
    expect(again).toMatchObject({ rows: 3, recorded: 0, created: 0, duplicates: 3 });
    expect(await kit.entries()).toBe(entries);
  });

  test('rows with an instant are known wherever they come again; others by what is ahead of them', async () => {
    await kit.import('actions', touches);
    const [header, ...rows] = touches.trim().split('\n');
    const mixed = [header, rows[2], 'C3,2018-08-01,impression,0,0,Search', rows[0]].join('\n');
    expect(await kit.import('actions', mixed)).toMatchObject({ recorded: 1, duplicates: 2 });

    const now = 'email,event\na@example.com,login\na@example.com,login\n';
    expect(await kit.import('actions', now)).toMatchObject({ recorded: 2, duplicates: 0 });
    expect(await kit.import('actions', `${now}a@example.com,login\n`)).toMatchObject({
      recorded: 1,
      duplicates: 2,
    });
  });

  test('an id of their own tells equal rows apart, and the same id with other content is refused', async () => {
    const file =
      'email,event,event_id,at\na@x.io,login,1,2024-01-01\na@x.io,login,2,2024-01-01\na@x.io,logout,2,2024-01-02\n';
    const answer = await kit.import('actions', file);
    expect(answer).toMatchObject({ recorded: 2, duplicates: 0, rejected: 1 });
    expect(answer.faults[0]).toMatchObject({ row: 3, code: 'IDEMPOTENCY_MISMATCH' });
  });

  test('one type may be given for all rows', async () => {
    const answer = await kit.import(
      'actions',
      'email,date\na@example.com,2024-05-01\n',
      'actionType=visited_fair',
    );
    expect(answer.recorded).toBe(1);
  });

  test.each([
    ['2024-05-01T10:00:00+02:00', '2024-05-01T08:00:00.000Z'],
    ['2024-05-01 10:00', '2024-05-01T10:00:00.000Z'],
    ['2024-05-01', '2024-05-01T00:00:00.000Z'],
    ['1714557600', '2024-05-01T10:00:00.000Z'],
    ['1714557600123', '2024-05-01T10:00:00.123Z'],
  ])('%s is read as an instant', async (text, instant) => {
    await kit.import('actions', `email,event,time\na@example.com,login,${text}\n`);
    const { contact: found } = await kit.ask(
      '{ contact(key: { email: "a@example.com" }) { timeline(first: 5) { nodes { type occurredAt } } } }',
    );
    expect(found.timeline.nodes).toContainEqual({ type: 'login', occurredAt: instant });
  });
});

describe('JSON Lines', () => {
  test('objects keep their types, and those of the API are understood', async () => {
    const lines = [
      {
        contact: { email: 'a@example.com' },
        type: 'login',
        occurredAt: '2024-01-01T00:00:00Z',
        properties: { n: '1', deep: { a: [1] } },
      },
      { email: 'b@example.com', event: 'login', at: '2024-01-01T00:00:00Z', plan: 'pro', seats: 3 },
    ];
    const answer = await kit.import('actions', lines.map((line) => `${JSON.stringify(line)}\n`).join('\n'));
    expect(answer).toMatchObject({ format: 'JSONL', recorded: 2, created: 2, rejected: 0 });
    const { b } = await kit.ask(
      '{ b: contact(key: { email: "b@example.com" }) { timeline(first: 5) { nodes { properties } } } }',
    );
    expect(b.timeline.nodes).toContainEqual({ properties: { plan: 'pro', seats: 3 } });
  });

  test('null removes an attribute; lines that are no objects are refused alone', async () => {
    await kit.import('contacts', '{"email":"a@example.com","company":"Initech","tier":"gold"}');
    const answer = await kit.import(
      'contacts',
      '{"email":"a@example.com","company":null,"tier":null}\n{oops\n[1]\n',
    );
    expect(answer).toMatchObject({ rows: 3, updated: 1, rejected: 2 });
    expect(answer.faults.map(({ row, message }) => `${row} ${message}`)).toEqual([
      '2 The line is no JSON.',
      '3 The line is no JSON object.',
    ]);
    expect(await contact('a@example.com')).toMatchObject({ company: null, attributes: {} });
    expect(await kit.download(answer.faultsPath)).toBe(
      '{"import_row":2,"import_fault":"The line is no JSON.","line":"{oops"}\n' +
        '{"import_row":3,"import_fault":"The line is no JSON object.","line":"[1]"}\n',
    );
  });
});

describe('faults', () => {
  const faulty = [
    'email,first name,employees,note',
    'a@example.com,Ann,12,fine',
    'not an address,Bob,3,"with ""quotes"", and =1+1"',
    'c@example.com,Cleo,many,x',
    ',Dan,1,x',
    'e@example.com,Eve',
    '',
  ].join('\n');

  test('refused rows come back in a file that can be corrected and imported', async () => {
    const answer = await kit.import('contacts', faulty);
    expect(answer).toMatchObject({ rows: 5, recorded: 1, created: 1, rejected: 4, state: 'DONE' });
    expect(answer.faults.map(({ row, message }) => `${row} ${message}`)).toEqual([
      '2 contact.email: must be an email address',
      "3 employees: must be a number such as 2500, not 'many'",
      '4 The row names no contact: give an email, externalId, anonymousId or id.',
      '5 The row has 2 cells and the header 4.',
    ]);
    const file = await kit.download(answer.faultsPath);
    expect(file.split('\r\n')[0]).toBe('import_row,import_fault,email,first name,employees,note');
    expect(file).toContain(
      '2,contact.email: must be an email address,not an address,Bob,3,"with ""quotes"", and =1+1"',
    );
    const corrected = file
      .replace('not an address', 'b@example.com')
      .replace(',many,', ',40,')
      .replace(',,Dan', ',d@example.com,Dan')
      .replace('e@example.com,Eve', 'e@example.com,Eve,,');
    expect(await kit.import('contacts', corrected)).toMatchObject({ rows: 4, created: 4, rejected: 0 });
    expect(await contact('b@example.com')).toMatchObject({ attributes: { note: 'with "quotes", and =1+1' } });
  });

  test('a dry run checks everything and records nothing', async () => {
    const answer = await kit.import('contacts', faulty, 'dryRun=true');
    expect(answer).toMatchObject({ rows: 5, recorded: 1, created: 0, updated: 0, rejected: 4 });
    expect(answer.mapping).toHaveLength(4);
    expect(await kit.entries()).toBe(0);
    expect(await kit.import('contacts', faulty)).toMatchObject({ recorded: 1, duplicates: 0 });
  });

  test.each([
    ['contacts', '', 'The file is empty'],
    ['contacts', 'name,city\nAnn,Rome\n', 'No column is known to name the contact'],
    ['actions', 'email,city\na@x.io,Rome\n', 'type of the action'],
    ['contacts', 'email,Plan,plan\na@x.io,1,2\n', "the column 'plan' twice"],
    [
      'contacts',
      `email,note\na@x.io,"never closed\n${'b,c\n'.repeat(400_000)}`,
      'a quote (") that is not closed',
    ],
    ['contacts', 'email,note\na@x.io,"never closed\n', 'a quote (") before line'],
  ] as const)('%s: a file that cannot be meant is refused as a whole (%#)', async (kind, file, message) => {
    const fault = await kit.fault('POST', `/import/${kind}`, file);
    expect(fault).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' });
    expect(fault.message).toContain(message);
  });

  test('a file in Latin-1 is told apart, with its line', async () => {
    const latin1 = Buffer.from('email,city\na@x.io,Rome\nb@x.io,Zürich\n', 'latin1');
    const fault = await kit.fault('POST', '/import/contacts', latin1);
    expect(fault.message).toContain('Line 3 is not UTF-8');
    const utf16 = Buffer.from('\ufeffemail\na@x.io\n', 'utf16le');
    expect((await kit.fault('POST', '/import/contacts', utf16)).message).toContain('UTF-16');
  });

  test('what is asked for in vain is said', async () => {
    const file = 'email\na@x.io\n';
    for (const [query, message] of [
      ['map=Nope=email', "no column 'nope'"],
      ['map=email=emial', "'emial' is no target"],
      ['colour=red', 'no such parameter'],
      ['format=xml', 'one of csv, jsonl'],
      ['delimiter=ab', 'one character'],
    ] as const) {
      const fault = await kit.fault('POST', `/import/contacts?${query}`, file);
      expect(fault.status).toBe(400);
      expect(fault.message).toContain(message);
    }
  });
});

describe('who may', () => {
  test('INGEST imports, SALES and strangers do not', async () => {
    const file = 'email\na@x.io\n';
    const ingest = await kit.api.key(kit.tenant, 'INGEST');
    expect((await kit.request('POST', '/import/contacts', file, ingest)).status).toBe(200);
    const sales = await kit.api.key(kit.tenant, 'SALES');
    expect(await kit.fault('POST', '/import/contacts', file, sales)).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    });
    expect(await kit.fault('POST', '/import/contacts', file, 'nonsense')).toMatchObject({ status: 401 });
  });

  test('another tenant does not find the import', async () => {
    const { id } = await kit.import('contacts', 'email\na@x.io\n');
    const other = await server.another();
    expect(await other.fault('GET', `/import/${id}`)).toMatchObject({ status: 404 });
    expect(await other.fault('GET', `/import/${id}/faults`)).toMatchObject({ status: 404 });
    expect(await other.fault('PUT', `/import/${id}`, 'email\nb@x.io\n')).toMatchObject({ status: 404 });
  });
});

const TOUCHES = path.resolve(import.meta.dirname, '../../../shared/data/marketing_touches.csv');

test.skipIf(!existsSync(TOUCHES))(
  'marketing_touches.csv imports as actions as it is (skipped when ../shared/data is missing)',
  async () => {
    const file = readFileSync(TOUCHES);
    const answer = await kit.import('actions', file);
    expect(answer).toMatchObject({
      rows: 62_483,
      recorded: 62_483,
      created: 7_896,
      duplicates: 0,
      rejected: 0,
    });
    expect(await kit.count(`SELECT count(*) FROM timeline WHERE tenant_id = $1 AND kind = 1`)).toBe(62_483);
  },
  600_000,
);
