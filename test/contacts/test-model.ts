import type { ModelDefinition } from '../../src/scoring/model-definition.js';

/** Two dimensions with labels: `open` 5 and `click` 10 for 30 days, job title and company size for ever. */
export function testModel(key: string): ModelDefinition {
  return {
    key,
    name: `Model ${key}`,
    dimensions: [
      {
        key: 'engagement',
        name: 'Engagement',
        maxPoints: 60,
        labels: [
          { label: '2', minPoints: 0 },
          { label: '1', minPoints: 20 },
        ],
      },
      {
        key: 'fit',
        name: 'Fit',
        maxPoints: 40,
        labels: [
          { label: 'B', minPoints: 0 },
          { label: 'A', minPoints: 15 },
        ],
      },
    ],
    stages: [
      { key: 'cold', name: 'Cold', minScore: 0 },
      { key: 'warm', name: 'Warm', minScore: 15 },
      { key: 'hot', name: 'Hot', minScore: 40, hot: true },
    ],
    scoreSets: [
      {
        key: 'behaviour',
        dimension: 'engagement',
        rules: [
          { key: 'open', name: 'Opened', action: { actionType: 'open', points: 5, expiresAfterDays: 30 } },
          { key: 'click', name: 'Clicked', action: { actionType: 'click', points: 10 } },
        ],
      },
      {
        key: 'person',
        dimension: 'fit',
        rules: [
          {
            key: 'title',
            name: 'Decision maker',
            criteria: {
              when: { attribute: { attribute: 'jobTitle', operator: 'MATCHES_WORD', value: ['cto', 'ceo'] } },
              points: 20,
            },
          },
        ],
      },
    ],
  };
}
