/** What a key or a token may be used for. */
export const ROLES = ['ADMIN', 'MARKETER', 'SALES', 'INGEST', 'VIEWER'] as const;
export type Role = (typeof ROLES)[number];

/** True when `value` is the name of a role, in capitals. */
export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

/**
 * The one table of who may do what. Root resolvers ask it (`requireRole(viewer, ...ROLES_THAT_MAY.readContacts)`); what hangs
 * below a root field is open to whoever may ask for that field.
 */
export const ROLES_THAT_MAY = {
  /** Contacts, scores, history, timelines, lists, the feed and subscriptions; reports about them. */
  readContacts: ['ADMIN', 'MARKETER', 'SALES', 'VIEWER'],
  /** Models, their versions and drafts, the log of their changes, and jobs. */
  readModels: ['ADMIN', 'MARKETER', 'SALES', 'VIEWER'],
  /** Sales representatives. */
  readSalesReps: ['ADMIN', 'MARKETER', 'SALES', 'VIEWER'],
  /** recordAction(s), recordLeadFeedback, upsertContact(s). */
  record: ['ADMIN', 'MARKETER', 'SALES', 'INGEST'],
  /** createImport, and uploads of files. */
  importFiles: ['ADMIN', 'MARKETER', 'INGEST'],
  /** Files of contacts. */
  exportContacts: ['ADMIN', 'MARKETER'],
  /** changeListMembers. */
  changeLists: ['ADMIN', 'MARKETER', 'INGEST'],
  /** adjustScore. */
  adjustScores: ['ADMIN', 'MARKETER', 'SALES', 'INGEST'],
  /** Everything that changes a model or its draft, publishes or activates a version; setConversions, experiments. */
  changeModels: ['ADMIN', 'MARKETER'],
  /** setContactOwner. */
  assignContacts: ['ADMIN', 'MARKETER', 'SALES'],
  /** createSalesRep, updateSalesRep, upsertSalesRep. */
  changeSalesReps: ['ADMIN', 'MARKETER'],
  /** createSegment, updateSegment, deleteSegment. */
  changeSegments: ['ADMIN', 'MARKETER'],
  /** bulkUpdateContacts, resumeBulkAction. */
  bulkUpdate: ['ADMIN', 'MARKETER'],
  /** Merges and what would be one, retractAction, amendAction. */
  correctContacts: ['ADMIN', 'MARKETER'],
  /** deleteContact, and everything about one person at once. */
  eraseContacts: ['ADMIN'],
  /** apiKeys, createApiKey, revokeApiKey. */
  manageKeys: ['ADMIN'],
} as const satisfies Record<string, readonly Role[]>;
