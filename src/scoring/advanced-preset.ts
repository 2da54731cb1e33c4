import type { ModelDefinition, RuleDefinition } from './model-definition.js';
import { CORE_COUNTRIES, WESTERN_EUROPE } from './preset-countries.js';
import { actionRule, idleRule, presetStages, row, tableRule } from './preset-parts.js';

/** Engagement (up to 40), fit (40) and intent (20): every kind of rule, with recency and decay. */
export function advancedPreset(key: string, name: string): ModelDefinition {
  return {
    key,
    name,
    description: 'Engagement, fit and intent; what happened lately counts more, what is long ago fades.',
    minScore: 0,
    maxScore: 100,
    dimensions: [
      { key: 'engagement', name: 'Engagement', minPoints: 0, maxPoints: 40 },
      {
        key: 'fit',
        name: 'Fit',
        minPoints: 0,
        maxPoints: 40,
        labels: [
          { label: 'D', minPoints: 0 },
          { label: 'C', minPoints: 10 },
          { label: 'B', minPoints: 20 },
          { label: 'A', minPoints: 30 },
        ],
      },
      {
        key: 'intent',
        name: 'Intent',
        minPoints: 0,
        maxPoints: 20,
        labels: [
          { label: '4', minPoints: 0 },
          { label: '3', minPoints: 5 },
          { label: '2', minPoints: 10 },
          { label: '1', minPoints: 15 },
        ],
      },
    ],
    decay: { ratePercent: 5, intervalDays: 30 },
    recency: [
      { withinHours: 24, multiplier: 2 },
      { withinHours: 168, multiplier: 1.5 },
      { withinHours: 720, multiplier: 1 },
      { multiplier: 0.5 },
    ],
    stages: presetStages(),
    scoreSets: [
      { key: 'email', name: 'Email', dimension: 'engagement', rules: emailRules() },
      { key: 'website', name: 'Website', dimension: 'engagement', rules: websiteRules() },
      { key: 'intent', name: 'Buying intent', dimension: 'intent', rules: intentRules() },
      { key: 'bad_signals', name: 'Bad signals', rules: badSignalRules() },
      { key: 'company', name: 'Company', dimension: 'fit', rules: companyRules() },
      { key: 'person', name: 'Role and place', dimension: 'fit', rules: [roleRule(), placeRule()] },
    ],
  };
}

function emailRules(): RuleDefinition[] {
  return [
    actionRule('email_opened', 'Opened an email', 5),
    actionRule('clicked_link', 'Clicked a link', 10, { repeat: { multiplier: 1.5, withinDays: 30 } }),
    actionRule('downloaded_resource', 'Downloaded a resource', 15, {
      pointsBy: {
        property: 'resource',
        cases: [
          { operator: 'EQUALS', value: 'whitepaper', points: 20 },
          { operator: 'EQUALS', value: 'case_study', points: 15 },
          { operator: 'EQUALS', value: 'ebook', points: 10 },
        ],
      },
    }),
    actionRule('replied_to_email', 'Replied to an email', 20),
    actionRule('forwarded_email', 'Forwarded an email', 12),
  ];
}

function websiteRules(): RuleDefinition[] {
  return [
    actionRule('visited_features_page', 'Visited the features page', 10),
    actionRule('time_on_site', 'Spent over 5 minutes on the site', 5, {
      where: [{ property: 'minutes', operator: 'GT', value: 5 }],
      pointsBy: { property: 'minutes', cases: [{ operator: 'GT', value: 15, points: 10 }] },
    }),
  ];
}

function intentRules(): RuleDefinition[] {
  return [
    actionRule('clicked_pricing_page', 'Clicked through to the pricing page', 25),
    actionRule('visited_pricing_page', 'Visited the pricing page', 20),
    actionRule('watched_demo_video', 'Watched the demo video', 30, {
      where: [{ property: 'percent', operator: 'GTE', value: 75 }],
    }),
    actionRule('requested_demo', 'Requested a demo', 60),
    actionRule('started_trial', 'Started a trial', 50),
    actionRule('added_to_cart', 'Added to the cart', 40),
  ];
}

function badSignalRules(): RuleDefinition[] {
  return [
    actionRule('unsubscribed', 'Unsubscribed', -100, { setScoreTo: 0 }),
    actionRule('marked_spam', 'Marked an email as spam', -50),
    actionRule('email_bounced_hard', 'Email bounced for good', -25, { setScoreTo: 0 }),
    actionRule('email_bounced_soft', 'Email bounced for now', -5),
    idleRule(90, -30),
    idleRule(180, -50),
  ];
}

function companyRules(): RuleDefinition[] {
  return [
    tableRule('company_size', 'Company size', 'companySize', [
      row('BETWEEN', [1, 10], 0),
      row('BETWEEN', [11, 50], 5),
      row('BETWEEN', [51, 200], 10),
      row('BETWEEN', [201, 1_000], 15),
      row('GT', 1_000, 20),
    ]),
    tableRule('industry', 'Industry', 'industry', [
      row('EQUALS', 'saas', 20),
      row('IN', ['technology', 'ecommerce'], 15),
      row('IN', ['healthcare', 'finance'], 10),
    ]),
    tableRule('revenue', 'Annual revenue', 'annualRevenue', [
      row('GTE', 50_000_000, 20),
      row('GTE', 10_000_000, 15),
      row('GTE', 1_000_000, 10),
    ]),
  ];
}

function roleRule(): RuleDefinition {
  return tableRule('role', 'Role', 'jobTitle', [
    row('MATCHES_WORD', ['ceo', 'cto'], 25),
    row('MATCHES_WORD', ['vp', 'vice_president'], 20),
    row('MATCHES_WORD', ['director', 'head_of'], 15),
    row('MATCHES_WORD', 'manager', 10),
    row('MATCHES_WORD', ['lead', 'senior'], 8),
    row('MATCHES_WORD', 'analyst', 5),
    row('MATCHES_WORD', ['specialist', 'coordinator'], 3),
  ]);
}

function placeRule(): RuleDefinition {
  return tableRule('place', 'Place', 'country', [
    row('IN', CORE_COUNTRIES, 10),
    row('IN', WESTERN_EUROPE, 5),
  ]);
}
