import { Ctx, Field, ID, ObjectType } from 'type-graphql';
import type { SegmentChangeRow } from '../../segments/segment-changes.js';
import { ContactType } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';
import { registerEnum } from '../enums.js';
import { contactOfChange } from '../live/change-contact.js';
import { createConnectionClass } from '../pagination.js';
import { DateTimeScalar } from '../scalars.js';
import { SegmentType, segmentOf } from './segment-type.js';

const SEGMENT_MOVES = ['ENTERED', 'LEFT'] as const;
type SegmentMove = (typeof SEGMENT_MOVES)[number];

const SegmentMoveEnum = registerEnum<SegmentMove>('SegmentMove', SEGMENT_MOVES, 'Which way a contact went.', {
  ENTERED: 'It belongs to the segment from then on.',
  LEFT: 'It no longer does: it changed, was merged into another contact or erased, or the filter changed.',
});

/** A contact entered or left a segment. */
@ObjectType('SegmentChange', {
  description:
    'A contact entered or left a segment. Changes are gapless and in order per tenant; `cursor` resumes after this one.',
})
export class SegmentChangeType {
  readonly #row: SegmentChangeRow;

  @Field(() => String, {
    simple: true,
    description:
      'Its place, for `after` of segmentChanged and segmentChanges. Not a cursor of score changes.',
  })
  readonly cursor: string;

  constructor(row: SegmentChangeRow, cursor: string) {
    this.#row = row;
    this.cursor = cursor;
  }

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was noticed.' })
  get at(): Date {
    return new Date(this.#row.atMs);
  }

  @Field(() => SegmentMoveEnum, { simple: true, description: 'Which way the contact went.' })
  get move(): SegmentMove {
    return this.#row.entered ? 'ENTERED' : 'LEFT';
  }

  @Field(() => ID, { simple: true, description: 'Id of the segment, also when it was deleted.' })
  get segmentId(): string {
    return this.#row.segmentId;
  }

  @Field(() => SegmentType, {
    nullable: true,
    description: 'The segment as it is now; null once it was deleted.',
  })
  async segment(@Ctx() { loaders }: ApiContext): Promise<SegmentType | null> {
    const row = await loaders.segmentById.load(this.#row.segmentId);
    return row && segmentOf(row);
  }

  @Field(() => ID, { simple: true, description: 'Id of the contact, also when it is gone.' })
  get contactId(): string {
    return this.#row.contactId;
  }

  @Field(() => ContactType, {
    nullable: true,
    description:
      'The contact as it stands now, or the one it was merged into; null once the person was erased.',
  })
  contact(@Ctx() context: ApiContext): Promise<ContactType | null> {
    return contactOfChange(context, this.#row.contactId);
  }
}

/** A page of segment changes. */
@ObjectType('SegmentChangeConnection', { description: 'A page of segment changes.' })
export class SegmentChangeConnection extends createConnectionClass(
  'SegmentChange',
  () => SegmentChangeType,
) {}

/** A change as the API shows it. */
export function segmentChangeOf({ services, viewer }: ApiContext, row: SegmentChangeRow): SegmentChangeType {
  return new SegmentChangeType(row, services.segmentFeed.cursor(viewer.tenantId, row.position));
}
