import { Field, Int, ObjectType } from 'type-graphql';
import type { DerivedContacts, FactCoverage } from '../../analytics/facts/fact-coverage.js';
import { DateTimeScalar } from '../scalars.js';

@ObjectType('AnalyticsCoverage', {
  description:
    'How much of what is recorded the reports are counted from. What they count is derived from every contact in the background: usually within seconds after an entry, and anew for all contacts after a model, what counts as a conversion, or a great deal of data at once has changed. Show it beside the figures.',
})
export class AnalyticsCoverageType {
  readonly #coverage: FactCoverage;
  #contacts: Promise<DerivedContacts> | undefined;

  constructor(coverage: FactCoverage) {
    this.#coverage = coverage;
  }

  @Field(() => Boolean, {
    description:
      'False while contacts are still derived anew: figures miss some of them, or count them as they were before, so do not act on them yet. True when all are derived under the present models and settings.',
  })
  complete(): boolean {
    return this.#coverage.complete;
  }

  @Field(() => Int, {
    description: 'Contacts of the tenant that are derived; the filter does not matter.',
  })
  async contactsDone(): Promise<number> {
    return (await this.#counted()).done;
  }

  @Field(() => Int, {
    description:
      'Of so many; while all are derived anew, as counted when that began. done / total says how far it is. Equal to contactsDone when complete.',
  })
  async contactsTotal(): Promise<number> {
    return (await this.#counted()).total;
  }

  @Field(() => DateTimeScalar, {
    description:
      'When complete, figures contain every entry that was recorded before this, late ones included; now when nothing waits. To see something just recorded in a report, ask again until this is later.',
  })
  upTo(): Date {
    return new Date(this.#coverage.upToMs);
  }

  #counted(): Promise<DerivedContacts> {
    this.#contacts ??= this.#coverage.contacts();
    return this.#contacts;
  }
}
