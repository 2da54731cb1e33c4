import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const PRESET =
  'mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) { model { id } } }';
const RECORD =
  'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded rejected { message } } }';
const SET = `mutation ($input: SetConversionsInput!) {
  setConversions(input: $input) { settings { wonActionTypes lostActionTypes valueProperty revision } } }`;
const REPORT = `{
  analytics {
    conversion {
      converted { numerator denominator rate low high enough } lost open unscored value valueAverage
      areaUnderCurve { area low high enough }
      calibration { bins { scoreMin scoreMax observed { denominator } } tau }
      byBand { stage fromTotal toTotal converted { numerator denominator } lift { ratio low high enough } }
      byRule(first: 5) { ruleKey title converted { numerator denominator } without { numerator denominator } lift { ratio } }
      byAction { actionType converted { numerator denominator } }
    }
    thresholds(costPerLead: 10) {
      valuePerConversion bestByF1 { cutOff f1 } bestByValue { cutOff expectedValue }
      thresholds { cutOff leads converted precision { rate } recall { rate } leadsPerMonth }
    }
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

/** Records actions so many hours ago, in their order, and waits for the facts of reports. */
async function record(...actions: [email: string, type: string, value?: number][]): Promise<void> {
  const input = actions.map(([email, type, value], index) => ({
    contact: { email },
    type,
    occurredAt: new Date(Date.now() - (actions.length - index) * 3_600_000).toISOString(),
    ...(value === undefined ? {} : { properties: { value } }),
  }));
  const { data, errors } = await server.send(tenant.key, RECORD, { input });
  expect(errors).toEqual([]);
  expect(data.recordActions).toMatchObject({ recorded: actions.length, rejected: [] });
  await server.settleFacts();
}

describe('conversion over the API', () => {
  test('tells what became of leads, and what a threshold would have brought', async () => {
    await record(
      ['won@example.com', 'clicked_link'],
      ['won@example.com', 'replied_to_email'],
      ['open@example.com', 'clicked_link'],
      ['lost@example.com', 'email_opened'],
      ['won@example.com', 'deal_won', 900],
      ['lost@example.com', 'deal_lost'],
    );
    const { data, errors } = await server.send(tenant.key, REPORT);
    expect(errors).toEqual([]);
    const { conversion, thresholds } = data.analytics;
    expect(conversion).toMatchObject({
      converted: { numerator: 1, denominator: 3, enough: false },
      lost: 1,
      open: 1,
      unscored: 0,
      value: 900,
      valueAverage: 900,
      areaUnderCurve: { area: 1, enough: false },
    });
    expect(conversion.converted.low).toBeGreaterThan(0);
    expect(
      conversion.byBand.reduce(
        (sum: number, band: { converted: { denominator: number } }) => sum + band.converted.denominator,
        0,
      ),
    ).toBe(3);
    expect(conversion.byAction.map((one: { actionType: string }) => one.actionType)).toEqual(
      expect.arrayContaining(['clicked_link', 'replied_to_email', 'email_opened']),
    );
    expect(conversion.byAction).not.toContainEqual(expect.objectContaining({ actionType: 'deal_won' }));
    expect(thresholds.valuePerConversion).toBe(900);
    expect(thresholds.bestByF1.f1).toBe(1);
    expect(thresholds.bestByValue).toMatchObject({ cutOff: thresholds.bestByF1.cutOff, expectedValue: 890 });
  });

  test('follows the tenant in what an outcome is', async () => {
    await record(['ann@example.com', 'clicked_link'], ['ann@example.com', 'signed']);
    const before = await server.send(tenant.key, REPORT);
    expect(before.data.analytics.conversion.converted).toMatchObject({ numerator: 0, denominator: 1 });
    const { data, errors } = await server.send(tenant.key, SET, { input: { wonActionTypes: ['signed'] } });
    expect(errors).toEqual([]);
    expect(data.setConversions.settings).toEqual({
      wonActionTypes: ['signed'],
      lostActionTypes: ['deal_lost'],
      valueProperty: 'value',
      revision: 1,
    });
    const COVERAGE = '{ analytics { coverage { complete contactsDone contactsTotal } } }';
    const meanwhile = await server.send(tenant.key, COVERAGE);
    expect(meanwhile.data.analytics.coverage).toEqual({ complete: false, contactsDone: 0, contactsTotal: 1 });
    await server.settleFacts();
    const settled = await server.send(tenant.key, COVERAGE);
    expect(settled.data.analytics.coverage).toEqual({ complete: true, contactsDone: 1, contactsTotal: 1 });
    const after = await server.send(tenant.key, REPORT);
    expect(after.data.analytics.conversion.converted).toMatchObject({ numerator: 1, denominator: 1 });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['nothing that wins', { wonActionTypes: [] }, 'input.wonActionTypes'],
    ['a type that does both', { lostActionTypes: ['deal_won'] }, 'input.lostActionTypes'],
    ['what sales says as something else', { wonActionTypes: ['lead_lost'] }, 'input.wonActionTypes'],
    [
      'more types than are read',
      { lostActionTypes: Array.from({ length: 51 }, (_, n) => `t${n}`) },
      'input.lostActionTypes',
    ],
    ['a type that is too long', { wonActionTypes: ['x'.repeat(257)] }, 'input.wonActionTypes.0'],
    ['an empty type', { lostActionTypes: [' '] }, 'input.lostActionTypes.0'],
  ])('refuses %s and changes nothing', async (_, input, path) => {
    const { errors } = await server.send(tenant.key, SET, { input });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
    const { data } = await server.send(tenant.key, '{ conversionSettings { wonActionTypes revision } }');
    expect(data.conversionSettings).toEqual({ wonActionTypes: ['became_customer', 'deal_won'], revision: 0 });
  });

  test.each([
    ['bands that fall', 'conversion { byBand(bands: [10, 5]) { stage } }', 'bands'],
    ['no bins', 'conversion { calibration(bins: 0) { tau } }', 'bins'],
    ['too many rules', 'conversion { byRule(first: 201) { ruleKey } }', 'first'],
    ['a negative value', 'thresholds(valuePerConversion: -1) { valuePerConversion }', 'valuePerConversion'],
    ['a negative cost', 'thresholds(costPerLead: -1) { valuePerConversion }', 'costPerLead'],
  ])('refuses %s', async (_, report, path) => {
    const { errors } = await server.send(tenant.key, `{ analytics { ${report} } }`);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });
});
