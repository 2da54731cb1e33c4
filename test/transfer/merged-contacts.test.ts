import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TransferKit } from './transfer-kit.js';

let server: TransferKit;
let kit: TransferKit;

beforeAll(async () => {
  server = await TransferKit.start();
});

beforeEach(async () => {
  kit = await server.another();
  await kit.ask(
    'mutation { createScoringModelFromPreset(input: { preset: STARTER, key: "starter" }) { model { id } } }',
  );
});

afterAll(async () => {
  await server.api.stop();
});

const CONTACT = `query ($key: ContactKey!) { contact(key: $key) {
  id email externalId jobTitle identities { kind value } score { total } } }`;

interface Contact {
  id: string;
  email: string | null;
  externalId: string | null;
  jobTitle: string | null;
  score: { total: number };
}

async function contact(key: object): Promise<Contact> {
  return (await kit.ask(CONTACT, { key })).contact;
}

async function merge(into: object, from: object): Promise<string> {
  const { mergeContacts } = await kit.ask(
    'mutation ($input: MergeContactsInput!) { mergeContacts(input: $input) { merge { id } } }',
    { input: { into, from } },
  );
  return mergeContacts.merge.id;
}

function unmerge(mergeId: string): Promise<unknown> {
  return kit.ask(
    'mutation ($mergeId: ID!) { unmergeContact(input: { mergeId: $mergeId }) { contact { id } } }',
    { mergeId },
  );
}

const standing = () =>
  kit.count('SELECT count(*) FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL');

/** A contact known by its email, another by its externalId. */
async function two(): Promise<{ byEmail: Contact; byId: Contact }> {
  await kit.import('contacts', 'email,title\na@example.com,Buyer\n');
  await kit.import('contacts', 'customer_id,title\nc-1,Engineer\n');
  return { byEmail: await contact({ email: 'a@example.com' }), byId: await contact({ externalId: 'c-1' }) };
}

describe('rows of contacts that were merged', () => {
  test('by any key, the former id too, go to the one that stays', async () => {
    const { byEmail, byId } = await two();
    const mergeId = await merge({ id: byEmail.id }, { id: byId.id });
    const actions = [
      'leadpulseId,customer_id,email,event',
      `${byId.id},,,clicked_link`,
      ',c-1,,email_opened',
      '',
    ];
    expect(await kit.import('actions', actions.join('\n'))).toMatchObject({ recorded: 2, created: 0 });
    const profiles = ['leadpulseId,customer_id,email,title', `${byId.id},c-1,a@example.com,CTO`, ''];
    expect(await kit.import('contacts', profiles.join('\n'))).toMatchObject({ updated: 1, created: 0 });
    expect(await contact({ email: 'a@example.com' })).toMatchObject({
      id: byEmail.id,
      jobTitle: 'CTO',
      externalId: 'c-1',
      score: { total: 35 },
    });
    await unmerge(mergeId);
    // What came after the merge stays; the key is that of the other one again.
    const after = await kit.import('actions', 'customer_id,event\nc-1,clicked_link\n');
    expect(after).toMatchObject({ recorded: 1, created: 0 });
    expect(await contact({ externalId: 'c-1' })).toMatchObject({ id: byId.id, score: { total: 10 } });
    expect(await contact({ email: 'a@example.com' })).toMatchObject({ score: { total: 35 } });
  });

  test('are known when the same file comes again after the merge, and after it was undone', async () => {
    const file = 'customer_id,event,time\nc-1,clicked_link,2026-01-05T10:00:00Z\n';
    const { byEmail, byId } = await two();
    expect(await kit.import('actions', file)).toMatchObject({ recorded: 1 });
    const { total } = (await contact({ id: byId.id })).score;
    expect(total).toBeGreaterThan(0);
    const mergeId = await merge({ id: byEmail.id }, { id: byId.id });
    expect(await kit.import('actions', file)).toMatchObject({ recorded: 0, duplicates: 1 });
    expect((await contact({ id: byEmail.id })).score.total).toBe(total);
    await unmerge(mergeId);
    expect(await kit.import('actions', file)).toMatchObject({ recorded: 0, duplicates: 1 });
    expect((await contact({ id: byId.id })).score.total).toBe(total);
    expect((await contact({ id: byEmail.id })).score.total).toBe(0);
  });
});

test('the last row of a person has the last word, also behind one that makes two contacts one', async () => {
  await two();
  const file = [
    'customer_id,email,anonymous_id,title',
    'c-1,a@example.com,browser-1,CTO',
    ',a@example.com,browser-2,Clerk',
    ',,browser-2,Founder',
    'c-1,,,Owner',
    '',
  ].join('\n');
  const answer = await kit.import('contacts', file, 'onIdentityConflict=MERGE');
  expect(answer).toMatchObject({ updated: 4, created: 0, rejected: 0 });
  for (const key of [{ externalId: 'c-1' }, { anonymousId: 'browser-1' }, { anonymousId: 'browser-2' }]) {
    expect(await contact(key)).toMatchObject({ jobTitle: 'Owner', email: 'a@example.com' });
  }
  expect(await standing()).toBe(1);
  expect(await kit.count('SELECT count(*) FROM contact_merges WHERE tenant_id = $1')).toBe(1);
});

test('a chain of rows, each with keys of two contacts, makes one of all, in the order of the file', async () => {
  const people = Array.from({ length: 8 }, (_, nth) => nth);
  await kit.import('contacts', `email\n${people.map((nth) => `p${nth}@example.com`).join('\n')}\n`);
  await kit.import('contacts', `customer_id\n${people.map((nth) => `c-${nth}`).join('\n')}\n`);
  const links = people.flatMap((nth) => [
    `c-${nth},p${nth}@example.com,Link ${nth}`,
    `c-${nth + 1},p${nth}@example.com,Between ${nth}`,
  ]);
  const file = `customer_id,email,title\n${links.join('\n')}\n,p0@example.com,Last\n`;
  const answer = await kit.import('contacts', file, 'onIdentityConflict=MERGE');
  expect(answer).toMatchObject({ updated: links.length + 1, created: 0, rejected: 0 });
  expect(await standing()).toBe(1);
  for (const nth of people) expect((await contact({ externalId: `c-${nth}` })).jobTitle).toBe('Last');
});

describe.each(['contacts', 'actions'] as const)('a row of %s with keys of two contacts', (kind) => {
  const rows = ['customer_id,email,event,title', 'c-1,a@example.com,clicked_link,CTO', ''].join('\n');
  /** Contacts have no event, actions no title: elsewhere these are attributes and properties. */
  const points = kind === 'contacts' ? 20 : 10;

  test('is refused, and the rows around it are not', async () => {
    const { byEmail, byId } = await two();
    const around = `${rows}c-2,b@example.com,clicked_link,CTO\n`;
    const answer = await kit.import(kind, around);
    expect(answer).toMatchObject({
      rows: 2,
      recorded: 1,
      rejected: 1,
      faults: [{ row: 1, code: 'CONFLICT' }],
    });
    expect(await contact({ id: byEmail.id })).toEqual(byEmail);
    expect(await contact({ id: byId.id })).toEqual(byId);
    expect(await contact({ email: 'b@example.com' })).toMatchObject({ externalId: 'c-2' });
  });

  test('makes them one with MERGE, once', async () => {
    const { byEmail, byId } = await two();
    const query = 'onIdentityConflict=MERGE';
    // The second row meets what the first one has led to.
    const twice = `${rows}c-1,a@example.com,email_opened,CTO\n`;
    const answer = await kit.import(kind, twice, query);
    expect(answer).toMatchObject({ recorded: 2, created: 0, rejected: 0 });
    const one = await contact({ email: 'a@example.com' });
    expect(one).toMatchObject({ id: byId.id, externalId: 'c-1' });
    expect((await contact({ id: byEmail.id })).id).toBe(byId.id);
    expect(one.score.total).toBe(kind === 'contacts' ? 20 : 15);
    expect(await kit.import(kind, twice, query)).toMatchObject({ recorded: 0, duplicates: 2 });
    expect(await contact({ email: 'a@example.com' })).toEqual(one);
    expect(await standing()).toBe(1);
  });

  test('joins keys that lead to one contact and to nobody', async () => {
    await kit.import('contacts', 'email\na@example.com\n');
    const known = await contact({ email: 'a@example.com' });
    expect(await kit.import(kind, rows)).toMatchObject({ recorded: 1, created: 0 });
    const joined = await contact({ externalId: 'c-1' });
    expect(joined).toMatchObject({ id: known.id, email: 'a@example.com', score: { total: points } });
    expect(joined.externalId).toBe('c-1');
    expect(await standing()).toBe(1);
  });

  test('of a chain of three, each row of the file with two of them, makes one of all', async () => {
    await two();
    await kit.import('actions', 'anonymous_id,event\nbrowser-1,email_opened\n');
    const chain = [
      'customer_id,email,anonymous_id,event,title',
      ',a@example.com,browser-1,clicked_link,CTO',
      'c-1,,browser-1,clicked_link,CTO',
      '',
    ].join('\n');
    const answer = await kit.import(kind, chain, 'onIdentityConflict=MERGE');
    expect(answer).toMatchObject({ recorded: 2, rejected: 0 });
    expect(await standing()).toBe(1);
    for (const key of [{ email: 'a@example.com' }, { externalId: 'c-1' }, { anonymousId: 'browser-1' }]) {
      expect((await contact(key)).score.total).toBe(25);
    }
  });
});
