import { expect, it } from 'vitest';
import { ACTION_CATEGORIES, actionCategoryOf } from '../../src/catalogue/action-category.js';
import { labelOf } from '../../src/catalogue/label-of.js';
import { DEFAULT_PASSIVE_ACTION_TYPES } from '../../src/scoring/model-definition.js';
import { PRESETS } from '../../src/scoring/presets.js';

it.each([
  ['visited_pricing_page', 'Visited pricing page'],
  ['visitedPricingPage', 'Visited pricing page'],
  ['Visited-Pricing.Page', 'Visited pricing page'],
  ['EMAIL_OPENED', 'Email opened'],
  ['CRM_call', 'CRM call'],
  ['openedCRMRecord', 'Opened CRM record'],
  ['companySize', 'Company size'],
  ['answers.budget', 'Answers budget'],
  ['überweisung_erhalten', 'Überweisung erhalten'],
  ['訪問', '訪問'],
  ['Page Visited on Website', 'Page visited on website'],
  ['***', '***'],
])('%s reads %s', (name, label) => {
  expect(labelOf(name)).toBe(label);
});

it.each([
  ['email_opened', 'EMAIL'],
  ['downloaded_resource', 'EMAIL'],
  ['visited_pricing_page', 'WEBSITE'],
  ['time_on_site', 'WEBSITE'],
  ['requested_demo', 'COMMERCE'],
  ['became_customer', 'COMMERCE'],
  ['email_bounced_hard', 'NEGATIVE'],
  ['newsletterClicked', 'EMAIL'],
  ['Page Visited on Website', 'WEBSITE'],
  ['order-placed', 'COMMERCE'],
  ['webinar.attended', 'EVENT'],
  ['Olark Chat Conversation', 'CONVERSATION'],
  ['newsletter_unsubscribe', 'NEGATIVE'],
  ['constructor', 'OTHER'],
  ['xyzzy', 'OTHER'],
])('%s is of the category %s', (type, category) => {
  expect(actionCategoryOf(type)).toBe(category);
});

it('every type that a preset names has a category', () => {
  const rules = Object.values(PRESETS).flatMap((preset) =>
    preset('p', 'P').scoreSets.flatMap((set) => set.rules.flatMap((rule) => rule.action?.actionType ?? [])),
  );
  const types = [...rules.map((type) => type.replace('*', '')), ...DEFAULT_PASSIVE_ACTION_TYPES];
  expect(types.length).toBeGreaterThan(20);
  expect(types.filter((type) => actionCategoryOf(type) === 'OTHER')).toEqual([]);
  expect(ACTION_CATEGORIES).toContain('OTHER');
});
