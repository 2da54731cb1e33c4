import type { StandardAttribute } from '../store/standard-attributes.js';
import type { ImportKind } from './import-request.js';
import { CUSTOM_PART, type ImportTarget, parseTarget } from './import-target.js';

/** Columns that a file of refused rows has beside its own. */
export const FAULT_COLUMNS = { row: 'import_row', fault: 'import_fault' } as const;

/** The id of a contact in our own exports. */
export const EXPORT_ID_COLUMN = 'leadpulseId';

/** Names of columns without case, spaces and signs, the usual ones first: of two columns the earlier in this order wins. */
const KEYS: Record<string, readonly string[]> = {
  id: ['leadpulseid'],
  externalId: [
    'externalid',
    'customerid',
    'contactid',
    'userid',
    'leadid',
    'personid',
    'crmid',
    'clientid',
    'memberid',
    'subscriberid',
    'prospectid',
    'recordid',
    'leadnumber',
    'customernumber',
  ],
  email: [
    'email',
    'emailaddress',
    'mail',
    'emailid',
    'workemail',
    'businessemail',
    'primaryemail',
    'contactemail',
    'workemailaddress',
    'businessemailaddress',
    'mailaddress',
    'useremail',
    'customeremail',
  ],
  anonymousId: ['anonymousid', 'visitorid', 'cookieid', 'deviceid', 'browserid'],
  contact: ['contact'],
};

const STANDARD: Partial<Record<StandardAttribute, readonly string[]>> = {
  firstName: ['firstname', 'givenname', 'forename', 'fname', 'first'],
  lastName: ['lastname', 'surname', 'familyname', 'lname', 'last'],
  jobTitle: ['jobtitle', 'title', 'position', 'jobposition', 'jobrole', 'role', 'job'],
  company: [
    'company',
    'companyname',
    'organization',
    'organisation',
    'organizationname',
    'account',
    'accountname',
    'employer',
  ],
  companySize: [
    'companysize',
    'employees',
    'numberofemployees',
    'employeecount',
    'numemployees',
    'noofemployees',
    'headcount',
  ],
  industry: ['industry', 'sector', 'vertical'],
  annualRevenue: ['annualrevenue', 'revenue', 'turnover', 'companyrevenue'],
  country: ['country', 'countrycode', 'countryregion'],
};

const OF_CONTACTS: Record<string, readonly string[]> = {
  ...STANDARD,
  attributes: ['attributes'],
  occurredAt: ['occurredat', 'updatedat', 'lastmodified', 'lastmodifieddate', 'modifiedat', 'lastupdated'],
};

const OF_ACTIONS: Record<string, readonly string[]> = {
  type: [
    'type',
    'actiontype',
    'eventtype',
    'eventname',
    'action',
    'event',
    'activitytype',
    'activity',
    'interactiontype',
    'interaction',
  ],
  occurredAt: [
    'occurredat',
    'timestamp',
    'time',
    'datetime',
    'eventtime',
    'date',
    'eventdate',
    'activitydate',
    'createdat',
    'ts',
    'at',
  ],
  idempotencyKey: ['idempotencykey', 'eventid', 'actionid', 'messageid', 'activityid', 'interactionid'],
  properties: ['properties'],
};

/** What our own exports have beside the profile: it is computed, and goes nowhere when such a file is imported. */
const COMPUTED = /^(?:score|stage|label|dimension\..*|lastActivityAt|scoreAsOf|owner|createdAt)$/;

/** Whether a file with these columns is one of our own exports. */
export function isOwnExport(columns: readonly string[]): boolean {
  return columns.includes(EXPORT_ID_COLUMN);
}

/** Whether a column of our own exports is computed. */
export function isComputed(column: string): boolean {
  return COMPUTED.test(column);
}

/** A place that a column's name suggests; the lower the rank, the more usual the name. */
export interface Guess {
  target: ImportTarget;
  rank: number;
}

const NAMES: Record<ImportKind, ReadonlyMap<string, Guess>> = {
  CONTACTS: guesses('CONTACTS', { ...KEYS, ...OF_CONTACTS }),
  ACTIONS: guesses('ACTIONS', { ...KEYS, ...OF_ACTIONS }),
};

function guesses(kind: ImportKind, names: Record<string, readonly string[]>): ReadonlyMap<string, Guess> {
  const found = new Map<string, Guess>();
  for (const [text, known] of Object.entries(names)) {
    const target = parseTarget(text, kind);
    if (!target) throw new Error(`there is no target ${text}`);
    known.forEach((name, rank) => {
      found.set(name, { target, rank });
    });
  }
  return found;
}

/**
 * The place that a column's name suggests, or null. A column `id` of contacts is taken for their id elsewhere, one of
 * actions for the action's own.
 */
export function guessTarget(column: string, kind: ImportKind): Guess | null {
  const name = plainName(column);
  if (name === plainName(FAULT_COLUMNS.row) || name === plainName(FAULT_COLUMNS.fault)) {
    return { target: { to: 'nowhere' }, rank: 0 };
  }
  if (column.trim().startsWith(`${CUSTOM_PART[kind]}.`)) {
    const target = parseTarget(column, kind);
    return target && { target, rank: 0 };
  }
  if (name === 'id') {
    const target: ImportTarget =
      kind === 'CONTACTS' ? { to: 'key', key: 'externalId' } : { to: 'idempotencyKey' };
    return { target, rank: 1_000 };
  }
  return NAMES[kind].get(name) ?? null;
}

/** `E-Mail Address` and `email_address` are the same name. */
function plainName(column: string): string {
  return column.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
