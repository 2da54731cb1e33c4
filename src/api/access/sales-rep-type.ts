import { Field, ID, InputType, ObjectType } from 'type-graphql';

@ObjectType('SalesRep', { description: 'A person who owns contacts.' })
export class SalesRepType {
  @Field(() => ID, { simple: true, description: 'Id of the sales representative.' })
  id!: string;

  @Field(() => String, { simple: true, description: 'What people call them.' })
  name!: string;

  @Field(() => String, {
    simple: true,
    description: 'Their email address, in lower case; unique in the tenant.',
  })
  email!: string;

  @Field(() => Boolean, { simple: true, description: 'False for those who own no new contacts any more.' })
  active!: boolean;
}

@InputType({ description: 'A sales representative to be made.' })
export class CreateSalesRepInput {
  @Field(() => String, { description: 'Their email address. CONFLICT when somebody has it.' })
  email!: string;

  @Field(() => String, { description: 'What people call them, at most 200 characters.' })
  name!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'False for those who own no new contacts.',
  })
  active?: boolean | null;
}

@InputType({ description: 'What is to change about a sales representative; what is left out stays.' })
export class UpdateSalesRepInput {
  @Field(() => ID, { description: 'Id of the sales representative.' })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Their email address. CONFLICT when somebody else has it.',
  })
  email?: string | null;

  @Field(() => String, { nullable: true, description: 'What people call them, at most 200 characters.' })
  name?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'False for those who own no new contacts any more. What they own stays theirs; bulkUpdateContacts hands it on.',
  })
  active?: boolean | null;
}

@ObjectType({ description: 'The sales representative as they are now.' })
export class CreateSalesRepPayload {
  @Field(() => SalesRepType, { simple: true, description: 'The sales representative.' })
  salesRep!: SalesRepType;
}

@ObjectType({ description: 'The sales representative as they are now.' })
export class UpdateSalesRepPayload {
  @Field(() => SalesRepType, { simple: true, description: 'The sales representative.' })
  salesRep!: SalesRepType;
}

@InputType({ description: 'A sales representative; the email says who it is.' })
export class UpsertSalesRepInput {
  @Field(() => String, {
    description: 'Their email address; one of this address is changed, else one is made.',
  })
  email!: string;

  @Field(() => String, { description: 'What people call them, at most 200 characters.' })
  name!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'False for those who own no new contacts any more.',
  })
  active?: boolean | null;
}

@ObjectType({ description: 'The sales representative as they are now.' })
export class UpsertSalesRepPayload {
  @Field(() => SalesRepType, { simple: true, description: 'The sales representative.' })
  salesRep!: SalesRepType;
}
