import { Ctx, Field, ID, Int, ObjectType } from 'type-graphql';
import type { ContactCount } from '../../contacts/count-contacts.js';
import { encodeFilter } from '../../contacts/saved-filter.js';
import type { JsonObject } from '../../scoring/json-value.js';
import type { SegmentRow } from '../../segments/segment-row.js';
import type { ApiContext } from '../context.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';

/** A saved filter of contacts. Its fields `contacts` and `fault` are in `SegmentFieldsResolver`. */
@ObjectType('Segment', { description: 'A saved filter: whoever it holds for belongs to the segment.' })
export class SegmentType {
  row!: SegmentRow;

  @Field(() => ID, { description: 'Id of the segment.' })
  id(): string {
    return this.row.id;
  }

  @Field(() => String, { description: 'Its key, unique in the tenant.' })
  key(): string {
    return this.row.key;
  }

  @Field(() => String, { description: 'What people call it.' })
  name(): string {
    return this.row.name;
  }

  @Field(() => JsonScalar, { description: 'Who belongs to it, in the shape of a ContactFilter.' })
  filter(): JsonObject {
    return encodeFilter(this.row.filter);
  }

  @Field(() => Int, {
    description:
      'How many contacts belong to it now; counted when asked for, for 2 seconds at most, and estimated from then on (countIsExact is false then). 0 when the filter can no longer be asked: see fault.',
  })
  async count(@Ctx() context: ApiContext): Promise<number> {
    return (await countOf(this.row, context)).count;
  }

  @Field(() => Boolean, {
    description: 'False when counting would have taken too long, so that count is an estimate.',
  })
  async countIsExact(@Ctx() context: ApiContext): Promise<boolean> {
    return (await countOf(this.row, context)).exact;
  }

  @Field(() => Boolean, {
    description:
      'False while its members are gathered in the background after it was made, or after its filter was changed: segmentChanged does not tell of all of them yet. Filters and counts are right at once.',
  })
  gathered(): boolean {
    return this.row.filled && this.row.sweep === null;
  }

  @Field(() => String, { description: 'Who made it: the name of the key, or the subject of the token.' })
  createdBy(): string {
    return this.row.createdBy;
  }

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt(): Date {
    return new Date(this.row.createdAtMs);
  }

  @Field(() => String, { description: 'Who changed it last.' })
  changedBy(): string {
    return this.row.changedBy;
  }

  @Field(() => DateTimeScalar, { description: 'When it was changed last.' })
  changedAt(): Date {
    return new Date(this.row.changedAtMs);
  }
}

/** The segment as the API shows it. */
export function segmentOf(row: SegmentRow): SegmentType {
  return Object.assign(new SegmentType(), { row });
}

function countOf({ id }: SegmentRow, { loaders }: ApiContext): Promise<ContactCount> {
  return loaders.countOfSegment.load(id);
}

@ObjectType({ description: 'The segment as it is now.' })
export class CreateSegmentPayload {
  @Field(() => SegmentType, { simple: true, description: 'The segment.' })
  segment!: SegmentType;
}

@ObjectType({ description: 'The segment as it is now.' })
export class UpdateSegmentPayload {
  @Field(() => SegmentType, { simple: true, description: 'The segment.' })
  segment!: SegmentType;
}

@ObjectType({ description: 'What was deleted.' })
export class DeleteSegmentPayload {
  @Field(() => ID, { simple: true, description: 'Id of the segment that was.' })
  id!: string;

  @Field(() => String, { simple: true, description: 'Its key, which is free again.' })
  key!: string;
}
