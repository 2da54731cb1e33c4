import { Field, ObjectType } from 'type-graphql';
import {
  type FieldChange,
  isEmptyDiff,
  type ModelDiff,
  type RuleDiff,
  type RuleDiffKind,
  type ScoreSetDiff,
  type ScoreSetDiffKind,
} from '../../scoring/diff-model.js';
import type { JsonValue } from '../../scoring/json-value.js';
import { JsonScalar } from '../scalars.js';
import { RuleDiffKindEnum, ScoreSetDiffKindEnum } from './model-enums.js';

@ObjectType('FieldChange', { description: 'One value that differs.' })
export class FieldChangeType implements FieldChange {
  @Field(() => String, {
    simple: true,
    description: 'Inside the thing that changed, such as `action.points` or `dimensions[fit].maxPoints`.',
  })
  path!: string;

  @Field(() => JsonScalar, { nullable: true, simple: true, description: 'Before; null when there was none.' })
  before!: JsonValue | null;

  @Field(() => JsonScalar, {
    nullable: true,
    simple: true,
    description: 'After; null when there is none any more.',
  })
  after!: JsonValue | null;
}

@ObjectType('ScoreSetDiff', {
  description: 'A score set that differs. Of its rules only their order counts here, as the field `rules`.',
})
export class ScoreSetDiffType implements ScoreSetDiff {
  @Field(() => ScoreSetDiffKindEnum, { simple: true, description: 'What became of it.' })
  change!: ScoreSetDiffKind;

  @Field(() => String, { simple: true, description: 'Its key.' })
  key!: string;

  @Field(() => String, { nullable: true, simple: true, description: 'What people call it.' })
  name!: string | null;

  @Field(() => [FieldChangeType], { simple: true, description: 'What of it differs.' })
  fields!: FieldChangeType[];
}

@ObjectType('RuleDiff', {
  description: 'A rule that differs. Rules are told from each other by their keys, over the whole model.',
})
export class RuleDiffType implements RuleDiff {
  @Field(() => RuleDiffKindEnum, { simple: true, description: 'What became of it.' })
  change!: RuleDiffKind;

  @Field(() => String, { simple: true, description: 'Its key.' })
  key!: string;

  @Field(() => String, { nullable: true, simple: true, description: 'What explanations call it.' })
  name!: string | null;

  @Field(() => String, {
    simple: true,
    description: 'Key of its score set after the change; of the one it was in, when it is gone.',
  })
  scoreSet!: string;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of its score set before the change; null when it is new.',
  })
  scoreSetBefore!: string | null;

  @Field(() => [FieldChangeType], { simple: true, description: 'What of it differs.' })
  fields!: FieldChangeType[];
}

@ObjectType('ModelDiff', { description: 'What differs between two definitions of a model.' })
export class ModelDiffType implements ModelDiff {
  @Field(() => Boolean, { simple: true, description: 'True when nothing differs.' })
  empty!: boolean;

  @Field(() => [FieldChangeType], {
    simple: true,
    description:
      'Key, name, bounds, dimensions, decay, recency, passive action types, stages and the order of the score sets.',
  })
  settings!: FieldChangeType[];

  @Field(() => [ScoreSetDiffType], { simple: true, description: 'Score sets, without their rules.' })
  scoreSets!: ScoreSetDiffType[];

  @Field(() => [RuleDiffType], { simple: true, description: 'Rules.' })
  rules!: RuleDiffType[];
}

/** The diff as the API shows it. */
export function modelDiffOf(diff: ModelDiff): ModelDiffType {
  return { ...diff, empty: isEmptyDiff(diff) };
}
