import { describe, expect, it } from 'vitest';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { PRESETS, type PresetName } from '../../src/scoring/presets.js';
import { validateModel } from '../../src/scoring/validate-model.js';
import { presetDocument } from '../support/preset-document.js';
import { action, profile, totalsAt } from '../support/scoring-kit.js';

describe.each(Object.keys(PRESETS) as PresetName[])('the preset %s', (name) => {
  it('is a valid model under the key and name given, made afresh each time', () => {
    const model = PRESETS[name]('my-key', 'My model');
    expect(validateModel(model)).toEqual([]);
    expect(model).toMatchObject({ key: 'my-key', name: 'My model' });
    expect(PRESETS[name]('my-key', 'My model')).not.toBe(model);
  });
});

/** The total right after these actions, a minute apart. */
function scoreOf(
  model: ModelDefinition,
  ...types: (string | [string, Record<string, string | number>])[]
): number {
  const entries = types.map((one, i) =>
    typeof one === 'string' ? action(i / 1_440, one) : action(i / 1_440, one[0], one[1]),
  );
  return totalsAt(model, entries, [(types.length - 1) / 1_440])[0] ?? Number.NaN;
}

function profileScore(model: ModelDefinition, set: Record<string, string | number>): number {
  return totalsAt(model, [profile(0, set)], [0])[0] ?? Number.NaN;
}

describe('STARTER', () => {
  const model = PRESETS.STARTER('starter', 'Starter');

  it('adds up engagement and takes bad signals off', () => {
    expect(scoreOf(model, 'email_opened')).toBe(5);
    expect(scoreOf(model, 'email_opened', 'clicked_link', 'replied_to_email')).toBe(30);
    expect(scoreOf(model, 'replied_to_email', 'email_bounced')).toBe(5);
    expect(scoreOf(model, ...Array<string>(8).fill('clicked_link'), 'marked_spam')).toBe(30);
    expect(scoreOf(model, 'replied_to_email', 'unsubscribed', 'email_opened')).toBe(5);
  });

  it.each([
    [{ jobTitle: 'Founder & CEO' }, 20],
    [{ jobTitle: 'Head of Sales' }, 20],
    [{ jobTitle: 'Software engineer' }, 0],
    [{ companySize: 50 }, 0],
    [{ companySize: 51 }, 10],
    [{ companySize: 200 }, 10],
    [{ companySize: 201, jobTitle: 'CTO' }, 35],
  ])('gives %j %d points', (set, points) => {
    expect(profileScore(model, set as Record<string, string | number>)).toBe(points);
  });

  it('fades by 5 % per 30 idle days', () => {
    const entries = Array.from({ length: 8 }, () => action(0, 'clicked_link'));
    expect(totalsAt(model, entries, [0, 30, 60])).toEqual([80, 76, 72]);
  });
});

describe('ADVANCED', () => {
  const model = PRESETS.ADVANCED('advanced', 'Advanced');

  it('doubles what happened today and caps each dimension', () => {
    expect(scoreOf(model, 'email_opened')).toBe(10);
    expect(scoreOf(model, 'clicked_link')).toBe(20);
    expect(scoreOf(model, 'replied_to_email', 'replied_to_email')).toBe(40);
    expect(scoreOf(model, 'requested_demo')).toBe(20);
    expect(scoreOf(model, 'requested_demo', 'replied_to_email', 'marked_spam')).toBe(10);
  });

  it.each([
    [['downloaded_resource', { resource: 'ebook' }], 20],
    [['downloaded_resource', { resource: 'poster' }], 30],
    [['downloaded_resource', { resource: 'Whitepaper' }], 40],
    [['time_on_site', { minutes: 5 }], 0],
    [['time_on_site', { minutes: 6 }], 10],
    [['time_on_site', { minutes: 16 }], 20],
    [['watched_demo_video', { percent: 74 }], 0],
    [['watched_demo_video', { percent: 75 }], 20],
  ] as [[string, Record<string, string | number>], number][])('scores %j with %d', (one, points) => {
    expect(scoreOf(model, one)).toBe(points);
  });

  it.each([
    [{ companySize: 10 }, 0],
    [{ companySize: 11 }, 5],
    [{ companySize: 1000 }, 15],
    [{ companySize: 1001 }, 20],
    [{ industry: 'SaaS' }, 20],
    [{ industry: 'Farming' }, 0],
    [{ annualRevenue: 999_999 }, 0],
    [{ annualRevenue: 10_000_000 }, 15],
    [{ annualRevenue: '50000000' }, 20],
    [{ jobTitle: 'VP, Marketing' }, 20],
    [{ jobTitle: 'Marketing coordinator' }, 3],
    [{ jobTitle: 'Leader of the pack' }, 0],
    [{ country: 'us' }, 10],
    [{ country: 'United Kingdom' }, 10],
    [{ country: 'DE' }, 5],
    [{ country: 'France ' }, 5],
    [{ country: 'JP' }, 0],
  ])('gives %j %d points', (set, points) => {
    expect(profileScore(model, set as Record<string, string | number>)).toBe(points);
  });

  it('takes points off a lead that is idle, and comes back with its next action', () => {
    const entries = [profile(0, { companySize: 5000, industry: 'saas' }), action(0, 'email_opened')];
    expect(totalsAt(model, entries, [0, 89, 90, 180])).toEqual([50, 42, 12, 0]);
    expect(totalsAt(model, [...entries, action(200, 'email_opened')], [200])).toEqual([51]);
  });
});

describe('EXPIRING', () => {
  it('forgets interest after 180 days and never a customer', () => {
    const model = PRESETS.EXPIRING('expiring', 'Expiring');
    const entries = [action(0, 'email_opened'), action(1, 'visited_sales_page'), action(2, 'clicked_link')];
    expect(totalsAt(model, entries, [2, 180, 181, 182])).toEqual([26, 25, 5, 0]);
    expect(totalsAt(model, [action(0, 'became_customer')], [0, 3_000])).toEqual([100, 100]);
  });
});

it('docs/presets.md tells what the presets are', async () => {
  await expect(presetDocument()).toMatchFileSnapshot('../../docs/presets.md');
});
