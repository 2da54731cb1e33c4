/** The action types that random models and timelines speak of. */
export const ACTION_TYPES = ['email_opened', 'email_clicked', 'email_bounced', 'page', 'form'] as const;

/** Attributes and attribute paths, among them one that two different attributes can answer. */
export const ATTRIBUTE_PATHS = ['jobTitle', 'companySize', 'answers.budget', 'tags'] as const;

export const PROPERTY_PATHS = ['url', 'minutes', 'answers.budget'] as const;

export const LIST_KEYS = ['customers', 'webinar'] as const;

/** Operands and values that meet each other often. */
export const VALUES = {
  scalars: [5, '5', 'CTO', ' cto ', true, 'true', ''],
  needles: ['cto', 'head_of', '5', 'e'],
  ordered: [5, 50, '20', '2026-01-02', '2026-01-02T12:00:00Z'],
} as const;
