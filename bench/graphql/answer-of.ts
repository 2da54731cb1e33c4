/** The input as it is sent, as far as the answer needs it. */
export interface SentInput {
  type: string;
  properties: unknown;
}

/** What the yardsticks answer with: as much as the product does. */
export function answerOf({ type, properties }: SentInput) {
  const now = new Date();
  return {
    action: {
      id: '0190a000-0000-7000-8000-000000000004',
      type,
      occurredAt: now,
      recordedAt: now,
      properties,
    },
    scores: [{ modelVersion: 1, total: 5, previousTotal: 0, label: null, asOf: now }],
    cursor: 'AVvGcrXE9xfbAAAAAAAAAAE',
    duplicate: false,
  };
}
