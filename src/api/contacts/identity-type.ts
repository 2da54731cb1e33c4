import { Field, ObjectType } from 'type-graphql';
import type { IdentityRow } from '../../contacts/contact-relations.js';
import { registerEnum } from '../enums.js';
import { DateTimeScalar } from '../scalars.js';

const IDENTITY_KINDS = ['EMAIL', 'EXTERNAL_ID', 'ANONYMOUS_ID'] as const;
type IdentityKind = (typeof IDENTITY_KINDS)[number];

const IdentityKindEnum = registerEnum<IdentityKind>(
  'IdentityKind',
  IDENTITY_KINDS,
  'What leads to a contact.',
  {
    EMAIL: 'An email address, in lower case.',
    EXTERNAL_ID: 'An id in another system.',
    ANONYMOUS_ID: 'An id given before the person was known, such as that of a browser.',
  },
);

const KIND_OF: Record<IdentityRow['kind'], IdentityKind> = {
  email: 'EMAIL',
  externalId: 'EXTERNAL_ID',
  anonymousId: 'ANONYMOUS_ID',
};

/** An email, externalId or anonymousId that leads to a contact. */
@ObjectType('Identity', { description: 'An email, externalId or anonymousId that leads to a contact.' })
export class IdentityType {
  @Field(() => IdentityKindEnum, { simple: true, description: 'What it is.' })
  kind!: IdentityKind;

  @Field(() => String, { simple: true, description: 'The value; unique in the tenant among its kind.' })
  value!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'Since when it has led to a contact.' })
  createdAt!: Date;
}

/** The identity as the API shows it. */
export function identityOf(row: IdentityRow): IdentityType {
  return { kind: KIND_OF[row.kind], value: row.value, createdAt: new Date(row.createdAtMs) };
}
