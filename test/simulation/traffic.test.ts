import { expect, test } from 'vitest';
import type { Step } from '../../src/simulation/lead-session.js';
import { Traffic } from '../../src/simulation/traffic.js';

const STEPS = 5_000;

function take(traffic: Traffic, count = STEPS): Step[] {
  return Array.from({ length: count }, () => traffic.next());
}

test('the same seed lets the same leads do the same', () => {
  const steps = take(new Traffic({ seed: 7, leads: 50 }));
  expect(take(new Traffic({ seed: 7, leads: 50 }))).toEqual(steps);
  expect(take(new Traffic({ seed: 8, leads: 50 }))).not.toEqual(steps);
});

test('everybody says who they are before they do anything', () => {
  const seen = new Set<string>();
  for (const step of take(new Traffic({ seed: 1, leads: 300 }))) {
    if (!seen.has(step.email))
      expect(step).toMatchObject({ kind: 'profile', attributes: { firstName: expect.any(String) } });
    seen.add(step.email);
  }
});

test('leads come, click, look at prices, ask for a demo, and some bounce or leave', () => {
  const types = new Set(
    take(new Traffic({ seed: 1, leads: 100 })).map((step) => ('type' in step ? step.type : '')),
  );
  for (const type of [
    'email_opened',
    'clicked_link',
    'visited_pricing_page',
    'requested_demo',
    'unsubscribed',
  ]) {
    expect(types).toContain(type);
  }
  expect([...types].some((type) => type.startsWith('email_bounced'))).toBe(true);
});

test('new leads take the place of others over time', () => {
  const emails = new Set(take(new Traffic({ seed: 1, leads: 10 })).map((step) => step.email));
  expect(emails.size).toBeGreaterThan(10);
});

test('a number of leads out of bounds is refused', () => {
  expect(() => new Traffic({ seed: 1, leads: 0 })).toThrow(RangeError);
});
