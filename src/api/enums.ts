import 'reflect-metadata';
import { registerEnumType } from 'type-graphql';
import { ROLES, type Role } from '../access/roles.js';
import { OPERATORS, type Operator, TABLE_MATCHES, type TableMatch } from '../scoring/model-definition.js';
import type { PresetName } from '../scoring/presets.js';
import { SCORE_LINE_KINDS, type ScoreLineKind } from '../scoring/score-line.js';
import { JOB_KINDS, JOB_STATES, type JobKind, type JobState } from '../store/jobs/job-row.js';

type EnumOf<T extends string> = { readonly [Value in T]: Value };

/**
 * Registers a GraphQL enum whose values are plain strings inside.
 * @param descriptions one per value, all of them: the schema is the manual.
 * @returns what to give to `@Field(() => ...)`.
 */
export function registerEnum<T extends string>(
  name: string,
  values: readonly T[],
  description: string,
  descriptions: Record<T, string>,
): EnumOf<T> {
  const enumOf = Object.fromEntries(values.map((value) => [value, value])) as EnumOf<T>;
  const valuesConfig = Object.fromEntries(
    values.map((value) => [value, { description: descriptions[value] }]),
  ) as Record<T, { description: string }>;
  registerEnumType(enumOf, { name, description, valuesConfig });
  return enumOf;
}

export const RoleEnum = registerEnum<Role>('Role', ROLES, 'What a key or a token may be used for.', {
  ADMIN: 'Everything, API keys included.',
  MARKETER:
    'Reads everything; changes models, lists and sales representatives, and records actions. No API keys.',
  SALES: 'Reads everything; records actions, adjusts scores and assigns contacts.',
  INGEST:
    'Writes only: actions, contacts, list members and adjustments. Sees of a contact what its own writes answer with.',
  VIEWER: 'Reads contacts, scores, models and the feed; changes nothing.',
});

export const OperatorEnum = registerEnum<Operator>(
  'Operator',
  OPERATORS,
  'What a condition asks of a value. Strings compare trimmed and without regard to case; on a list a positive operator holds when it holds for some element.',
  {
    EQUALS: 'The same: as numbers when both sides are numeric, otherwise as text.',
    NOT_EQUALS: 'Not EQUALS; also true when the value is missing.',
    IN: 'EQUALS one of the given list.',
    NOT_IN: 'Not IN; also true when the value is missing.',
    CONTAINS: 'Has the given text, or one of the given list, somewhere in it.',
    NOT_CONTAINS: 'Not CONTAINS; also true when the value is missing.',
    STARTS_WITH: 'Begins with the given text, or one of the given list.',
    ENDS_WITH: 'Ends with the given text, or one of the given list.',
    MATCHES_WORD:
      'Has the words of a given keyword next to each other: `cto` is not in `Director`, `head_of` is in `Head of Sales`.',
    GT: 'Greater than: numbers, or instants when both sides are ISO dates.',
    GTE: 'Greater than or equal.',
    LT: 'Less than.',
    LTE: 'Less than or equal.',
    BETWEEN: 'From the first to the second of the given list `[low, high]`, both included.',
    EXISTS: 'There is a value and it is not null; takes no value.',
    NOT_EXISTS: 'There is no value, or it is null; takes no value.',
  },
);

export const TableMatchEnum = registerEnum<TableMatch>(
  'TableMatch',
  TABLE_MATCHES,
  'Which rows of a table count.',
  {
    FIRST: 'The first row that holds.',
    HIGHEST: 'Of the rows that hold the one with most points.',
    SUM: 'All rows that hold, added up.',
  },
);

export const ModelPresetEnum = registerEnum<PresetName>(
  'ModelPreset',
  ['STARTER', 'ADVANCED', 'EXPIRING'],
  'Ready-made models to start from; each can be edited afterwards like any other.',
  {
    STARTER: 'A dozen rules for email behaviour, job title and company size; 5 % decay per 30 idle days.',
    ADVANCED:
      'Engagement 40, fit 40 and intent 20, with every behavioural, firmographic, role and place rule, recency and decay.',
    EXPIRING: 'Few signals, each worth points for six months.',
  },
);

export const ScoreLineKindEnum = registerEnum<ScoreLineKind>(
  'ScoreLineKind',
  SCORE_LINE_KINDS,
  'What a line of an explanation stands for.',
  {
    RULE: 'What one rule contributes.',
    ADJUSTMENT: 'Points given or taken by a person or an integrator.',
    CAP: 'What a cap on positive points takes away.',
    RESET: 'The offset left by the last action that set the score.',
    CLAMP: "What the bounds of a dimension or of the score, or the decay's floor, add or take away.",
    ROUNDING: 'What rounding down to a whole number takes away.',
  },
);

export const JobKindEnum = registerEnum<JobKind>('JobKind', JOB_KINDS, 'What a job does.', {
  RESCORE: 'Brings every contact to a newly published version of a model.',
  IMPORT: 'Records the rows of a file; see createImport.',
  BULK_ACTION: 'Does the same to many contacts; see bulkUpdateContacts.',
  PREVIEW: 'Computes what a change of a model would do to every contact, and writes no score.',
});

export const JobStateEnum = registerEnum<JobState>('JobState', JOB_STATES, 'How far a job is.', {
  QUEUED: 'Waits for a server process: to begin it, or to go on with it.',
  RUNNING: 'Under way.',
  DONE: 'Finished.',
  SUPERSEDED:
    'Given up because a newer version of the model was published, which has a job of its own, or because the model was switched off.',
  CANCELLED: 'Ended by cancelJob; what was done until then stays.',
  FAILED: 'Ended by an error that it could not get over; `error` says which.',
});

/** What to do when an identity belongs to another contact. */
export const IDENTITY_CONFLICTS = ['REJECT', 'MERGE'] as const;
export type IdentityConflict = (typeof IDENTITY_CONFLICTS)[number];

export const IdentityConflictEnum = registerEnum<IdentityConflict>(
  'IdentityConflict',
  IDENTITY_CONFLICTS,
  'What to do when a given email, externalId or anonymousId belongs to another contact.',
  {
    REJECT: 'Refuse with CONFLICT and change nothing.',
    MERGE: 'Merge the two contacts into one: their timelines are united, and both sets of keys lead to it.',
  },
);

/** What became of one item of a bulk mutation. */
export const RECORD_STATUSES = ['RECORDED', 'DUPLICATE', 'REJECTED'] as const;
export type RecordStatus = (typeof RECORD_STATUSES)[number];

export const RecordStatusEnum = registerEnum<RecordStatus>(
  'RecordStatus',
  RECORD_STATUSES,
  'What became of one item of a bulk mutation.',
  {
    RECORDED: 'Recorded now.',
    DUPLICATE: 'Recorded before under the same idempotency key; counted once.',
    REJECTED: 'Refused; see `rejected` for the reason.',
  },
);

/** Which way a list is ordered. */
export const DIRECTIONS = ['ASC', 'DESC'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const DirectionEnum = registerEnum<Direction>(
  'Direction',
  DIRECTIONS,
  'Which way a list is ordered.',
  {
    ASC: 'The lowest first.',
    DESC: 'The highest first.',
  },
);
