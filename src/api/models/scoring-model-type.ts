import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { ModelRow, ModelVersionRow } from '../../models/model-row.js';
import type { ModelDefinition } from '../../scoring/model-definition.js';
import { createConnectionClass } from '../pagination.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';
import { JobType } from './job-type.js';
import { ModelDraftType } from './model-draft-type.js';

/** Fields beside these (`versions`, `recalculation`, `draft` ...) have resolvers of their own. */
@ObjectType('ScoringModel', { description: 'A scoring model at its published version.' })
export class ScoringModelType {
  @Field(() => ID, { simple: true, description: 'Id of the model.' })
  id!: string;

  @Field(() => String, { simple: true, description: 'Its key, unique in the tenant; it never changes.' })
  key!: string;

  @Field(() => String, { simple: true, description: 'What people call it.' })
  name!: string;

  @Field(() => Boolean, { simple: true, description: 'Whether contacts are scored on it.' })
  active!: boolean;

  @Field(() => Boolean, {
    simple: true,
    description: 'Whether it is what `score`, filters and orders mean when no model is named. One model is.',
  })
  primary!: boolean;

  @Field(() => Int, {
    simple: true,
    description:
      'The published version. Versions are immutable and numbered from 1; every edit publishes a new one or goes to the draft.',
  })
  version!: number;

  @Field(() => JsonScalar, {
    simple: true,
    description: 'The published version in the shape of ScoringModelInput, with every default filled in.',
  })
  definition!: ModelDefinition;
}

/** The model as the API shows it. */
export function scoringModelOf(row: ModelRow): ScoringModelType {
  return { ...row, name: row.definition.name };
}

@ObjectType('ModelVersion', { description: 'One published version of a model; it never changes.' })
export class ModelVersionType {
  @Field(() => Int, { simple: true, description: 'Its number, from 1.' })
  version!: number;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was published.' })
  publishedAt!: Date;

  @Field(() => String, {
    simple: true,
    description: 'Who published it: the name of the key, or the subject of the token.',
  })
  publishedBy!: string;

  @Field(() => String, { nullable: true, simple: true, description: 'Why, when somebody said so.' })
  message!: string | null;

  @Field(() => JsonScalar, { simple: true, description: 'What it says, in the shape of ScoringModelInput.' })
  definition!: ModelDefinition;
}

/** The version as the API shows it. */
export function modelVersionOf(row: ModelVersionRow): ModelVersionType {
  return row;
}

@ObjectType({ description: 'A page of versions, the newest first.' })
export class ModelVersionConnection extends createConnectionClass('ModelVersion', () => ModelVersionType) {}

/** `warnings` has a resolver of its own. */
@ObjectType({ description: 'The model that was made.' })
export class CreateScoringModelPayload {
  @Field(() => ScoringModelType, {
    simple: true,
    description: 'The model, published as version 1 and active.',
  })
  model!: ScoringModelType;
}

/** `warnings` has a resolver of its own. */
@ObjectType({ description: 'The model after the change.' })
export class ChangeScoringModelPayload {
  @Field(() => ScoringModelType, { simple: true, description: 'The model at its version now.' })
  model!: ScoringModelType;

  @Field(() => JobType, {
    nullable: true,
    simple: true,
    description:
      'The job that brings all contacts to the new version; contacts touched meanwhile are brought along on the spot. Null when no score has to be computed anew.',
  })
  recalculation!: JobType | null;

  @Field(() => ModelDraftType, {
    nullable: true,
    simple: true,
    description: 'The draft, when the change went to it; null when the change was published.',
  })
  draft!: ModelDraftType | null;
}
