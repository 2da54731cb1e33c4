import { Field, Float, InputType } from 'type-graphql';
import type { RuleDefinition, ScoreSetDefinition } from '../../scoring/model-definition.js';
import { CriteriaRuleInput, TableRuleInput } from './condition-inputs.js';
import { ModelEditInput } from './model-edit-input.js';
import { ModelSettingsInput } from './model-inputs.js';
import { ActionRuleInput, RuleInput, ScoreSetInput } from './rule-inputs.js';

const KEPT = 'absent: stays';
const KIND = `it takes the place of the action, criteria or table that the rule had; ${KEPT}`;

@InputType({
  description: 'What is to change of a rule. What is left out stays; null goes back to the default.',
})
export class RulePatchInput {
  @Field(() => String, { description: 'Key of the rule; it never changes.' })
  key!: string;

  @Field(() => String, { nullable: true, description: `What explanations call it; ${KEPT}, null: the key.` })
  name?: string | null;

  @Field(() => String, { nullable: true, description: `A note for editors; ${KEPT}, null: none.` })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: `Inactive rules do not count; ${KEPT}.` })
  active?: boolean | null;

  @Field(() => Float, { nullable: true, description: `Cap on its positive points; ${KEPT}, null: none.` })
  maxPoints?: number | null;

  @Field(() => ActionRuleInput, { nullable: true, description: `Points for what the contact does: ${KIND}.` })
  action?: RuleDefinition['action'];

  @Field(() => CriteriaRuleInput, { nullable: true, description: `Points while something holds: ${KIND}.` })
  criteria?: RuleDefinition['criteria'];

  @Field(() => TableRuleInput, {
    nullable: true,
    description: `Points looked up from one attribute: ${KIND}.`,
  })
  table?: RuleDefinition['table'];
}

@InputType({
  description:
    'What is to change of a score set; its rules stay. What is left out stays; null goes back to the default.',
})
export class ScoreSetPatchInput {
  @Field(() => String, { description: 'Key of the set; it never changes.' })
  key!: string;

  @Field(() => String, { nullable: true, description: `What people call it; ${KEPT}, null: the key.` })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `Key of the dimension the points go into; ${KEPT}, null: the overall score.`,
  })
  dimension?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: `The rules of an inactive set do not count; ${KEPT}.`,
  })
  active?: boolean | null;

  @Field(() => Float, {
    nullable: true,
    description: `Cap on the positive points of all its rules together; ${KEPT}, null: none.`,
  })
  maxPoints?: number | null;
}

@InputType({ description: 'A new rule.' })
export class CreateRuleInput extends ModelEditInput {
  @Field(() => String, { description: 'Key of the score set; the rule comes last in it.' })
  scoreSet!: string;

  @Field(() => RuleInput, { description: 'The rule, under a key that no rule of the model has.' })
  rule!: RuleDefinition;
}

@InputType({ description: 'A change of one rule.' })
export class UpdateRuleInput extends ModelEditInput {
  @Field(() => RulePatchInput, { description: 'Which rule, and what is to change.' })
  rule!: RulePatchInput;

  @Field(() => String, {
    nullable: true,
    description: 'Key of the score set to move the rule to, where it comes last; absent: it stays.',
  })
  scoreSet?: string | null;
}

@InputType({ description: 'A rule to take out.' })
export class DeleteRuleInput extends ModelEditInput {
  @Field(() => String, { description: 'Key of the rule.' })
  key!: string;
}

@InputType({ description: 'The switch of a rule.' })
export class SetRuleActiveInput extends ModelEditInput {
  @Field(() => String, { description: 'Key of the rule.' })
  key!: string;

  @Field(() => Boolean, { description: 'On or off.' })
  active!: boolean;
}

@InputType({ description: 'A new score set.' })
export class CreateScoreSetInput extends ModelEditInput {
  @Field(() => ScoreSetInput, { description: 'The set with its rules, under a key that no set has.' })
  scoreSet!: ScoreSetDefinition;
}

@InputType({ description: 'A change of one score set.' })
export class UpdateScoreSetInput extends ModelEditInput {
  @Field(() => ScoreSetPatchInput, { description: 'Which set, and what is to change.' })
  scoreSet!: ScoreSetPatchInput;
}

@InputType({ description: 'A score set to take out, with its rules.' })
export class DeleteScoreSetInput extends ModelEditInput {
  @Field(() => String, { description: 'Key of the set.' })
  key!: string;
}

@InputType({ description: 'The switch of a score set.' })
export class SetScoreSetActiveInput extends ModelEditInput {
  @Field(() => String, { description: 'Key of the set.' })
  key!: string;

  @Field(() => Boolean, { description: 'On or off.' })
  active!: boolean;
}

@InputType({ description: 'A change of everything but the rules.' })
export class UpdateModelSettingsInput extends ModelEditInput {
  @Field(() => ModelSettingsInput, { description: 'What is to change.' })
  settings!: ModelSettingsInput;
}
