import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Experiment, ExperimentArm } from '../../analytics/experiments/experiment.js';
import type {
  ArmResults,
  ExperimentResults,
  ExperimentVerdict,
} from '../../analytics/experiments/experiment-results.js';
import { DateTimeScalar } from '../scalars.js';
import { ProportionType } from './proportion-type.js';
import { RateDifferenceType } from './rate-difference-type.js';

const Verdict: Record<ExperimentVerdict, ExperimentVerdict> = {
  TOO_FEW_LEADS: 'TOO_FEW_LEADS',
  NO_DIFFERENCE: 'NO_DIFFERENCE',
  FIRST_BETTER: 'FIRST_BETTER',
  SECOND_BETTER: 'SECOND_BETTER',
};
registerEnumType(Verdict, {
  name: 'ExperimentVerdict',
  description: 'What can be said of an experiment.',
  valuesConfig: {
    TOO_FEW_LEADS: {
      description:
        'An arm has fewer leads than leadsNeeded. Wait: whoever stops as soon as a difference shows finds one that is not there.',
    },
    NO_DIFFERENCE: { description: 'Enough leads, and the interval of the difference holds 0.' },
    FIRST_BETTER: { description: 'Enough leads, and the first arm converts more.' },
    SECOND_BETTER: { description: 'Enough leads, and the second arm converts more.' },
  },
});

@ObjectType('ExperimentArm', { description: 'One of the two ways that an experiment compares.' })
export class ExperimentArmType implements ExperimentArm {
  @Field(() => String, { simple: true, description: 'Its key within the experiment.' })
  key!: string;

  @Field(() => String, { simple: true, description: 'What people call it.' })
  name!: string;

  @Field(() => ID, { simple: true, description: 'Id of the model whose score decides.' })
  modelId!: string;

  @Field(() => Int, { simple: true, description: 'The total from which on a lead is handed to sales.' })
  threshold!: number;
}

@ObjectType('Experiment', {
  description:
    'Two models or thresholds, compared on a random split of the contacts: hand the leads of each arm to sales as its model and threshold say (Contact.experiments tells the arm), and see under analytics.experiment which arm converts more.',
})
export class ExperimentType {
  row!: Experiment;

  @Field(() => ID, { description: 'Id of the experiment.' })
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

  @Field(() => [ExperimentArmType], { description: 'The two arms.' })
  arms(): ExperimentArmType[] {
    return [...this.row.arms];
  }

  @Field(() => Float, { description: 'Of all contacts, how many are in the second arm.' })
  share(): number {
    return this.row.share;
  }

  @Field(() => Float, { description: 'The rate that was expected of the first arm.' })
  expectedRate(): number {
    return this.row.expectedRate;
  }

  @Field(() => Float, { description: 'The smallest lift that it is to find.' })
  liftToDetect(): number {
    return this.row.liftToDetect;
  }

  @Field(() => String, { description: 'Who started it: the name of the key, or the subject of the token.' })
  createdBy(): string {
    return this.row.createdBy;
  }

  @Field(() => DateTimeScalar, { description: 'When it began.' })
  startedAt(): Date {
    return new Date(this.row.startedAtMs);
  }

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was ended; null while it runs.' })
  endedAt(): Date | null {
    return this.row.endedAtMs === null ? null : new Date(this.row.endedAtMs);
  }
}

/** The experiment as the API shows it. */
export function experimentTypeOf(row: Experiment): ExperimentType {
  return Object.assign(new ExperimentType(), { row });
}

@ObjectType('ContactExperiment', {
  description: 'An experiment that runs, and the arm that a contact is in.',
})
export class ContactExperimentType {
  @Field(() => ExperimentType, { simple: true, description: 'The experiment.' })
  experiment!: ExperimentType;

  @Field(() => ExperimentArmType, {
    simple: true,
    description:
      'The arm: drawn at random from the ids of both, and the same for as long as they exist. Contacts that are merged are in the arm of the one that stays.',
  })
  arm!: ExperimentArmType;
}

@ObjectType('ExperimentArmResults', { description: 'How the leads of one arm fared.' })
export class ExperimentArmResultsType implements ArmResults {
  @Field(() => ExperimentArmType, { simple: true, description: 'The arm.' })
  arm!: ExperimentArmType;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of all leads in the arm that had no outcome when the experiment began, those that converted. This is what the arms are compared by: it counts whoever was drawn, whether or not they reached the threshold, so that nothing but chance made the two groups.',
  })
  converted!: ProportionType;

  @Field(() => ProportionType, {
    simple: true,
    description: 'Of all leads of the arm, those that had reached its threshold before their outcome.',
  })
  qualified!: ProportionType;

  @Field(() => ProportionType, {
    simple: true,
    description: 'Of those that had reached it, those that converted.',
  })
  precision!: ProportionType;

  @Field(() => ProportionType, {
    simple: true,
    description: 'Of those that converted, those that had reached it before.',
  })
  recall!: ProportionType;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'Average value of its conversions, in the tenant’s currency; null when none has a value.',
  })
  valueAverage!: number | null;
}

@ObjectType('ExperimentReport', { description: 'How an experiment stands.' })
export class ExperimentReportType {
  readonly #experiment: Experiment;
  readonly #results: ExperimentResults;

  constructor(experiment: Experiment, results: ExperimentResults) {
    this.#experiment = experiment;
    this.#results = results;
  }

  @Field(() => ExperimentType, { description: 'The experiment.' })
  experiment(): ExperimentType {
    return experimentTypeOf(this.#experiment);
  }

  @Field(() => DateTimeScalar, {
    description: 'From when on things count: the beginning of the experiment or of the range, the later.',
  })
  fromAt(): Date {
    return new Date(this.#results.fromMs);
  }

  @Field(() => DateTimeScalar, {
    description: 'Up to when: the end of the experiment or of the range, the earlier, or now.',
  })
  toAt(): Date {
    return new Date(this.#results.toMs);
  }

  @Field(() => [ExperimentArmResultsType], { description: 'The two arms, in their order.' })
  arms(): ExperimentArmResultsType[] {
    return [...this.#results.arms];
  }

  @Field(() => RateDifferenceType, { description: 'How the conversion of the arms differs.' })
  difference(): RateDifferenceType {
    return this.#results.difference;
  }

  @Field(() => Int, {
    description:
      'Leads that each arm needs, so that a lift of liftToDetect is found in 8 of 10 such experiments and one that is not there claimed in 1 of 20.',
  })
  leadsNeeded(): number {
    return Math.min(this.#results.leadsNeeded, 2 ** 31 - 1);
  }

  @Field(() => Verdict, { description: 'What can be said.' })
  verdict(): ExperimentVerdict {
    return this.#results.verdict;
  }
}

@ObjectType({ description: 'The experiment as it is now.' })
export class CreateExperimentPayload {
  @Field(() => ExperimentType, { simple: true, description: 'The experiment.' })
  experiment!: ExperimentType;
}

@ObjectType({ description: 'The experiment as it is now.' })
export class EndExperimentPayload {
  @Field(() => ExperimentType, { simple: true, description: 'The experiment.' })
  experiment!: ExperimentType;
}
