import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { EXPERIMENTS_MAX } from '../../analytics/experiments/experiment-service.js';

const KEY = '1 to 64 letters, digits, dots, dashes or underscores, a letter or digit first.';

@InputType({ description: 'One way of picking leads: those that reach a total on a model.' })
export class ExperimentArmInput {
  @Field(() => String, { description: `Names the arm within the experiment: ${KEY}` })
  key!: string;

  @Field(() => String, { description: 'What people call it, at most 200 characters.' })
  name!: string;

  @Field(() => ID, { description: 'The model; an active one. NOT_FOUND otherwise.' })
  modelId!: string;

  @Field(() => Int, { description: 'The total from which on a lead is handed to sales.' })
  threshold!: number;
}

@InputType({
  description: `Two models or thresholds to be compared from now on; a tenant can have ${EXPERIMENTS_MAX}.`,
})
export class CreateExperimentInput {
  @Field(() => String, { description: `Names the experiment: ${KEY} CONFLICT when another one has it.` })
  key!: string;

  @Field(() => String, { description: 'What people call it, at most 200 characters.' })
  name!: string;

  @Field(() => [ExperimentArmInput], {
    description: 'Exactly two: first what is done today, then what is tried. They may share a model.',
  })
  arms!: ExperimentArmInput[];

  @Field(() => Float, {
    defaultValue: 0.5,
    description: 'Of all contacts, how many are in the second arm; above 0 and below 1.',
  })
  share!: number;

  @Field(() => Float, {
    description:
      'The share of leads that you expect to convert in the first arm, above 0 and below 1: what they do today. With liftToDetect it says how many leads are needed.',
  })
  expectedRate!: number;

  @Field(() => Float, {
    defaultValue: 1.2,
    description:
      'The smallest lift worth finding: 1.2 asks whether the second arm converts a fifth more. The smaller, the more leads are needed.',
  })
  liftToDetect!: number;
}

@InputType({ description: 'An experiment to be ended.' })
export class EndExperimentInput {
  @Field(() => ID, { description: 'Id of the experiment.' })
  id!: string;
}
