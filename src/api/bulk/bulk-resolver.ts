import { Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { BULK_RESUME_DAYS, type BulkAction, type BulkSelection } from '../../bulk/bulk-action.js';
import { badInput } from '../../errors.js';
import type { ApiContext } from '../context.js';
import { requestHash } from '../ingest/request-hash.js';
import { checkTexts } from '../input-check.js';
import { JobType, jobOf } from '../models/job-type.js';
import { RawArg } from '../raw-arg.js';
import {
  type BulkActionInput,
  BulkActionResultType,
  BulkUpdateContactsInput,
  BulkUpdateContactsPayload,
  ResumeBulkActionInput,
  ResumeBulkActionPayload,
} from './bulk-types.js';

const KEY_CHARS_MAX = 256;

/** The same for many contacts, in the background. */
@Resolver(() => JobType)
export class BulkResolver {
  @Mutation(() => BulkUpdateContactsPayload, {
    description:
      'Does the same to many contacts in the background: each is done once, also when a server dies in between, and its score follows. Who is meant is settled when the job begins. One that has failed or was cancelled goes on with resumeBulkAction; asked for anew, without its idempotencyKey, it is done again to those who were done already. Roles: ADMIN, MARKETER.',
  })
  async bulkUpdateContacts(
    @Ctx() { viewer, services }: ApiContext,
    @RawArg('input', () => BulkUpdateContactsInput, 'Whom, and what.') input: BulkUpdateContactsInput,
  ): Promise<BulkUpdateContactsPayload> {
    requireRole(viewer, ...ROLES_THAT_MAY.bulkUpdate);
    const { idempotencyKey: key } = input;
    checkTexts({ 'input.idempotencyKey': key }, KEY_CHARS_MAX);
    const job = await services.bulk.start(viewer, {
      selection: selectionOf(input),
      action: actionOf(input.action),
      idempotency: key == null ? null : { key, requestHash: requestHash('bulk', input) },
    });
    services.wakeUps.announce(viewer.tenantId);
    return { job: jobOf(job) };
  }

  @Mutation(() => ResumeBulkActionPayload, {
    description: `Goes on with a bulk action that was cancelled or has failed, with those who are left; nobody is done twice. One that is not over is answered as it is. CONFLICT when it has done its work, when it ended more than ${BULK_RESUME_DAYS} days ago, or when its filter named a person who was erased; NOT_FOUND. Roles: ADMIN, MARKETER.`,
  })
  async resumeBulkAction(
    @Ctx() context: ApiContext,
    @RawArg('input', () => ResumeBulkActionInput, 'Which one.') input: ResumeBulkActionInput,
  ): Promise<ResumeBulkActionPayload> {
    const { viewer, services } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.bulkUpdate);
    const job = await services.bulk.resume(viewer.tenantId, input.id);
    services.wakeUps.announce(viewer.tenantId);
    context.forgetReads();
    return { job: jobOf(job) };
  }

  @FieldResolver(() => BulkActionResultType, {
    nullable: true,
    description: 'What a BULK_ACTION has done so far; null for other jobs.',
  })
  async bulkAction(
    @Root() job: JobType,
    @Ctx() { loaders }: ApiContext,
  ): Promise<BulkActionResultType | null> {
    return job.kind === 'BULK_ACTION' ? loaders.bulkResultOfJob.load(job.id) : null;
  }
}

function selectionOf({ filter, contactIds }: BulkUpdateContactsInput): BulkSelection {
  if (filter != null && contactIds == null) return { filter };
  if (contactIds != null && filter == null) return { contactIds };
  throw badInput([{ path: 'input', message: 'Give either `filter` or `contactIds`.' }]);
}

/** GraphQL has seen to it that exactly one is given. */
function actionOf({ addToList, removeFromList, setOwner, adjustScore }: BulkActionInput): BulkAction {
  if (addToList != null) return { kind: 'addToList', list: addToList.trim() };
  if (removeFromList != null) return { kind: 'removeFromList', list: removeFromList.trim() };
  if (setOwner) return { kind: 'setOwner', ownerId: setOwner.ownerId?.toLowerCase() ?? null };
  if (!adjustScore) throw badInput([{ path: 'input.action', message: 'Give exactly one action.' }]);
  const { points, reason, expiresAfterDays } = adjustScore;
  return { kind: 'adjustScore', points, reason, ...(expiresAfterDays == null ? {} : { expiresAfterDays }) };
}
