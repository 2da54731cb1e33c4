import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { ContactConnection } from '../contacts/contact-connection.js';
import { ContactOrderInput } from '../contacts/contact-filter-input.js';
import { contactPage } from '../contacts/contact-page.js';
import { ContactType } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';
import { PageArgs } from '../pagination.js';
import { RawArg } from '../raw-arg.js';
import { SegmentType, segmentOf } from './segment-type.js';

/** What of a segment leads to contacts: apart from the type, so that contacts can name segments. */
@Resolver(() => SegmentType)
export class SegmentFieldsResolver {
  @FieldResolver(() => ContactConnection, {
    description: 'The contacts that belong to it now, in pages like those of `contacts`.',
  })
  contacts(
    @Root() { row }: SegmentType,
    @Ctx() context: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @RawArg('orderBy', () => ContactOrderInput, 'In which order; the highest score first, when absent.', {
      nullable: true,
    })
    order: ContactOrderInput | null | undefined,
  ): Promise<ContactConnection> {
    return contactPage(context, args, { segmentId: row.id }, order);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Why its filter can no longer be asked (a model was switched off, a stage is gone) and what to change; null when it can.',
  })
  async fault(
    @Root() { row }: SegmentType,
    @Ctx() { services, loaders }: ApiContext,
  ): Promise<string | null> {
    return services.segments.faultOf(row, await loaders.segments(), await loaders.activeModels());
  }
}

/** The segments of a contact. */
@Resolver(() => ContactType)
export class ContactSegmentsResolver {
  @FieldResolver(() => [SegmentType], {
    description: 'The segments it belongs to now, by key. Segments that can no longer be asked are left out.',
  })
  async segments(@Root() contact: ContactType, @Ctx() { loaders }: ApiContext): Promise<SegmentType[]> {
    return (await loaders.segmentsOfContact.load(contact.id)).map(segmentOf);
  }
}
