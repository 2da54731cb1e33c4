/** Why contacts are taken for one person. */
export const DUPLICATE_REASONS = ['SAME_MAILBOX', 'SAME_NAME_AND_COMPANY'] as const;
export type DuplicateReason = (typeof DUPLICATE_REASONS)[number];

/** What contacts of one group have in common, as SQL over `contacts`. */
export interface DuplicateKey {
  /** What an index orders by; null for contacts that belong to no group, unless `where` says so. */
  key: string;
  /** What they have in common beside it. */
  also: string;
  /** Whom it can hold for. */
  where: string;
}

export const DUPLICATE_KEYS: Record<DuplicateReason, DuplicateKey> = {
  SAME_MAILBOX: { key: 'email_base', also: `''`, where: 'TRUE' },
  SAME_NAME_AND_COMPANY: {
    key: 'sort_name',
    also: `lower(btrim(company))`,
    where: `company IS NOT NULL AND (first_name IS NOT NULL OR last_name IS NOT NULL)`,
  },
};
