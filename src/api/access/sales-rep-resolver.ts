import { Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { listSalesReps, setContactOwner, upsertSalesRep } from '../../access/sales-reps.js';
import { badInput, LeadpulseError } from '../../errors.js';
import { isUuid } from '../../uuid.js';
import { contactOf } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';
import { contactKeyOf } from '../ingest/ingest-items.js';
import { checkTexts } from '../input-check.js';
import { RawArg } from '../raw-arg.js';
import { SetContactOwnerInput, SetContactOwnerPayload } from './contact-owner-type.js';
import { SalesRepType, UpsertSalesRepInput, UpsertSalesRepPayload } from './sales-rep-type.js';

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

  @Mutation(() => UpsertSalesRepPayload, {
    description: 'Creates a sales representative, or changes the one of this email. Roles: ADMIN, MARKETER.',
  })
  async upsertSalesRep(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => UpsertSalesRepInput, 'The sales representative.') input: UpsertSalesRepInput,
  ): Promise<UpsertSalesRepPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.changeSalesReps);
    checkTexts({ 'input.email': input.email, 'input.name': input.name }, TEXT_CHARS_MAX);
    if (!EMAIL.test(input.email.trim())) {
      throw badInput([{ path: 'input.email', message: 'must be an email address' }]);
    }
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
