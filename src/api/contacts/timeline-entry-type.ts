import { Field, Float, ID, ObjectType } from 'type-graphql';
import {
  decodeTimelineCursor,
  encodeTimelineCursor,
  type RecordedEntry,
} from '../../contacts/timeline-reading.js';
import type { JsonObject, JsonValue } from '../../scoring/json-value.js';
import type { ApiContext } from '../context.js';
import { registerEnum } from '../enums.js';
import { checkPage, connectionOf, createConnectionClass, type ForwardPageArgs } from '../pagination.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';

/** What an entry of a timeline is. */
const TIMELINE_ENTRY_KINDS = ['ACTION', 'PROFILE', 'LIST', 'ADJUSTMENT'] as const;
type TimelineEntryKind = (typeof TIMELINE_ENTRY_KINDS)[number];

const TimelineEntryKindEnum = registerEnum<TimelineEntryKind>(
  'TimelineEntryKind',
  TIMELINE_ENTRY_KINDS,
  'What an entry of a timeline is.',
  {
    ACTION: 'Something the contact did, or that happened to it: `type` and `properties`.',
    PROFILE: 'Attributes that became true: `set`.',
    LIST: 'A list joined or left: `list` and `joined`.',
    ADJUSTMENT: 'Points given or taken by a person or an integrator: `points`, `reason`, `expiresAfterDays`.',
  },
);

/** One entry of a contact's timeline. */
@ObjectType('TimelineEntry', {
  description:
    "One entry of a contact's timeline; which fields it has depends on its kind, the others are null.",
})
export class TimelineEntryType {
  @Field(() => ID, { simple: true, description: 'Id of the entry.' })
  id!: string;

  @Field(() => TimelineEntryKindEnum, { simple: true, description: 'What it is.' })
  kind!: TimelineEntryKind;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'ACTION: what was done, such as `email_opened`.',
  })
  type!: string | null;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it happened or became true.' })
  occurredAt!: Date;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was recorded.' })
  recordedAt!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description:
      'When it was last amended; null for an entry that is as it was recorded. See Contact.corrections.',
  })
  amendedAt!: Date | null;

  @Field(() => JsonScalar, {
    nullable: true,
    simple: true,
    description: 'ACTION: its properties, a JSON object.',
  })
  properties!: JsonObject | null;

  @Field(() => JsonScalar, {
    nullable: true,
    simple: true,
    description: 'PROFILE: the attributes set, a JSON object; null stands for one that was removed.',
  })
  set!: Record<string, JsonValue | null> | null;

  @Field(() => String, { nullable: true, simple: true, description: 'LIST: key of the list.' })
  list!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    simple: true,
    description: 'LIST: true for joined, false for left.',
  })
  joined!: boolean | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'ADJUSTMENT: points, negative when taken off.',
  })
  points!: number | null;

  @Field(() => String, { nullable: true, simple: true, description: 'ADJUSTMENT: why.' })
  reason!: string | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'ADJUSTMENT: for how many days of 24 h it counts; null for ever.',
  })
  expiresAfterDays!: number | null;
}

/** A page of a timeline. */
@ObjectType('TimelineConnection', { description: "A page of a contact's timeline, the newest entry first." })
export class TimelineConnection extends createConnectionClass('TimelineEntry', () => TimelineEntryType) {}

/**
 * A page of a contact's timeline, the newest entry first.
 * @throws LeadpulseError BAD_USER_INPUT for page arguments and for a cursor of another timeline.
 */
export async function timelinePage(
  { loaders }: ApiContext,
  contactId: string,
  args: ForwardPageArgs,
): Promise<TimelineConnection> {
  const request = checkPage(args);
  const before = request.after === null ? null : decodeTimelineCursor(contactId, request.after);
  const entries = await loaders.timelineStretch.load({ contactId, before, limit: request.count + 1 });
  const edges = entries.slice(0, request.count).map((entry) => ({
    cursor: encodeTimelineCursor(contactId, entry),
    node: timelineEntryOf(entry),
  }));
  return connectionOf(edges, request, entries.length > request.count);
}

function timelineEntryOf({ id, recordedAtMs, amendedAtMs, entry }: RecordedEntry): TimelineEntryType {
  const common = {
    ...NO_FIELDS,
    id,
    occurredAt: new Date(entry.atMs),
    recordedAt: new Date(recordedAtMs),
    amendedAt: amendedAtMs === null ? null : new Date(amendedAtMs),
  };
  switch (entry.kind) {
    case 'action':
      return { ...common, kind: 'ACTION', type: entry.type, properties: entry.properties };
    case 'profile':
      return { ...common, kind: 'PROFILE', set: entry.set };
    case 'list':
      return { ...common, kind: 'LIST', list: entry.list, joined: entry.joined };
    case 'adjustment': {
      const { points, reason, expiresAfterDays } = entry;
      return { ...common, kind: 'ADJUSTMENT', points, reason, expiresAfterDays: expiresAfterDays ?? null };
    }
  }
}

const NO_FIELDS = {
  type: null,
  properties: null,
  set: null,
  list: null,
  joined: null,
  points: null,
  reason: null,
  expiresAfterDays: null,
};
