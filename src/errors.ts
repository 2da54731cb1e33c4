/** The codes a client can meet in `extensions.code`; everything unexpected is INTERNAL. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'IDEMPOTENCY_MISMATCH'
  | 'CURSOR_EXPIRED'
  | 'RATE_LIMITED'
  | 'TOO_COMPLEX'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'PERSISTED_QUERY_NOT_SUPPORTED'
  | 'PERSISTED_QUERY_NOT_IN_LIST'
  | 'UNAVAILABLE';

/** One fault of an input: where it is (`scoreSets.0.rules.2.key`) and what is wrong. */
export interface FieldFault {
  path: string;
  message: string;
}

/** What rides along in `extensions` beside the code. */
export interface ErrorDetails {
  fields?: FieldFault[];
  currentVersion?: number;
  /** Revision of the model's draft; 0 when there is none. */
  currentDraft?: number;
}

/** A fault that the caller caused or can act on; its message is shown to the caller as it is. */
export class LeadpulseError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'LeadpulseError';
    this.code = code;
    this.details = details;
  }
}

/**
 * BAD_USER_INPUT with the path of each fault.
 * @param fields at least one fault; the first is also the message.
 */
export function badInput(fields: FieldFault[]): LeadpulseError {
  const first = fields[0];
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  const message = first ? `${first.path}: ${first.message}${more}` : 'The input is not valid.';
  return new LeadpulseError('BAD_USER_INPUT', message, { fields });
}
