import { Field, ID, ObjectType } from 'type-graphql';
import type { Role } from '../../access/roles.js';
import { RoleEnum } from '../enums.js';

@ObjectType('Tenant', { description: 'A customer of the service; everything else belongs to one.' })
export class TenantType {
  @Field(() => ID, { simple: true, description: 'Id of the tenant.' })
  id!: string;

  @Field(() => String, { simple: true, description: 'Its name.' })
  name!: string;
}

@ObjectType('Viewer', { description: 'Who makes this request.' })
export class ViewerType {
  @Field(() => TenantType, { simple: true, description: 'The tenant whose data the request sees.' })
  tenant!: TenantType;

  @Field(() => RoleEnum, { simple: true, description: 'What the request may do.' })
  role!: Role;

  @Field(() => String, { simple: true, description: 'Name of the API key, or the subject of the token.' })
  name!: string;

  @Field(() => ID, {
    nullable: true,
    simple: true,
    description: 'Id of the API key; null when a token was presented.',
  })
  keyId!: string | null;
}
