import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { RuleResult, RuleResults } from '../../preview/rule-results.js';
import { ModelWarningType } from '../models/model-warning-type.js';
import { DateTimeScalar } from '../scalars.js';

@ObjectType('RuleResult', { description: 'What one rule gives at present, over all contacts.' })
export class RuleResultType {
  @Field(() => String, { simple: true, description: 'Key of the rule.' })
  ruleKey!: string;

  @Field(() => String, { simple: true, description: 'Key of its score set.' })
  scoreSet!: string;

  @Field(() => String, { simple: true, description: 'What explanations call it.' })
  name!: string;

  @Field(() => Boolean, {
    simple: true,
    description: 'False when the rule or its score set is switched off; the figures are 0 then.',
  })
  active!: boolean;

  @Field(() => Int, {
    simple: true,
    description:
      'Contacts that hold it now: with an award that still counts, or by the last reset; while its condition holds; with points from its table.',
  })
  contacts!: number;

  @Field(() => Int, {
    simple: true,
    description: 'Awards that still count; 0 for criteria and tables, which give none.',
  })
  awards!: number;

  @Field(() => Float, {
    simple: true,
    description:
      "What it contributes to all scores together, as explanations have it: as of now, times the dimension's weight, before any cap; with what its resets have taken or given.",
  })
  points!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: 'When it gave the latest of these awards, or made the latest reset; null for none.',
  })
  lastAwardAt!: Date | null;
}

@ObjectType('RuleResults', { description: 'What every rule of a model gives, all of it at one instant.' })
export class RuleResultsType {
  @Field(() => DateTimeScalar, { simple: true, description: 'The instant of which everything here speaks.' })
  asOf!: Date;

  @Field(() => Int, { simple: true, description: 'The version that was counted.' })
  version!: number;

  @Field(() => Int, { simple: true, description: 'Contacts that were counted: all of them.' })
  contacts!: number;

  @Field(() => [RuleResultType], { simple: true, description: 'Every rule, in the order of the model.' })
  rules!: RuleResultType[];

  @Field(() => [ModelWarningType], {
    simple: true,
    description: 'Rules that nobody meets and stages that nobody reaches, at most 200.',
  })
  warnings!: ModelWarningType[];
}

/** Rule results as the API shows them. */
export function ruleResultsTypeOf({ asOfMs, rules, ...rest }: RuleResults): RuleResultsType {
  return { ...rest, asOf: new Date(asOfMs), rules: rules.map(ruleResultOf) };
}

function ruleResultOf({ lastAwardAtMs, ...rest }: RuleResult): RuleResultType {
  return { ...rest, lastAwardAt: lastAwardAtMs === null ? null : new Date(lastAwardAtMs) };
}
