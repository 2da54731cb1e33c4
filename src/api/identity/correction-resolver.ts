import { Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput, LeadpulseError } from '../../errors.js';
import type { Amendment } from '../../identity/correct-entry.js';
import { readCorrection } from '../../identity/identity-reading.js';
import { checkItem } from '../../ingest/check-item.js';
import type { JsonObject } from '../../scoring/json-value.js';
import type { RewriteOutcome } from '../../store/rewriting/run-rewrite.js';
import { tenantRead } from '../../store/tenant-scope.js';
import { isUuid } from '../../uuid.js';
import { ContactType, contactOf } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';
import { contactKeyOf } from '../ingest/ingest-items.js';
import { cursorOf, underInput } from '../ingest/outcomes.js';
import { checkPage, connectionOf, ForwardPageArgs } from '../pagination.js';
import { RawArg } from '../raw-arg.js';
import {
  AmendActionInput,
  CorrectionConnection,
  CorrectionPayload,
  type CorrectionType,
  correctionTypeOf,
  RetractActionInput,
} from './correction-types.js';
import { idOfKey, rewriteRequestOf, rewritten } from './identity-requests.js';
import { ContactMergeType, mergeTypeOf } from './merge-types.js';

const ROLES = 'Roles: ADMIN, MARKETER.';

/** Corrections of what was recorded. */
@Resolver()
export class CorrectionResolver {
  @Mutation(() => CorrectionPayload, {
    description: `Takes back an action or an adjustment: it leaves the timeline, and scores are what they would have been without it. What it was is kept in Contact.corrections. Taken back once more, it is answered as before. ${ROLES}`,
  })
  async retractAction(
    @Ctx() context: ApiContext,
    @RawArg('input', () => RetractActionInput, 'Which entry, and why.') input: RetractActionInput,
  ): Promise<CorrectionPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.correctContacts);
    checkEntryId(input.actionId);
    const request = rewriteRequestOf(context, 'retractAction', input);
    const target = await targetOf(context, input);
    return payloadOf(context, await rewritten(context, context.services.identity.retract(request, target)));
  }

  @Mutation(() => CorrectionPayload, {
    description: `Changes an action that was recorded wrongly: it keeps its id, and scores are what they would have been. What it was is kept in Contact.corrections. ${ROLES}`,
  })
  async amendAction(
    @Ctx() context: ApiContext,
    @RawArg('input', () => AmendActionInput, 'Which action, what it really was, and why.')
    input: AmendActionInput,
  ): Promise<CorrectionPayload> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.correctContacts);
    checkEntryId(input.actionId);
    const amendment = amendmentOf(input);
    const request = rewriteRequestOf(context, 'amendAction', input);
    const target = await targetOf(context, input);
    const outcome = context.services.identity.amend(request, target, amendment);
    return payloadOf(context, await rewritten(context, outcome));
  }
}

/** What became of a contact. */
@Resolver(() => ContactType)
export class ContactIdentityResolver {
  @FieldResolver(() => [ContactMergeType], {
    description:
      'Merges into this contact and into those that are part of it, undone ones included, the newest first; 200 at most.',
  })
  async merges(@Root() contact: ContactType, @Ctx() { loaders }: ApiContext): Promise<ContactMergeType[]> {
    return (await loaders.mergesOfContact.load(contact.id)).map(mergeTypeOf);
  }

  @FieldResolver(() => CorrectionConnection, {
    description: 'Corrections of what was recorded about the contact, the newest first.',
  })
  async corrections(
    @Root() contact: ContactType,
    @Ctx() { loaders }: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
  ): Promise<CorrectionConnection> {
    const page = checkPage(args);
    if (page.after !== null && !isUuid(page.after)) {
      throw badInput([{ path: 'after', message: 'This is not a cursor of this list.' }]);
    }
    const rows = await loaders.correctionStretch.load({
      contactId: contact.id,
      beforeId: page.after,
      limit: page.count + 1,
    });
    const edges = rows.slice(0, page.count).map((row) => ({ cursor: row.id, node: correctionTypeOf(row) }));
    return connectionOf(edges, page, rows.length > page.count);
  }
}

function checkEntryId(id: string): void {
  if (!isUuid(id)) throw badInput([{ path: 'input.actionId', message: 'must be a UUID' }]);
}

async function targetOf(context: ApiContext, input: RetractActionInput) {
  return {
    contactId: await idOfKey(context, input.contact),
    entryId: input.actionId.toLowerCase(),
    reason: input.reason ?? null,
  };
}

/** @throws LeadpulseError BAD_USER_INPUT for what could not be recorded either. */
function amendmentOf({ contact, type, occurredAt, properties }: AmendActionInput): Amendment {
  if (type == null && occurredAt == null && properties == null) {
    throw badInput([
      { path: 'input', message: 'Give at least one of `type`, `occurredAt` and `properties`.' },
    ]);
  }
  const amendment: Amendment = {};
  if (type != null) amendment.type = type;
  if (occurredAt != null) amendment.occurredAtMs = occurredAt.getTime();
  if (properties != null) amendment.properties = properties as JsonObject;
  try {
    checkItem({ kind: 'action', contact: contactKeyOf(contact), type: 'any', properties: {}, ...amendment });
  } catch (error) {
    throw error instanceof LeadpulseError ? underInput(error) : error;
  }
  return amendment;
}

async function payloadOf(
  context: ApiContext,
  { id, contactId, position }: RewriteOutcome,
): Promise<CorrectionPayload> {
  return Object.assign(new CorrectionPayload(), {
    contact: contactOf(contactId),
    cursor: cursorOf(context, position),
    correction: await correctionOf(context, id),
  });
}

async function correctionOf({ services, viewer }: ApiContext, id: string): Promise<CorrectionType> {
  const { tenantId } = viewer;
  const row = await tenantRead(services.db, tenantId, (client) => readCorrection(client, tenantId, id));
  if (row) return correctionTypeOf(row);
  throw new LeadpulseError('NOT_FOUND', 'The contact has been erased meanwhile.');
}
