import type { ModelDefinition } from './model-definition.js';
import { actionRule, DECISION_MAKER_TITLES, presetStages, row, tableRule } from './preset-parts.js';

/** A first model: email engagement, bad signals and a rough fit on one axis each, with slow decay. */
export function starterPreset(key: string, name: string): ModelDefinition {
  return {
    key,
    name,
    description: 'Email engagement and a rough fit; points fade when a lead goes quiet.',
    minScore: 0,
    maxScore: 100,
    dimensions: [
      { key: 'engagement', name: 'Engagement', minPoints: 0, maxPoints: 100 },
      { key: 'fit', name: 'Fit', minPoints: 0, maxPoints: 35 },
    ],
    decay: { ratePercent: 5, intervalDays: 30 },
    stages: presetStages(),
    scoreSets: [
      {
        key: 'email',
        name: 'Email engagement',
        dimension: 'engagement',
        rules: [
          actionRule('email_opened', 'Opened an email', 5),
          actionRule('clicked_link', 'Clicked a link', 10),
          actionRule('replied_to_email', 'Replied to an email', 15),
        ],
      },
      {
        key: 'bad_signals',
        name: 'Bad signals',
        rules: [
          actionRule('email_bounced*', 'Email bounced', -10, { key: 'email_bounced' }),
          actionRule('marked_spam', 'Marked an email as spam', -50),
          actionRule('unsubscribed', 'Unsubscribed', -100, { setScoreTo: 0 }),
        ],
      },
      {
        key: 'fit',
        name: 'Fit',
        dimension: 'fit',
        rules: [
          tableRule('decision_maker', 'Decision maker', 'jobTitle', [
            row('MATCHES_WORD', DECISION_MAKER_TITLES, 20),
          ]),
          tableRule('company_size', 'Company size', 'companySize', [
            row('BETWEEN', [51, 200], 10),
            row('GT', 200, 15),
          ]),
        ],
      },
    ],
  };
}
