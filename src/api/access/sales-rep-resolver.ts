import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import {
  createSalesRep,
  findSalesRep,
  listSalesReps,
  type SalesRepFields,
  setContactOwner,
  updateSalesRep,
  upsertSalesRep,
} from '../../access/sales-reps.js';
import { badInput, LeadpulseError } from '../../errors.js';
import { isUuid } from '../../uuid.js';
import { contactOf } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';
import { contactKeyOf } from '../ingest/ingest-items.js';
import { checkTexts } from '../input-check.js';
import { RawArg } from '../raw-arg.js';
import { SetContactOwnerInput, SetContactOwnerPayload } from './contact-owner-type.js';
import {
  CreateSalesRepInput,
  CreateSalesRepPayload,
  SalesRepType,
  UpdateSalesRepInput,
  UpdateSalesRepPayload,
  UpsertSalesRepInput,
  UpsertSalesRepPayload,
} from './sales-rep-type.js';

const TEXT_CHARS_MAX = 200;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** Sales representatives: who there is to own contacts. */
@Resolver()
export class SalesRepResolver {
  @Query(() => [SalesRepType], {
    description: 'All sales representatives by name, at most 1,000. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async salesReps(@Ctx() { viewer, services }: ApiContext): Promise<SalesRepType[]> {
    requireRole(viewer, ...ROLES_THAT_MAY.readSalesReps);
    return listSalesReps(services.db, viewer.tenantId);
  }

  @Query(() => SalesRepType, {
    nullable: true,
    description:
      'One sales representative by id or by email; null when there is none. Give one of the two. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async salesRep(
    @Ctx() { viewer, services }: ApiContext,
    @Arg('id', () => ID, { nullable: true, description: 'Their id.' }) id?: string | null,
    @Arg('email', () => String, { nullable: true, description: 'Their email address.' })
    email?: string | null,
  ): Promise<SalesRepType | null> {
    requireRole(viewer, ...ROLES_THAT_MAY.readSalesReps);
    if ((id == null) === (email == null))
      throw badInput([{ path: 'id', message: 'Give either id or email.' }]);
    if (email != null) return findSalesRep(services.db, viewer.tenantId, { email });
    return id != null && isUuid(id) ? findSalesRep(services.db, viewer.tenantId, { id }) : null;
  }

  @Mutation(() => CreateSalesRepPayload, {
    description: 'Creates a sales representative. Roles: ADMIN, MARKETER.',
  })
  async createSalesRep(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => CreateSalesRepInput, 'The sales representative.') input: CreateSalesRepInput,
  ): Promise<CreateSalesRepPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeSalesReps);
    checkFields(input);
    const { email, name, active } = input;
    const fields = { email, name, active: active ?? true };
    return { salesRep: await createSalesRep(services.db, viewer.tenantId, fields) };
  }

  @Mutation(() => UpdateSalesRepPayload, {
    description: 'Changes a sales representative, their email address included. Roles: ADMIN, MARKETER.',
  })
  async updateSalesRep(
    @Ctx() context: ApiContext,
    @RawArg('input', () => UpdateSalesRepInput, 'Who, and what is new.') input: UpdateSalesRepInput,
  ): Promise<UpdateSalesRepPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.changeSalesReps);
    checkFields(input);
    if (!isUuid(input.id)) throw badInput([{ path: 'input.id', message: 'must be a UUID' }]);
    const fields: Partial<SalesRepFields> = {};
    if (input.email != null) fields.email = input.email;
    if (input.name != null) fields.name = input.name;
    if (input.active != null) fields.active = input.active;
    const salesRep = await updateSalesRep(services.db, viewer.tenantId, input.id, fields);
    context.forgetReads();
    return { salesRep };
  }

  @Mutation(() => UpsertSalesRepPayload, {
    description: 'Creates a sales representative, or changes the one of this email. Roles: ADMIN, MARKETER.',
  })
  async upsertSalesRep(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => UpsertSalesRepInput, 'The sales representative.') input: UpsertSalesRepInput,
  ): Promise<UpsertSalesRepPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeSalesReps);
    checkFields(input);
    const { email, name, active } = input;
    return {
      salesRep: await upsertSalesRep(services.db, viewer.tenantId, { email, name, active: active ?? true }),
    };
  }

  @Mutation(() => SetContactOwnerPayload, {
    description:
      'Gives a contact to a sales representative, or to nobody. NOT_FOUND when there is no such contact. Roles: ADMIN, MARKETER, SALES.',
  })
  async setContactOwner(
    @Ctx() context: ApiContext,
    @RawArg('input', () => SetContactOwnerInput, 'Which contact, and who.') input: SetContactOwnerInput,
  ): Promise<SetContactOwnerPayload> {
    const { viewer, services, loaders } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.assignContacts);
    const ownerId = input.ownerId ?? null;
    if (ownerId !== null && !isUuid(ownerId))
      throw badInput([{ path: 'input.ownerId', message: 'must be a UUID' }]);
    const id = await loaders.contactIdByKey.load(contactKeyOf(input.contact));
    const contact = id === null ? null : await loaders.contactById.load(id);
    if (!contact) throw new LeadpulseError('NOT_FOUND', 'There is no contact of this key.');
    await setContactOwner(services.db, viewer.tenantId, contact.id, ownerId);
    context.forgetReads();
    return { contact: contactOf(contact.id) };
  }
}

function checkFields({ email, name }: { email?: string | null; name?: string | null }): void {
  checkTexts({ 'input.email': email, 'input.name': name }, TEXT_CHARS_MAX);
  if (email != null && !EMAIL.test(email.trim())) {
    throw badInput([{ path: 'input.email', message: 'must be an email address' }]);
  }
}
