import type { ModelDefinition, RuleDefinition } from './model-definition.js';
import { actionRule, presetStages } from './preset-parts.js';

/** Six months. */
const EXPIRES_AFTER_DAYS = 180;

/** Every interest counts for six months and then is gone; only becoming a customer counts for ever. */
export function expiringPreset(key: string, name: string): ModelDefinition {
  return {
    key,
    name,
    description: 'Interest counts for six months, being a customer for ever.',
    minScore: 0,
    maxScore: 100,
    dimensions: [{ key: 'engagement', name: 'Engagement', minPoints: 0, maxPoints: 100 }],
    stages: presetStages(),
    scoreSets: [
      {
        key: 'email',
        name: 'Email',
        dimension: 'engagement',
        rules: [
          expiring('email_opened', 'Opened an email', 1),
          expiring('clicked_link', 'Clicked a link', 5),
          expiring('replied_to_email', 'Answered an email', 10),
        ],
      },
      {
        key: 'website',
        name: 'Website',
        dimension: 'engagement',
        rules: [
          expiring('visited_sales_page', 'Visited the sales page', 20),
          expiring('visited_checkout_page', 'Visited the checkout page', 20),
        ],
      },
      {
        key: 'customer',
        name: 'Customer',
        dimension: 'engagement',
        rules: [actionRule('became_customer', 'Became a customer', 100)],
      },
    ],
  };
}

function expiring(actionType: string, name: string, points: number): RuleDefinition {
  return actionRule(actionType, name, points, { expiresAfterDays: EXPIRES_AFTER_DAYS });
}
