import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { readTombstone } from '../../identity/identity-reading.js';
import type { JsonObject } from '../../scoring/json-value.js';
import { tenantRead } from '../../store/tenant-scope.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { ContactKey } from '../ingest/ingest-inputs.js';
import { cursorOf } from '../ingest/outcomes.js';
import { RawArg } from '../raw-arg.js';
import { JsonScalar } from '../scalars.js';
import {
  DeleteContactInput,
  DeleteContactPayload,
  ErasedContactType,
  erasedContactOf,
} from './erasure-types.js';
import { idOfKey, rewriteRequestOf, rewritten, standingIdOfKey } from './identity-requests.js';

const ROLES = 'Roles: ADMIN.';

/** Everything about one person: handed out, or erased. */
@Resolver()
export class ErasureResolver {
  @Mutation(() => DeleteContactPayload, {
    description: `Erases a person for good, with all contacts that were merged into them: profile, keys, timeline, corrections, scores, lists, and traces elsewhere. Changes in the feed keep their places and have no contact any more; one change with the cause ERASED per score tells subscribers. Cannot be undone. ${ROLES}`,
  })
  async deleteContact(
    @Ctx() context: ApiContext,
    @RawArg('input', () => DeleteContactInput, 'Who, and why.') input: DeleteContactInput,
  ): Promise<DeleteContactPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.eraseContacts);
    const request = rewriteRequestOf(context, 'deleteContact', input);
    const wish = {
      contactId: await idOfKey(context, input.contact),
      reason: input.reason ?? null,
      remember: input.refuseReturn ?? true,
    };
    const { id, position } = await rewritten(context, context.services.identity.erase(request, wish));
    const erased = await tombstoneOf(context, id);
    if (!erased) throw new Error(`contact ${id} was erased and has no tombstone`);
    return { erased, cursor: cursorOf(context, position) };
  }

  @Query(() => ErasedContactType, {
    nullable: true,
    description: `What remains of a contact that was erased; null when no contact of this id was. ${ROLES}`,
  })
  async erasedContact(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID, { description: 'The id that the contact had.' }) id: string,
  ): Promise<ErasedContactType | null> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.eraseContacts);
    return isUuid(id) ? tombstoneOf(context, id) : null;
  }

  @Query(() => JsonScalar, {
    description: `Everything that is stored about a person, as one JSON object: profile, owner, identities, lists, scores and what was published of them, merges, corrections and the timeline, for whoever asks what is known about them. TOO_COMPLEX over 50,000 rows or 32 MiB. ${ROLES}`,
  })
  async contactData(
    @Ctx() context: ApiContext,
    @RawArg('key', () => ContactKey, 'Exactly one key.') key: ContactKey,
  ): Promise<JsonObject> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.eraseContacts);
    return services.identity.personData(viewer.tenantId, await standingIdOfKey(context, key));
  }
}

async function tombstoneOf({ services, viewer }: ApiContext, id: string): Promise<ErasedContactType | null> {
  const { tenantId } = viewer;
  const row = await tenantRead(services.db, tenantId, (client) => readTombstone(client, tenantId, id));
  return row && erasedContactOf(row);
}
