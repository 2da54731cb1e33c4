import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Role } from '../../access/roles.js';
import { RoleEnum } from '../enums.js';
import { DateTimeScalar } from '../scalars.js';

@ObjectType('ApiKey', { description: 'An API key, without its secret, of which only a hash is kept.' })
export class ApiKeyType {
  @Field(() => ID, { simple: true, description: 'Id of the key.' })
  id!: string;

  @Field(() => String, { simple: true, description: 'What people call it.' })
  name!: string;

  @Field(() => RoleEnum, { simple: true, description: 'What it may be used for.' })
  role!: Role;

  @Field(() => String, { simple: true, description: 'The part after `lp_`, to recognise the key by.' })
  prefix!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: 'When it stops to work; null for never.',
  })
  expiresAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: 'When it was revoked; null for a key in use.',
  })
  revokedAt!: Date | null;
}

@InputType({ description: 'A new API key.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: 'What people call it, at most 100 characters.' })
  name!: string;

  @Field(() => RoleEnum, { description: 'What it may be used for.' })
  role!: Role;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it stops to work, in the future; never, when absent.',
  })
  expiresAt?: Date | null;
}

@ObjectType({ description: 'The new key.' })
export class CreateApiKeyPayload {
  @Field(() => ApiKeyType, { simple: true, description: 'The key as it is listed.' })
  apiKey!: ApiKeyType;

  @Field(() => String, {
    simple: true,
    description: 'What to send as `Authorization: Bearer ...`. Shown this once; store it now.',
  })
  secret!: string;
}

@InputType({ description: 'Which key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'Id of the key.' })
  id!: string;
}

@ObjectType({ description: 'The revoked key.' })
export class RevokeApiKeyPayload {
  @Field(() => ApiKeyType, { simple: true, description: 'The key, revoked.' })
  apiKey!: ApiKeyType;
}
