import { Field, Float, ID, InputType, Int } from 'type-graphql';
import type { PresetName } from '../../scoring/presets.js';
import { ModelPresetEnum } from '../enums.js';
import { EXPECTED_DRAFT, EXPECTED_VERSION, MESSAGE } from './model-edit-input.js';
import { RuleInput, ScoreSetInput } from './rule-inputs.js';

const PASSIVE =
  'Action types that are no activity of the contact, so that they do not hold up decay. Default: email_sent, email_delivered, email_bounced, email_bounced_hard, email_bounced_soft, marked_spam, unsubscribed.';

@InputType({ description: 'The label of a dimension from a number of points on.' })
export class LabelInput {
  @Field(() => String, {
    description: 'The label, such as `A`; labels of several dimensions are joined (`A1`).',
  })
  label!: string;

  @Field(() => Float, { description: 'Points of the dimension from which it holds.' })
  minPoints!: number;
}

@InputType({ description: 'One axis of the score, such as engagement or fit.' })
export class DimensionInput {
  @Field(() => String, { description: 'Unique in the model: 1 to 64 letters, digits, `_`, `-` or `.`.' })
  key!: string;

  @Field(() => String, { nullable: true, description: 'What people call it; the key, when absent.' })
  name?: string | null;

  @Field(() => Float, { nullable: true, defaultValue: 0, description: 'Points at least.' })
  minPoints?: number | null;

  @Field(() => Float, { description: 'Points at most.' })
  maxPoints!: number;

  @Field(() => Float, { nullable: true, defaultValue: 1, description: 'Factor on the way into the total.' })
  weight?: number | null;

  @Field(() => [LabelInput], { nullable: true, description: 'Labels in ascending order.' })
  labels?: LabelInput[] | null;
}

@InputType({ description: 'Awards lose value while the contact does nothing.' })
export class DecayInput {
  @Field(() => Float, {
    description: 'Per cent that is lost for each whole interval without activity, 0 to 100.',
  })
  ratePercent!: number;

  @Field(() => Float, { description: 'Length of the interval in days of 24 h.' })
  intervalDays!: number;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: 'Decay alone does not bring a score below this.',
  })
  minScore?: number | null;
}

@InputType({ description: 'A factor on awards of a certain age.' })
export class RecencyStepInput {
  @Field(() => Float, {
    nullable: true,
    description: 'Holds for awards younger than this many hours; for all the rest, when absent.',
  })
  withinHours?: number | null;

  @Field(() => Float, { description: 'The factor, 0 or more.' })
  multiplier!: number;
}

@InputType({ description: 'A stage of the funnel.' })
export class StageInput {
  @Field(() => String, { description: 'Unique in the model: 1 to 64 letters, digits, `_`, `-` or `.`.' })
  key!: string;

  @Field(() => String, { description: 'What people call it.' })
  name!: string;

  @Field(() => Float, { description: 'The total from which it holds; stages ascend.' })
  minScore!: number;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Whether contacts in it are hot leads.',
  })
  hot?: boolean | null;
}

@InputType({
  description: 'A scoring model: what points there are, what they add up to, and what the total means.',
})
export class ScoringModelInput {
  @Field(() => String, {
    description: 'Unique in the tenant and for ever: 1 to 64 letters, digits, `_`, `-` or `.`.',
  })
  key!: string;

  @Field(() => String, { description: 'What people call it.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'A note for those who edit it.' })
  description?: string | null;

  @Field(() => Float, { nullable: true, defaultValue: 0, description: 'The lowest total.' })
  minScore?: number | null;

  @Field(() => Float, { nullable: true, defaultValue: 100, description: 'The highest total.' })
  maxScore?: number | null;

  @Field(() => [DimensionInput], { description: 'The axes of the score, at least one.' })
  dimensions!: DimensionInput[];

  @Field(() => DecayInput, { nullable: true, description: 'Decay by inactivity; none, when absent.' })
  decay?: DecayInput | null;

  @Field(() => [RecencyStepInput], {
    nullable: true,
    description: 'Factors by the age of an award, ascending; none, when absent.',
  })
  recency?: RecencyStepInput[] | null;

  @Field(() => [String], { nullable: true, description: PASSIVE })
  passiveActionTypes?: string[] | null;

  @Field(() => [StageInput], { description: 'The stages, ascending by `minScore`, at least one.' })
  stages!: StageInput[];

  @Field(() => [ScoreSetInput], { description: 'The rules, in sets.' })
  scoreSets!: ScoreSetInput[];
}

@InputType({ description: 'Creates, replaces or moves one rule.' })
export class PutRuleInput {
  @Field(() => String, {
    description: 'Key of the set that the rule is to be in; a rule of the same key in another set moves.',
  })
  scoreSet!: string;

  @Field(() => RuleInput, { description: 'The rule, complete.' })
  rule!: RuleInput;
}

@InputType({ description: 'Switches a set or a rule. Give exactly one of `scoreSet` and `rule`.' })
export class SetActiveInput {
  @Field(() => String, { nullable: true, description: 'Key of the set.' })
  scoreSet?: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the rule.' })
  rule?: string | null;

  @Field(() => Boolean, { description: 'On or off.' })
  active!: boolean;
}

const KEPT = 'absent: stays';

@InputType({
  description:
    'Everything of a model but its rules. What is left out stays; null clears description, decay and recency and goes back to the default elsewhere.',
})
export class ModelSettingsInput {
  @Field(() => String, { nullable: true, description: `What people call the model; ${KEPT}.` })
  name?: string | null;

  @Field(() => String, { nullable: true, description: `A note for those who edit it; ${KEPT}, null: none.` })
  description?: string | null;

  @Field(() => Float, { nullable: true, description: `The lowest total; ${KEPT}, null: 0.` })
  minScore?: number | null;

  @Field(() => Float, { nullable: true, description: `The highest total; ${KEPT}, null: 100.` })
  maxScore?: number | null;

  @Field(() => [DimensionInput], { nullable: true, description: `All dimensions; ${KEPT}.` })
  dimensions?: DimensionInput[] | null;

  @Field(() => DecayInput, { nullable: true, description: `Decay by inactivity; ${KEPT}, null: none.` })
  decay?: DecayInput | null;

  @Field(() => [RecencyStepInput], { nullable: true, description: `Factors by age; ${KEPT}, null: none.` })
  recency?: RecencyStepInput[] | null;

  @Field(() => [String], { nullable: true, description: `${PASSIVE} Here ${KEPT}, null: the default.` })
  passiveActionTypes?: string[] | null;

  @Field(() => [StageInput], { nullable: true, description: `All stages; ${KEPT}.` })
  stages?: StageInput[] | null;
}

@InputType({ description: 'One step of an edit. Give exactly one field.' })
export class ModelChange {
  @Field(() => ScoreSetInput, {
    nullable: true,
    description: 'Creates or replaces the set of this key and its rules.',
  })
  putScoreSet?: ScoreSetInput | null;

  @Field(() => String, { nullable: true, description: 'Key of a set to remove, with its rules.' })
  removeScoreSet?: string | null;

  @Field(() => PutRuleInput, { nullable: true, description: 'Creates, replaces or moves one rule.' })
  putRule?: PutRuleInput | null;

  @Field(() => String, { nullable: true, description: 'Key of a rule to remove.' })
  removeRule?: string | null;

  @Field(() => SetActiveInput, { nullable: true, description: 'A set or a rule, on or off.' })
  setActive?: SetActiveInput | null;

  @Field(() => ModelSettingsInput, {
    nullable: true,
    description: 'Name, bounds, dimensions, decay, recency, stages.',
  })
  settings?: ModelSettingsInput | null;
}

@InputType({ description: 'An edit of a model: all changes, in order, or none.' })
export class ChangeScoringModelInput {
  @Field(() => ID, { description: 'The model.' })
  id!: string;

  @Field(() => Int, { description: EXPECTED_VERSION })
  expectedVersion!: number;

  @Field(() => Int, { nullable: true, description: `${EXPECTED_DRAFT} Not looked at, when absent.` })
  expectedDraft?: number | null;

  @Field(() => [ModelChange], { description: 'The changes, 1 to 200.' })
  changes!: ModelChange[];

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description:
      'True publishes the edit as the next version, whether or not there is a draft; false adds it to the draft.',
  })
  publish?: boolean | null;

  @Field(() => String, { nullable: true, description: MESSAGE })
  message?: string | null;
}

@InputType({ description: 'A way back to an earlier version.' })
export class RollbackInput {
  @Field(() => ID, { description: 'The model.' })
  id!: string;

  @Field(() => Int, {
    description: 'The earlier version whose content is published again, as a new version.',
  })
  toVersion!: number;

  @Field(() => Int, { description: EXPECTED_VERSION })
  expectedVersion!: number;

  @Field(() => String, { nullable: true, description: `${MESSAGE} "Back to version N", when absent.` })
  message?: string | null;
}

@InputType({ description: 'The switches of a model. Give at least one.' })
export class ActivateInput {
  @Field(() => ID, { description: 'The model.' })
  id!: string;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether contacts are scored on it. Not false for the primary model. A model that is off misses what happens; switching it on again computes every score anew.',
  })
  active?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'True makes it the primary model, instead of the one that was: what `score` and filters mean when no model is named.',
  })
  primary?: boolean | null;

  @Field(() => String, { nullable: true, description: MESSAGE })
  message?: string | null;
}

@InputType({ description: 'A ready-made model under a key of your own.' })
export class PresetInput {
  @Field(() => ModelPresetEnum, { description: 'Which one.' })
  preset!: PresetName;

  @Field(() => String, {
    description: 'Unique in the tenant and for ever: 1 to 64 letters, digits, `_`, `-` or `.`.',
  })
  key!: string;

  @Field(() => String, {
    nullable: true,
    description: "What people call it; the preset's name, when absent.",
  })
  name?: string | null;
}
