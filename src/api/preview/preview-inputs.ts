import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { JobType } from '../models/job-type.js';
import { ModelChange } from '../models/model-inputs.js';

@InputType({ description: 'A preview to be made in the background.' })
export class StartModelPreviewInput {
  @Field(() => ID, { description: 'The model.' })
  id!: string;

  @Field(() => [ModelChange], {
    nullable: true,
    description: 'The changes, in order; at least one unless it is the draft that is previewed.',
  })
  changes?: ModelChange[] | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'True to preview the stored draft, with the changes on top.',
  })
  draft?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How many contacts to look at, evenly spread over all of them; every one when absent.',
  })
  sample?: number | null;
}

@ObjectType({ description: 'The preview that was begun.' })
export class StartModelPreviewPayload {
  @Field(() => JobType, {
    simple: true,
    description: 'The job; its `preview` is there when it is DONE, `jobProgress` tells how far it is.',
  })
  job!: JobType;
}
