import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const RECORD = `mutation ($input: RecordActionInput!) { recordAction(input: $input) {
  duplicate action { id } contact { id } scores { total }
} }`;
const UPSERT = `mutation ($input: UpsertContactInput!) { upsertContact(input: $input) { contact { id } } }`;
const MERGE = `mutation ($input: MergeContactsInput!) { mergeContacts(input: $input) {
  contact { id email jobTitle merges { id } } merge { id intoId fromId by entries undoneAt } scores { total } cursor
} }`;
const UNMERGE = `mutation ($input: UnmergeContactInput!) { unmergeContact(input: $input) {
  contact { id } merge { id undoneBy } scores { total } cursor
} }`;
const PREVIEW = `query ($into: ContactKey!, $from: ContactKey!) { mergePreview(into: $into, from: $from) {
  into { id score { total } } from { id } entries profile lists scores { total stage { key } explanation { title points } }
} }`;
const IDENTIFY = `mutation ($input: IdentifyContactInput!) { identifyContact(input: $input) {
  identified contact { id identities { kind value } } scores { total }
} }`;
const RETRACT = `mutation ($input: RetractActionInput!) { retractAction(input: $input) {
  contact { id } correction { id entryId kind by reason before { type properties } after { type } } scores { total } cursor
} }`;
const AMEND = `mutation ($input: AmendActionInput!) { amendAction(input: $input) {
  correction { kind before { type } after { type occurredAt properties } } scores { total }
} }`;
const DELETE = `mutation ($input: DeleteContactInput!) { deleteContact(input: $input) {
  erased { id by reason } cursor
} }`;
const DATA = 'query ($key: ContactKey!) { contactData(key: $key) }';
const DUPLICATES = `query ($first: Int, $after: String) { duplicateContacts(first: $first, after: $after) {
  nodes { reason confidence contacts { email } } pageInfo { hasNextPage endCursor }
} }`;

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

async function opener(extra: object = {}): Promise<{ id: string; email: string; actionId: string }> {
  const contact = person();
  const { data } = await send(RECORD, { contact, type: 'email_opened', ...extra });
  const { contact: made, action } = data.recordAction;
  return { id: made.id, email: contact.email, actionId: action.id };
}

describe('mergeContacts', () => {
  test('answers with the contact, the merge and its scores; the id of the one that went leads to it', async () => {
    const [stays, goes] = [await opener(), await opener()];
    await send(UPSERT, { contact: { email: goes.email }, jobTitle: 'CEO' });
    const preview = await server.send(tenant.key, PREVIEW, {
      into: { id: stays.id },
      from: { email: goes.email },
    });
    expect(preview.errors).toEqual([]);
    expect(preview.data.mergePreview).toMatchObject({
      into: { id: stays.id, score: { total: 5 } },
      from: { id: goes.id },
      profile: { jobTitle: 'CEO' },
      scores: [{ total: 30 }],
    });
    const { data, errors } = await send(MERGE, { into: { id: stays.id }, from: { email: goes.email } });
    expect(errors).toEqual([]);
    const { contact, merge, scores } = data.mergeContacts;
    expect(contact).toMatchObject({ id: stays.id, jobTitle: 'CEO', merges: [{ id: merge.id }] });
    expect(merge).toMatchObject({
      intoId: stays.id,
      fromId: goes.id,
      by: 'admin key',
      entries: 3,
      undoneAt: null,
    });
    expect(scores).toEqual([{ total: 30 }]);
    const lead = await server.send(
      tenant.key,
      `{ contact(key: { id: "${goes.id}" }) { id score { total } } }`,
    );
    expect(lead.data.contact).toEqual({ id: stays.id, score: { total: 30 } });
    const undone = await send(UNMERGE, { contactId: goes.id });
    expect(undone.data.unmergeContact).toMatchObject({
      contact: { id: goes.id },
      merge: { id: merge.id, undoneBy: 'admin key' },
      scores: [{ total: 25 }],
    });
  });

  test('an answer that is given again under its key is about the contact that stands for it now', async () => {
    const goes = person();
    const input = { contact: goes, type: 'email_opened', idempotencyKey: randomUUID() };
    await send(RECORD, input);
    const stays = await opener();
    await send(MERGE, { into: { id: stays.id }, from: goes });
    const { data } = await send(RECORD, input);
    expect(data.recordAction).toMatchObject({
      duplicate: true,
      contact: { id: stays.id },
      scores: [{ total: 10 }],
    });
  });

  test('the change of an action shows the action also after a merge', async () => {
    const [stays, goes] = [await opener(), await opener()];
    await send(MERGE, { into: { id: stays.id }, from: { id: goes.id } });
    const { data } = await server.send(
      tenant.key,
      `query ($ids: [ID!]) { scoreChanges(first: 1, filter: { contactIds: $ids }) { nodes { contact { id } action { id } } } }`,
      { ids: [goes.id] },
    );
    expect(data.scoreChanges.nodes).toEqual([{ contact: { id: stays.id }, action: { id: goes.actionId } }]);
  });

  test('repeated with its idempotency key answers as before, though the key of the contact leads elsewhere by now', async () => {
    const [stays, goes] = [await opener(), await opener()];
    const input = { into: { email: stays.email }, from: { email: goes.email }, idempotencyKey: randomUUID() };
    const first = await send(MERGE, input);
    const again = await send(MERGE, input);
    expect(again.data).toEqual(first.data);
    const other = await send(MERGE, { ...input, idempotencyKey: randomUUID() });
    expect(other.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.from' }],
    });
  });
});

describe('identifyContact', () => {
  test('a visitor becomes known: what was recorded of it counts for the contact', async () => {
    const anonymousId = randomUUID();
    await send(RECORD, { contact: { anonymousId }, type: 'clicked_link' });
    const known = await opener();
    const { data, errors } = await send(IDENTIFY, { anonymousId, contact: { email: known.email } });
    expect(errors).toEqual([]);
    expect(data.identifyContact).toEqual({
      identified: true,
      contact: {
        id: known.id,
        identities: [
          { kind: 'EMAIL', value: known.email },
          { kind: 'ANONYMOUS_ID', value: anonymousId },
        ],
      },
      scores: [{ total: 15 }],
    });
    const again = await send(IDENTIFY, { anonymousId, contact: { email: known.email } });
    expect(again.data.identifyContact).toMatchObject({ identified: false, scores: [{ total: 15 }] });
  });

  test('a visitor and a contact that are both new are made one; a visitor who is somebody else is refused', async () => {
    const anonymousId = randomUUID();
    const made = await send(IDENTIFY, { anonymousId, contact: person() });
    expect(made.data.identifyContact.identified).toBe(true);
    const other = await send(IDENTIFY, { anonymousId, contact: person() });
    expect(other.errors).toEqual([]);
    const known = await opener();
    const refused = await send(IDENTIFY, { anonymousId, contact: { email: known.email } });
    expect(refused.errors[0]?.extensions.code).toBe('CONFLICT');
  });
});

test('upsertContact with onIdentityConflict MERGE makes one of two', async () => {
  const [stays, goes] = [await opener(), await opener()];
  const externalId = randomUUID();
  await send(UPSERT, { contact: { email: goes.email }, externalId });
  const { data, errors } = await send(UPSERT, {
    contact: { email: stays.email },
    externalId,
    onIdentityConflict: 'MERGE',
  });
  expect(errors).toEqual([]);
  expect(data.upsertContact.contact.id).toBe(stays.id);
  const { data: read } = await server.send(
    tenant.key,
    `{ contact(key: { email: "${goes.email}" }) { id merges { by } score { total } } }`,
  );
  expect(read.contact).toEqual({ id: stays.id, merges: [{ by: 'upsertContact' }], score: { total: 10 } });
});

describe('corrections', () => {
  test('an action that is taken back and one that is amended are shown with what they were', async () => {
    const { email, actionId } = await opener({ properties: { subject: 'Hi' } });
    const wrong = await send(RECORD, { contact: { email }, type: 'clicked_link' });
    const amended = await send(AMEND, {
      contact: { email },
      actionId: wrong.data.recordAction.action.id,
      type: 'replied_to_email',
      properties: { words: 12 },
    });
    expect(amended.errors).toEqual([]);
    expect(amended.data.amendAction).toMatchObject({
      correction: {
        kind: 'AMENDED',
        before: { type: 'clicked_link' },
        after: { type: 'replied_to_email', properties: { words: 12 } },
      },
      scores: [{ total: 20 }],
    });
    const taken = await send(RETRACT, { contact: { email }, actionId, reason: 'sent by a robot' });
    expect(taken.data.retractAction).toMatchObject({
      correction: {
        entryId: actionId,
        kind: 'RETRACTED',
        by: 'admin key',
        reason: 'sent by a robot',
        before: { type: 'email_opened', properties: { subject: 'Hi' } },
        after: null,
      },
      scores: [{ total: 15 }],
    });
    const { data } = await server.send(
      tenant.key,
      `query ($key: ContactKey!, $after: String) { contact(key: $key) {
        timeline(first: 10) { nodes { kind type amendedAt } }
        corrections(first: 1, after: $after) { nodes { kind } pageInfo { hasNextPage endCursor } }
        score { history(first: 2) { nodes { cause action { type } } } }
      } }`,
      { key: { email } },
    );
    expect(data.contact.timeline.nodes).toEqual([
      { kind: 'ACTION', type: 'replied_to_email', amendedAt: expect.any(String) },
      { kind: 'PROFILE', type: null, amendedAt: null },
    ]);
    expect(data.contact.score.history.nodes).toEqual([
      { cause: 'CORRECTION', action: null },
      { cause: 'CORRECTION', action: { type: 'replied_to_email' } },
    ]);
    expect(data.contact.corrections).toMatchObject({
      nodes: [{ kind: 'RETRACTED' }],
      pageInfo: { hasNextPage: true },
    });
    const { endCursor } = data.contact.corrections.pageInfo;
    const next = await server.send(
      tenant.key,
      `query ($key: ContactKey!, $after: String) { contact(key: $key) {
        corrections(first: 1, after: $after) { nodes { kind } pageInfo { hasNextPage } } } }`,
      { key: { email }, after: endCursor },
    );
    expect(next.data.contact.corrections).toEqual({
      nodes: [{ kind: 'AMENDED' }],
      pageInfo: { hasNextPage: false },
    });
  });

  test('faults are named by their paths and change nothing', async () => {
    const { email, actionId } = await opener();
    const cases = [
      [AMEND, { contact: { email }, actionId }, 'input'],
      [AMEND, { contact: { email }, actionId, type: '' }, 'input.type'],
      [AMEND, { contact: { email }, actionId, properties: [1] }, 'input.properties'],
      [RETRACT, { contact: { email }, actionId: 'x' }, 'input.actionId'],
      [RETRACT, { contact: { email }, actionId, reason: '' }, 'input.reason'],
      [UNMERGE, {}, 'input'],
      [UNMERGE, { mergeId: 'x' }, 'input.mergeId'],
    ] as const;
    for (const [query, input, path] of cases) {
      const { errors } = await send(query, input);
      expect(errors[0]?.extensions.code, path).toBe('BAD_USER_INPUT');
      expect(errors[0]?.extensions.fields?.map((field) => field.path)).toEqual([path]);
    }
    const unknown = await send(RETRACT, { contact: person(), actionId });
    expect(unknown.errors[0]?.extensions.code).toBe('NOT_FOUND');
  });
});

describe('deleteContact', () => {
  test('leaves a tombstone; the contact is null wherever it was, and its keys are refused', async () => {
    const { id, email } = await opener();
    const before = await server.send(tenant.key, '{ feedCursor }');
    const { data, errors } = await send(DELETE, {
      contact: { email },
      reason: 'case 1',
      idempotencyKey: 'k1',
    });
    expect(errors).toEqual([]);
    expect(data.deleteContact).toMatchObject({ erased: { id, by: 'admin key', reason: 'case 1' } });
    expect((await send(DELETE, { contact: { email }, reason: 'case 1', idempotencyKey: 'k1' })).data).toEqual(
      data,
    );
    const read = await server.send(
      tenant.key,
      `query ($id: ID!, $after: String!) {
        contact(key: { id: $id }) { id }
        erasedContact(id: $id) { by }
        scoreChanges(after: $after) { nodes { cause contactId contact { id } totalBefore totalAfter } }
      }`,
      { id, after: before.data.feedCursor },
    );
    expect(read.data).toEqual({
      contact: null,
      erasedContact: { by: 'admin key' },
      scoreChanges: {
        nodes: [{ cause: 'ERASED', contactId: id, contact: null, totalBefore: 5, totalAfter: 0 }],
      },
    });
    const back = await send(RECORD, { contact: { email }, type: 'email_opened' });
    expect(back.errors[0]?.extensions.code).toBe('CONFLICT');
  });

  test('lets the person come back where that is asked for', async () => {
    const { id, email } = await opener();
    await send(DELETE, { contact: { email }, refuseReturn: false });
    const { data } = await send(RECORD, { contact: { email }, type: 'email_opened' });
    expect(data.recordAction.scores).toEqual([{ total: 5 }]);
    expect(data.recordAction.contact.id).not.toBe(id);
  });
});

test('contactData holds everything about a person, merges and corrections included', async () => {
  const [stays, goes] = [await opener(), await opener({ properties: { subject: 'Offer' } })];
  await send(MERGE, { into: { id: stays.id }, from: { id: goes.id } });
  await send(RETRACT, { contact: { id: stays.id }, actionId: stays.actionId, reason: 'wrong person' });
  const { data, errors } = await server.send(tenant.key, DATA, { key: { email: goes.email } });
  expect(errors).toEqual([]);
  const person = data.contactData;
  expect(person).toMatchObject({
    contactId: stays.id,
    profiles: [
      { id: stays.id, email: goes.email },
      { id: goes.id, merged_into: stays.id },
    ],
    owners: [],
    lists: [],
    scores: [{ model: 'main', total: 5 }],
    merges: [{ into_id: stays.id, from_id: goes.id }],
    corrections: [{ reason: 'wrong person', before: { type: 'email_opened' } }],
  });
  expect(person.identities.map((identity: { value: string }) => identity.value).sort()).toEqual(
    [stays.email, goes.email].sort(),
  );
  expect(person.timeline.filter((entry: { kind: string }) => entry.kind === 'action')).toMatchObject([
    { id: goes.actionId, recordedFor: goes.id, type: 'email_opened', properties: { subject: 'Offer' } },
  ]);
  expect(person.scoreHistory.map((change: { cause: string }) => change.cause)).toEqual([
    'ACTION',
    'ACTION',
    'MERGE',
    'CORRECTION',
  ]);
});

test('who may do what', async () => {
  const { id, actionId } = await opener();
  const contact = { id };
  const requests: [string, Record<string, unknown>, string[]][] = [
    [MERGE, { input: { into: contact, from: contact } }, ['ADMIN', 'MARKETER']],
    [PREVIEW, { into: contact, from: contact }, ['ADMIN', 'MARKETER']],
    [UNMERGE, { input: { contactId: id } }, ['ADMIN', 'MARKETER']],
    [DUPLICATES, {}, ['ADMIN', 'MARKETER']],
    [RETRACT, { input: { contact, actionId: randomUUID() } }, ['ADMIN', 'MARKETER']],
    [AMEND, { input: { contact, actionId, type: 'email_opened' } }, ['ADMIN', 'MARKETER']],
    [DATA, { key: contact }, ['ADMIN']],
    [DELETE, { input: { contact: { id: randomUUID() } } }, ['ADMIN']],
  ];
  for (const role of ['ADMIN', 'MARKETER', 'SALES', 'INGEST', 'VIEWER'] as const) {
    const key = await server.key(tenant, role);
    for (const [query, variables, may] of requests) {
      const { errors } = await server.send(key, query, variables);
      const isForbidden = errors[0]?.extensions.code === 'FORBIDDEN';
      expect(isForbidden, `${role}: ${query.slice(0, 60)}`).toBe(!may.includes(role));
    }
  }
});

test('another tenant’s contacts are nobody', async () => {
  const { id, actionId } = await opener();
  const stranger = await server.tenant();
  const own = await server.send(stranger.key, UPSERT, { input: { contact: person() } });
  const mine = { id: own.data.upsertContact.contact.id };
  const requests: [string, Record<string, unknown>][] = [
    [MERGE, { input: { into: mine, from: { id } } }],
    [MERGE, { input: { into: { id }, from: mine } }],
    [PREVIEW, { into: mine, from: { id } }],
    [RETRACT, { input: { contact: { id }, actionId } }],
    [RETRACT, { input: { contact: mine, actionId } }],
    [DELETE, { input: { contact: { id } } }],
    [DATA, { key: { id } }],
  ];
  for (const [query, variables] of requests) {
    const { errors } = await server.send(stranger.key, query, variables);
    expect(errors[0]?.extensions.code, query.slice(0, 60)).toBe('NOT_FOUND');
  }
});

describe('duplicateContacts', () => {
  test('suggests contacts with one mailbox and with one name at one company, page by page', async () => {
    const fresh = await server.tenant();
    const make = (input: object) => server.send(fresh.key, UPSERT, { input });
    const names = [
      { email: 'ada.lovelace@x.io', firstName: 'Ada', lastName: 'Lovelace', company: 'Engines' },
      { email: 'adalovelace+news@x.io', firstName: 'A.' },
      { email: 'al@y.io', firstName: 'ada', lastName: 'LOVELACE', company: ' engines ' },
      { email: 'other@y.io', firstName: 'Ada', lastName: 'Lovelace', company: 'Looms' },
      { email: 'tim+a@gmail.com' },
      { email: 't.im@gmail.com' },
      { email: 'tim@example.com' },
    ];
    for (const { email, ...rest } of names) await make({ contact: { email }, ...rest });
    const found: unknown[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data, errors } = await server.send(fresh.key, DUPLICATES, { first: 1, after });
      expect(errors).toEqual([]);
      found.push(...data.duplicateContacts.nodes);
      ({ hasNextPage: more, endCursor: after } = data.duplicateContacts.pageInfo);
    }
    const emails = (...list: string[]) => list.map((email) => ({ email }));
    expect(found).toEqual([
      {
        reason: 'SAME_MAILBOX',
        confidence: 0.8,
        contacts: emails('ada.lovelace@x.io', 'adalovelace+news@x.io'),
      },
      { reason: 'SAME_MAILBOX', confidence: 0.95, contacts: emails('tim+a@gmail.com', 't.im@gmail.com') },
      { reason: 'SAME_NAME_AND_COMPANY', confidence: 0.7, contacts: emails('ada.lovelace@x.io', 'al@y.io') },
    ]);
    const all = await server.send(fresh.key, DUPLICATES, { first: 10 });
    expect(all.data.duplicateContacts.nodes).toEqual(found);
    await server.send(fresh.key, MERGE, {
      input: { into: { email: 't.im@gmail.com' }, from: { email: 'tim+a@gmail.com' } },
    });
    const left = await server.send(fresh.key, DUPLICATES, { first: 10 });
    expect(left.data.duplicateContacts.nodes).toHaveLength(2);
  });
});
