import { Field, ID, InputType } from 'type-graphql';
import type { ContactFilter as ContactFilterParts } from '../../store/contact-filter.js';
import { ContactFilter } from '../contacts/contact-filter-input.js';

const KEY =
  'Names the segment: 1 to 64 letters, digits, dots, dashes or underscores. CONFLICT when another one has it.';
const FILTER =
  'Who belongs to it. It may name other segments by segmentId, though not itself, directly or through them.';

@InputType({ description: 'A segment to be made.' })
export class CreateSegmentInput {
  @Field(() => String, { description: KEY })
  key!: string;

  @Field(() => String, { description: 'What people call it, at most 200 characters.' })
  name!: string;

  @Field(() => ContactFilter, { description: FILTER })
  filter!: ContactFilterParts;
}

@InputType({ description: 'What is to change about a segment; what is left out stays.' })
export class UpdateSegmentInput {
  @Field(() => ID, { description: 'Id of the segment.' })
  id!: string;

  @Field(() => String, { nullable: true, description: KEY })
  key?: string | null;

  @Field(() => String, { nullable: true, description: 'What people call it, at most 200 characters.' })
  name?: string | null;

  @Field(() => ContactFilter, { nullable: true, description: FILTER })
  filter?: ContactFilterParts | null;
}

@InputType({ description: 'A segment to be deleted.' })
export class DeleteSegmentInput {
  @Field(() => ID, { description: 'Id of the segment.' })
  id!: string;
}
