import { Field, ObjectType } from 'type-graphql';
import { ScoreChangeType } from './score-change-type.js';

/** Some changes of the feed, and where to go on. */
@ObjectType('ScoreFeedBatch', { description: 'Some changes of the feed, and where to go on.' })
export class ScoreFeedBatchType {
  @Field(() => [ScoreChangeType], {
    simple: true,
    description: 'Changes that pass the filter, in order; may be empty.',
  })
  changes!: ScoreChangeType[];

  @Field(() => String, {
    simple: true,
    description: 'Resumes after this batch. It moves on past changes that do not pass the filter.',
  })
  cursor!: string;

  @Field(() => Boolean, {
    simple: true,
    description: 'True when nothing further was known when the batch was made.',
  })
  caughtUp!: boolean;
}
