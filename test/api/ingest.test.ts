import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const RECORD = `mutation ($input: RecordActionInput!) { recordAction(input: $input) {
  action { id type occurredAt recordedAt properties } duplicate contact { id email } cursor scores { total model { key } }
} }`;
const RECORD_ALL = `mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) {
  recorded duplicates rejected { index code message } results { index status actionId contactId } cursor
} }`;
const UPSERT = `mutation ($input: UpsertContactInput!) { upsertContact(input: $input) {
  created cursor contact { id email externalId jobTitle companySize attributes } scores { total }
} }`;
const UPSERT_ALL = `mutation ($input: [UpsertContactInput!]!) { upsertContacts(input: $input) { created updated rejected { index code message } cursor } }`;
const LIST = `mutation ($input: ChangeListMembersInput!) { changeListMembers(input: $input) {
  list { id key memberCount } added removed rejected { index code message } cursor
} }`;
const ADJUST = `mutation ($input: AdjustScoreInput!) { adjustScore(input: $input) { contact { id } scores { total } cursor } }`;

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
  tenant = await server.tenant();
  await server.send(
    tenant.key,
    'mutation { createScoringModelFromPreset(input: { preset: STARTER, key: "main" }) { model { id } } }',
  );
});
afterAll(() => server.stop());

const person = () => ({ email: `${randomUUID()}@example.com` });
const send = (query: string, input: unknown) => server.send(tenant.key, query, { input });

describe('recordAction', () => {
  test('answers with the action, the contact, the scores it led to and its place in the feed', async () => {
    const contact = person();
    const occurredAt = '2026-01-02T03:04:05.678+01:00';
    const { data, errors } = await send(RECORD, {
      contact,
      type: 'email_opened',
      occurredAt,
      properties: { subject: 'Hi', n: [1, { a: null }] },
    });
    expect(errors).toEqual([]);
    const answer = data.recordAction;
    expect(answer.action).toMatchObject({
      type: 'email_opened',
      occurredAt: '2026-01-02T02:04:05.678Z',
      properties: { subject: 'Hi', n: [1, { a: null }] },
    });
    expect(answer).toMatchObject({ duplicate: false, contact: { email: contact.email } });
    expect(answer.scores.map((score: { model: object }) => score.model)).toEqual([{ key: 'main' }]);
    const again = await server.send(
      tenant.key,
      'query ($key: ContactKey!) { contact(key: $key) { score { total } } }',
      { key: contact },
    );
    expect(again.data.contact.score.total).toBe(answer.scores[0].total);
  });

  test('the same key and content is counted once, whatever the order of its fields; scores are as of now', async () => {
    const contact = person();
    const idempotencyKey = randomUUID();
    const first = await send(RECORD, {
      contact,
      type: 'email_opened',
      properties: { a: 1, b: 2 },
      idempotencyKey,
    });
    await send(RECORD, { contact, type: 'email_opened' });
    const again = await send(RECORD, {
      idempotencyKey,
      properties: { b: 2, a: 1 },
      type: 'email_opened',
      contact,
    });
    expect(again.data.recordAction).toMatchObject({
      duplicate: true,
      action: first.data.recordAction.action,
      cursor: first.data.recordAction.cursor,
    });
    expect([first, again].map(({ data }) => data.recordAction.scores[0].total)).toEqual([5, 10]);
  });

  test.each([
    ['another type', { type: 'clicked_link' }],
    ['other properties', { properties: { a: 2 } }],
    ['an instant', { occurredAt: '2026-01-01T00:00:00Z' }],
    ['another contact', { contact: { email: 'someone@example.com' } }],
  ])('the same key with %s is IDEMPOTENCY_MISMATCH', async (_name, other) => {
    const sent = {
      contact: person(),
      type: 'email_opened',
      properties: { a: 1 },
      idempotencyKey: randomUUID(),
    };
    await send(RECORD, sent);
    expect((await send(RECORD, { ...sent, ...other })).errors[0]?.extensions.code).toBe(
      'IDEMPOTENCY_MISMATCH',
    );
  });

  test.each<[string, object, string, string]>([
    ['no email', { contact: { email: 'nobody' } }, 'BAD_USER_INPUT', 'input.contact.email'],
    ['no key', { contact: {} }, 'BAD_USER_INPUT', 'input.contact'],
    ['two keys', { contact: { email: 'a@b.c', externalId: '1' } }, 'BAD_USER_INPUT', 'input.contact'],
    ['null as key', { contact: { email: null } }, 'BAD_USER_INPUT', 'input.contact.email'],
    ['an id that is none', { contact: { id: 'x' } }, 'BAD_USER_INPUT', 'input.contact.id'],
    ['an empty type', { type: '' }, 'BAD_USER_INPUT', 'input.type'],
    ['a NUL', { type: 'a\0b' }, 'BAD_USER_INPUT', 'input.type'],
    ['a lone surrogate', { properties: { a: '\ud800' } }, 'BAD_USER_INPUT', 'input.properties'],
    ['properties that are no object', { properties: [1] }, 'BAD_USER_INPUT', 'input.properties'],
    ['no instant', { occurredAt: 'yesterday' }, 'BAD_USER_INPUT', 'input.occurredAt'],
    [
      'an instant without offset',
      { occurredAt: '2026-01-01T00:00:00' },
      'BAD_USER_INPUT',
      'input.occurredAt',
    ],
    ['30 February', { occurredAt: '2026-02-30T00:00:00Z' }, 'BAD_USER_INPUT', 'input.occurredAt'],
    ['a year before 1970', { occurredAt: '1969-12-31T23:59:59Z' }, 'BAD_USER_INPUT', 'input.occurredAt'],
    [
      'a far future',
      { occurredAt: new Date(Date.now() + 600_000).toISOString() },
      'BAD_USER_INPUT',
      'input.occurredAt',
    ],
    ['an unknown field', { colour: 'red' }, 'BAD_USER_INPUT', 'input'],
  ])('%s is refused with its path', async (_name, given, code, path) => {
    const { errors } = await send(RECORD, { contact: person(), type: 'email_opened', ...given });
    expect(errors.map((error) => error.extensions.code)).toContain(code);
    expect(errors.flatMap((error) => error.extensions.fields?.map((field) => field.path) ?? [])).toContain(
      path,
    );
  });

  test('an unknown id is NOT_FOUND', async () => {
    const { errors } = await send(RECORD, { contact: { id: randomUUID() }, type: 'x' });
    expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
  });
});

describe('recordActions', () => {
  test('keeps the good ones and reports the others', async () => {
    const contact = person();
    const idempotencyKey = randomUUID();
    const { data } = await send(
      RECORD_ALL,
      [
        { contact, type: 'email_opened' },
        { contact: { email: 'nobody' }, type: 'email_opened' },
        { contact, type: 'email_opened', idempotencyKey },
        { contact, type: 'email_opened', idempotencyKey },
        { contact: { id: randomUUID() }, type: 'email_opened' },
        JSON.parse(
          '{"contact":{"externalId":"p"},"type":"t","properties":{"__proto__":{"x":1},"constructor":{"prototype":1}}}',
        ),
      ].map((item) =>
        'email' in item.contact && item.contact.email === contact.email ? { ...item, contact } : item,
      ),
    );
    const { recorded, duplicates, rejected, results, cursor } = data.recordActions;
    expect([recorded, duplicates]).toEqual([3, 1]);
    expect(rejected.map((item: { index: number; code: string }) => [item.index, item.code])).toEqual([
      [1, 'BAD_USER_INPUT'],
      [4, 'NOT_FOUND'],
    ]);
    expect(results.map((result: { status: string }) => result.status)).toEqual([
      'RECORDED',
      'REJECTED',
      'RECORDED',
      'DUPLICATE',
      'REJECTED',
      'RECORDED',
    ]);
    expect(results[3].actionId).toBe(results[2].actionId);
    expect(results[1]).toMatchObject({ actionId: null, contactId: null });
    expect(cursor).toEqual(expect.any(String));
  });

  test('takes none and 10,000, not more', async () => {
    expect((await send(RECORD_ALL, [])).data.recordActions).toMatchObject({ recorded: 0, cursor: null });
    const item = { contact: { externalId: 'many' }, type: 'x' };
    const { errors } = await send(
      RECORD_ALL,
      Array.from({ length: 10_001 }, () => item),
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'input' }] });
  });
});

describe('upsertContact', () => {
  test('creates, changes what is given, removes by null and by unset', async () => {
    const contact = person();
    const first = await send(UPSERT, {
      contact,
      jobTitle: 'CTO',
      companySize: 20,
      attributes: { plan: 'pro', seats: 3 },
    });
    expect(first.data.upsertContact).toMatchObject({
      created: true,
      contact: { email: contact.email, jobTitle: 'CTO', attributes: { plan: 'pro', seats: 3 } },
    });
    const second = await send(UPSERT, {
      contact,
      companySize: null,
      attributes: { seats: null, colour: 'red' },
      unset: ['plan'],
      externalId: contact.email,
    });
    expect(second.data.upsertContact).toMatchObject({
      created: false,
      contact: {
        id: first.data.upsertContact.contact.id,
        jobTitle: 'CTO',
        companySize: null,
        externalId: contact.email,
        attributes: { colour: 'red' },
      },
    });
    const byExternalId = await send(RECORD, { contact: { externalId: contact.email }, type: 'x' });
    expect(byExternalId.data.recordAction.contact.id).toBe(first.data.upsertContact.contact.id);
  });

  test('the default of onIdentityConflict makes no other request of it', async () => {
    const sent = { contact: person(), jobTitle: 'CEO', idempotencyKey: randomUUID() };
    const first = await send(UPSERT, sent);
    const again = await send(UPSERT, { ...sent, onIdentityConflict: 'REJECT' });
    expect(again.errors).toEqual([]);
    expect(again.data.upsertContact.contact.id).toBe(first.data.upsertContact.contact.id);
    expect((await send(UPSERT, { ...sent, onIdentityConflict: 'MERGE' })).errors[0]?.extensions.code).toBe(
      'IDEMPOTENCY_MISMATCH',
    );
  });

  test.each<[string, object, string]>([
    ['an attribute twice', { jobTitle: 'A', attributes: { jobTitle: 'B' } }, 'input.attributes.jobTitle'],
    ['an identity among attributes', { attributes: { email: 'a@b.c' } }, 'input.attributes.email'],
    ['attributes that are no object', { attributes: 'x' }, 'input.attributes'],
    ['set and unset', { jobTitle: 'A', unset: ['jobTitle'] }, 'input.unset.0'],
    ['a bad email', { email: 'nope' }, 'input.email'],
  ])('%s is refused with its path', async (_name, given, path) => {
    const { errors } = await send(UPSERT, { contact: person(), ...given });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });

  test('an identity of someone else is CONFLICT', async () => {
    const [a, b] = [person(), person()];
    await send(UPSERT, { contact: a });
    await send(UPSERT, { contact: b });
    expect((await send(UPSERT, { contact: a, email: b.email })).errors[0]?.extensions.code).toBe('CONFLICT');
  });

  test('in bulk keeps the good ones', async () => {
    const contact = person();
    const { data } = await send(UPSERT_ALL, [
      { contact, jobTitle: 'VP' },
      { contact: person(), attributes: 5 },
      { contact, company: 'Acme' },
      { contact: { email: 'x' } },
    ]);
    expect(data.upsertContacts).toMatchObject({ created: 1, updated: 1 });
    expect(data.upsertContacts.rejected.map((item: { index: number }) => item.index)).toEqual([1, 3]);
  });
});

describe('changeListMembers', () => {
  test('counts who really joined and left, and answers the same key as before', async () => {
    const [a, b] = [person(), person()];
    const list = randomUUID();
    const sent = { list, add: [a, b, a], remove: [b], idempotencyKey: randomUUID() };
    const first = await send(LIST, sent);
    expect(first.errors).toEqual([]);
    expect(first.data.changeListMembers).toMatchObject({
      list: { key: list, memberCount: 1 },
      added: 2,
      removed: 1,
      rejected: [],
    });
    await send(LIST, { list, remove: [a] });
    const again = await send(LIST, sent);
    const { memberCount, ...known } = first.data.changeListMembers.list;
    expect(again.data.changeListMembers).toEqual({
      ...first.data.changeListMembers,
      list: { ...known, memberCount: memberCount - 1 },
    });
    expect((await send(LIST, { ...sent, remove: [] })).errors[0]?.extensions.code).toBe(
      'IDEMPOTENCY_MISMATCH',
    );
  });

  test('takes whom a filter holds for', async () => {
    const attribute = { attribute: 'batch', operator: 'EQUALS', value: randomUUID() };
    for (let n = 0; n < 3; n += 1)
      await send(UPSERT, { contact: person(), attributes: { batch: attribute.value } });
    const { data } = await send(LIST, { list: randomUUID(), filter: { attribute } });
    expect(data.changeListMembers).toMatchObject({ added: 3, list: { memberCount: 3 } });
  });

  test.each<[string, object, string]>([
    ['nobody', {}, 'input'],
    ['a blank list', { list: ' ', add: [] }, 'input.list'],
    ['a filter with a fault', { filter: { stages: ['nowhere'] } }, 'input.filter.stages.0'],
  ])('%s is refused with its path', async (_name, given, path) => {
    const { errors } = await send(LIST, { list: 'l', ...given });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });
});

describe('adjustScore', () => {
  test('adds points on every model', async () => {
    const contact = person();
    const { data } = await send(ADJUST, {
      contact,
      points: 12.5,
      reason: 'met at the fair',
      expiresAfterDays: 30,
    });
    expect(data.adjustScore.scores).toEqual([{ total: 12 }]);
    expect(data.adjustScore.cursor).toEqual(expect.any(String));
  });

  test('faults have their paths', async () => {
    const { errors } = await send(ADJUST, {
      contact: person(),
      points: 1e10,
      reason: 'a\0',
      expiresAfterDays: 0,
    });
    expect(errors[0]?.extensions.fields?.map((field) => field.path)).toEqual([
      'input.points',
      'input.reason',
      'input.expiresAfterDays',
    ]);
  });
});
