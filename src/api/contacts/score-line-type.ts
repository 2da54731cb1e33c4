import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { ScoreLine, ScoreLineKind, ScoreLineScope } from '../../scoring/score-line.js';
import { ScoreLineKindEnum } from '../enums.js';
import { DateTimeScalar } from '../scalars.js';

/** One line of an explanation. */
@ObjectType('ScoreLine', {
  description:
    "One line of an explanation. Points are already times the dimension's weight; the lines of a score add up to its total, those of a change to its points.",
})
export class ScoreLineType {
  @Field(() => ScoreLineKindEnum, { simple: true, description: 'What the line stands for.' })
  kind!: ScoreLineKind;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'The rule behind it; null when no single rule is.',
  })
  ruleKey!: string | null;

  @Field(() => String, { simple: true, description: 'The line in words.' })
  title!: string;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of the dimension the points go into; null for the overall score.',
  })
  dimension!: string | null;

  @Field(() => Float, { simple: true, description: 'Points, negative when they are taken off.' })
  points!: number;

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: 'How many awards or adjustments the line holds.',
  })
  awards!: number | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: 'When the latest of them was earned.',
  })
  lastAwardAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: 'When the next of them expires; null for never.',
  })
  expiresAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'CAP and CLAMP lines: what is bounded, one of RULE, SET, DIMENSION, SCORE, DECAY_FLOOR.',
  })
  scope!: ScoreLineScope | null;

  @Field(() => String, { nullable: true, simple: true, description: 'CAP lines of a score set: its key.' })
  scoreSet!: string | null;
}

/** The line as the API shows it. */
export function scoreLineOf(line: ScoreLine): ScoreLineType {
  return {
    kind: line.kind,
    ruleKey: line.ruleKey ?? null,
    title: line.title,
    dimension: line.dimension ?? null,
    points: line.points,
    awards: line.awards ?? null,
    lastAwardAt: dateOf(line.lastAwardAtMs),
    expiresAt: dateOf(line.expiresAtMs),
    scope: line.scope ?? null,
    scoreSet: line.scoreSet ?? null,
  };
}

function dateOf(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms);
}
