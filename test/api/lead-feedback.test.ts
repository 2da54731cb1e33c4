import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const PRESET =
  'mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) { model { id } } }';
const FEEDBACK = `mutation ($input: RecordLeadFeedbackInput!) {
  recordLeadFeedback(input: $input) { duplicate cursor action { id type properties } contact { email } scores { total } } }`;
const RECORD = `mutation ($email: String!, $type: String!) {
  recordAction(input: { contact: { email: $email }, type: $type }) { contact { id } } }`;
const REPORT = `{
  analytics {
    leadFeedback {
      accepted rejected converted lost rate { numerator denominator rate enough } reasons { reason leads share { rate } }
      byBand { stage accepted rejected }
      byOwner { owner { name } accepted rejected reasons { reason } }
      byRule { ruleKey rate { numerator denominator } }
    }
    conversion { converted { numerator } lost }
  }
}`;

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  tenant = await server.tenant();
  await server.send(tenant.key, PRESET, { input: { preset: 'STARTER', key: 'starter' } });
});
afterAll(() => server.stop());

async function lead(email: string): Promise<string> {
  const { data } = await server.send(tenant.key, RECORD, { email, type: 'clicked_link' });
  return data.recordAction.contact.id;
}

async function say(email: string, input: Record<string, unknown>) {
  return server.send(tenant.key, FEEDBACK, { input: { contact: { email }, ...input } });
}

async function report() {
  await server.settleFacts();
  const { data, errors } = await server.send(tenant.key, REPORT);
  expect(errors).toEqual([]);
  return data.analytics;
}

describe('lead feedback', () => {
  test('is an action on the timeline, answered once under its key', async () => {
    await lead('ann@example.com');
    const input = { verdict: 'REJECTED', reason: ' No budget ', note: 'next year', idempotencyKey: 'f-1' };
    const { data, errors } = await say('ann@example.com', input);
    expect(errors).toEqual([]);
    const { action, duplicate } = data.recordLeadFeedback;
    expect(duplicate).toBe(false);
    expect(action).toMatchObject({
      type: 'lead_rejected',
      properties: { reason: 'No budget', note: 'next year' },
    });
    expect(action.properties.by).toEqual(expect.any(String));
    const again = await say('ann@example.com', input);
    expect(again.data.recordLeadFeedback).toMatchObject({ duplicate: true, action: { id: action.id } });
    const other = await say('ann@example.com', { ...input, verdict: 'LOST' });
    expect(other.errors[0]?.extensions?.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('is counted by its last verdict, with the reasons of those rejected, and settles leads', async () => {
    const ids = [await lead('a@example.com'), await lead('b@example.com'), await lead('c@example.com')];
    const rep = await server.send(
      tenant.key,
      'mutation { createSalesRep(input: { name: "Kim", email: "kim@example.com" }) { salesRep { id } } }',
    );
    await server.send(
      tenant.key,
      'mutation ($input: SetContactOwnerInput!) { setContactOwner(input: $input) { contact { id } } }',
      { input: { contact: { id: ids[0] }, ownerId: rep.data.createSalesRep.salesRep.id } },
    );
    await say('a@example.com', { verdict: 'ACCEPTED' });
    await say('a@example.com', { verdict: 'REJECTED', reason: 'No Budget' });
    await say('b@example.com', { verdict: 'REJECTED', reason: 'no budget ' });
    await say('c@example.com', { verdict: 'ACCEPTED' });
    await say('c@example.com', { verdict: 'CONVERTED', value: 500 });
    await say('b@example.com', { verdict: 'LOST', reason: 'gone' });
    const { leadFeedback, conversion } = await report();
    expect(leadFeedback).toMatchObject({
      accepted: 1,
      rejected: 2,
      converted: 1,
      lost: 1,
      rate: { numerator: 1, denominator: 3, enough: false },
      reasons: [{ reason: 'no budget', leads: 2, share: { rate: 1 } }],
      byOwner: [
        { owner: null, accepted: 1, rejected: 1 },
        { owner: { name: 'Kim' }, accepted: 0, rejected: 1 },
      ],
      byRule: [{ ruleKey: expect.any(String), rate: { numerator: 1, denominator: 3 } }],
    });
    const inBands = leadFeedback.byBand.reduce(
      (sum: number, band: { accepted: number; rejected: number }) => sum + band.accepted + band.rejected,
      0,
    );
    expect(inBands).toBe(3);
    expect(conversion).toEqual({ converted: { numerator: 1 }, lost: 1 });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a rejection without a reason', { verdict: 'REJECTED' }, 'input.reason'],
    ['a loss with an empty one', { verdict: 'LOST', reason: ' ' }, 'input.reason'],
    ['a value of what was lost', { verdict: 'LOST', reason: 'gone', value: 5 }, 'input.value'],
    ['a value below 0', { verdict: 'CONVERTED', value: -1 }, 'input.value'],
    ['a day to come', { verdict: 'ACCEPTED', occurredAt: '2100-01-01T00:00:00Z' }, 'input.occurredAt'],
  ])('refuses %s', async (_, input, path) => {
    await lead('ann@example.com');
    const { errors } = await say('ann@example.com', input);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });

  test('makes no contacts', async () => {
    const { errors } = await say('nobody@example.com', { verdict: 'ACCEPTED' });
    expect(errors[0]?.extensions?.code).toBe('NOT_FOUND');
    const { data } = await server.send(
      tenant.key,
      '{ contact(key: { email: "nobody@example.com" }) { id } }',
    );
    expect(data.contact).toBeNull();
  });
});
