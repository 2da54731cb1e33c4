import { Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput, LeadpulseError } from '../../errors.js';
import { readMerge } from '../../identity/identity-reading.js';
import type { ProfileItem } from '../../ingest/ingest-item.js';
import type { RewriteOutcome } from '../../store/rewriting/run-rewrite.js';
import type { UnmergeWish } from '../../store/rewriting/unmerge-contact.js';
import { tenantRead } from '../../store/tenant-scope.js';
import { isUuid } from '../../uuid.js';
import { contactOf } from '../contacts/contact-type.js';
import { scoresFromRows } from '../contacts/read-scores.js';
import type { ApiContext } from '../context.js';
import { ContactKey } from '../ingest/ingest-inputs.js';
import { contactKeyOf } from '../ingest/ingest-items.js';
import { cursorOf, recordOne } from '../ingest/outcomes.js';
import { requestHash } from '../ingest/request-hash.js';
import { RawArg } from '../raw-arg.js';
import { idOfKey, rewriteRequestOf, rewritten, standingIdOfKey } from './identity-requests.js';
import {
  type ContactMergeType,
  IdentifyContactInput,
  IdentifyContactPayload,
  MergeContactsInput,
  MergeContactsPayload,
  MergePreviewType,
  mergeTypeOf,
  UnmergeContactInput,
  UnmergeContactPayload,
} from './merge-types.js';

const ROLES = 'Roles: ADMIN, MARKETER.';

/** Contacts that are one person, and visitors who become known. */
@Resolver()
export class MergeResolver {
  @Mutation(() => MergeContactsPayload, {
    description: `Makes two contacts one: their timelines are united, nothing is counted twice, and all keys of both lead to the one that stays. Asked again for a contact that is part of it already, named by its id, it answers with that merge. TOO_COMPLEX for a timeline of more than 50,000 entries that would have to be moved. ${ROLES}`,
  })
  async mergeContacts(
    @Ctx() context: ApiContext,
    @RawArg('input', () => MergeContactsInput, 'Which contacts.') input: MergeContactsInput,
  ): Promise<MergeContactsPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.correctContacts);
    const request = rewriteRequestOf(context, 'mergeContacts', input);
    const [intoId, fromId] = await Promise.all([idOfKey(context, input.into), idOfKey(context, input.from)]);
    const outcome = await rewritten(context, context.services.identity.merge(request, intoId, fromId));
    return Object.assign(new MergeContactsPayload(), await payloadOf(context, outcome));
  }

  @Mutation(() => UnmergeContactPayload, {
    description: `Undoes a merge: what was recorded for the contact that went goes back to it, what was recorded after the merge stays. Merges made since do not matter. CONFLICT when it is undone already. ${ROLES}`,
  })
  async unmergeContact(
    @Ctx() context: ApiContext,
    @RawArg('input', () => UnmergeContactInput, 'Which merge.') input: UnmergeContactInput,
  ): Promise<UnmergeContactPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.correctContacts);
    const request = rewriteRequestOf(context, 'unmergeContact', input);
    const wish = unmergeWishOf(input);
    const outcome = await rewritten(context, context.services.identity.unmerge(request, wish));
    return Object.assign(new UnmergeContactPayload(), await payloadOf(context, outcome));
  }

  @Query(() => MergePreviewType, {
    description: `The contact that mergeContacts would make, computed without writing anything. ${ROLES}`,
  })
  async mergePreview(
    @Ctx() context: ApiContext,
    @RawArg('into', () => ContactKey, 'The contact that would stay.') into: ContactKey,
    @RawArg('from', () => ContactKey, 'The contact that would become part of it.') from: ContactKey,
  ): Promise<MergePreviewType> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.correctContacts);
    const [intoId, fromId] = await Promise.all([
      standingIdOfKey(context, into),
      standingIdOfKey(context, from),
    ]);
    const { entries, profile, lists, scores } = await services.identity.previewMerge(
      viewer.tenantId,
      intoId,
      fromId,
    );
    return {
      into: contactOf(intoId),
      from: contactOf(fromId),
      entries,
      profile: { ...profile.standard, ...profile.attributes },
      lists,
      scores: await scoresFromRows(context, scores),
    };
  }

  @Mutation(() => IdentifyContactPayload, {
    description:
      'A visitor becomes known: the anonymousId leads to the contact from now on, and what was recorded under it becomes part of the contact. CONFLICT when the anonymousId belongs to another known contact. Roles: ADMIN, MARKETER, SALES, INGEST.',
  })
  async identifyContact(
    @Ctx() context: ApiContext,
    @RawArg('input', () => IdentifyContactInput, 'Which visitor, and who it is.') input: IdentifyContactInput,
  ): Promise<IdentifyContactPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.record);
    const known = await alreadyIdentified(context, input);
    if (known !== null) {
      return Object.assign(new IdentifyContactPayload(), {
        contact: contactOf(known),
        cursor: null,
        identified: false,
      });
    }
    const outcome = await recordOne(context, identifyItemOf(input));
    return Object.assign(new IdentifyContactPayload(), {
      contact: contactOf(outcome.contactId),
      cursor: cursorOf(context, outcome.position),
      identified: outcome.status === 'RECORDED',
    });
  }
}

/** The contact, when both keys lead to it: a website tells who its visitor is on every page, and nothing is written for that. */
async function alreadyIdentified(context: ApiContext, input: IdentifyContactInput): Promise<string | null> {
  const { loaders } = context;
  const [visitor, contact] = await Promise.all([
    loaders.contactIdByKey.load({ kind: 'anonymousId', value: input.anonymousId }),
    idOfKey(context, input.contact),
  ]);
  if (visitor === null || contact === null) return null;
  const standing = await loaders.contactById.load(contact);
  return standing?.id === visitor ? visitor : null;
}

function identifyItemOf(input: IdentifyContactInput): ProfileItem {
  const item: ProfileItem = {
    kind: 'profile',
    contact: contactKeyOf(input.contact),
    set: {},
    identities: { anonymousId: input.anonymousId },
    onIdentityConflict: 'MERGE_ANONYMOUS',
  };
  if (input.idempotencyKey == null) return item;
  return { ...item, idempotencyKey: input.idempotencyKey, requestHash: requestHash('identify', input) };
}

function unmergeWishOf({ mergeId, contactId }: UnmergeContactInput): UnmergeWish {
  if ((mergeId == null) === (contactId == null)) {
    throw badInput([{ path: 'input', message: 'Give exactly one of mergeId and contactId.' }]);
  }
  const id = mergeId ?? contactId ?? '';
  const field = mergeId == null ? 'contactId' : 'mergeId';
  if (!isUuid(id)) throw badInput([{ path: `input.${field}`, message: 'must be a UUID' }]);
  return mergeId == null ? { fromId: id } : { mergeId: id };
}

async function payloadOf(context: ApiContext, { id, contactId, position }: RewriteOutcome) {
  return {
    contact: contactOf(contactId),
    cursor: cursorOf(context, position),
    merge: await mergeOf(context, id),
  };
}

async function mergeOf({ services, viewer }: ApiContext, id: string): Promise<ContactMergeType> {
  const { tenantId } = viewer;
  const row = await tenantRead(services.db, tenantId, (client) => readMerge(client, tenantId, id));
  if (row) return mergeTypeOf(row);
  throw new LeadpulseError('NOT_FOUND', 'The contact has been erased meanwhile.');
}
