import { Field, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../scalars.js';

@ObjectType('AnalyticsCoverage', {
  description:
    'How much of what is recorded the reports are counted from. What they count is derived from every contact in the background: usually within seconds after an entry, and anew for all contacts after a model, what counts as a conversion, or a great deal of data at once has changed. Show it beside the figures.',
})
export class AnalyticsCoverageType {
  @Field(() => Boolean, {
    simple: true,
    description:
      'False while contacts are still derived anew: figures miss some of them, or count them as they were before, so do not act on them yet. True when all are derived under the present models and settings.',
  })
  complete!: boolean;

  @Field(() => Int, {
    simple: true,
    description: 'Contacts of the tenant that are derived; the filter does not matter.',
  })
  contactsDone!: number;

  @Field(() => Int, {
    simple: true,
    description:
      'Of so many, as counted when deriving all of them last began; done / total says how far it is. Equal to contactsDone when complete.',
  })
  contactsTotal!: number;

  @Field(() => DateTimeScalar, {
    simple: true,
    description:
      'When complete, figures contain every entry that was recorded before this, late ones included; now when nothing waits. To see something just recorded in a report, ask again until this is later.',
  })
  upTo!: number;
}
