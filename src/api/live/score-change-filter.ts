import { Field, ID, InputType, Int } from 'type-graphql';
import { badInput, type FieldFault, LeadpulseError } from '../../errors.js';
import type { ChangeRecord } from '../../feed/change-record.js';
import type { ChangeCause } from '../../store/change-causes.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { ChangeCauseEnum } from './change-cause-enum.js';

/** Ids in one list of a filter. */
const FILTER_IDS_MAX = 1_000;

/** Which changes are wanted. Every given part must hold. */
@InputType('ScoreChangeFilter', {
  description:
    'Which score changes are wanted. Every given part must hold; an empty list lets nothing through.',
})
export class ScoreChangeFilter {
  @Field(() => ID, {
    nullable: true,
    description: 'Changes on this model alone. NOT_FOUND when there is no such model.',
  })
  modelId?: string | null;

  @Field(() => [ID], { nullable: true, description: `Changes of these contacts, at most ${FILTER_IDS_MAX}.` })
  contactIds?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Changes of contacts that belong to one of these sales representatives when the change is sent, at most ${FILTER_IDS_MAX}.`,
  })
  ownerIds?: string[] | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Changes of contacts that belong to this segment when the change is sent. BAD_USER_INPUT when there is none, also when it is deleted later.',
  })
  segmentId?: string | null;

  @Field(() => Int, { nullable: true, description: 'Changes that lead to at least this total.' })
  minTotal?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Changes by at least this much, up or down; 0 or more. 1 leaves out changes of the label alone.',
  })
  minDelta?: number | null;

  @Field(() => [ChangeCauseEnum], { nullable: true, description: 'Changes for one of these reasons.' })
  causes?: ChangeCause[] | null;
}

/** Keeps the changes that are wanted, in order. */
export type ChangeMatch = (records: readonly ChangeRecord[]) => Promise<ChangeRecord[]>;

/**
 * Checks a filter and makes ready to apply it.
 * @param filter as the caller gave it; absent or null lets everything through.
 * @throws LeadpulseError BAD_USER_INPUT with the path of each fault, NOT_FOUND for an unknown model.
 */
export async function matchFilter(
  context: ApiContext,
  filter: ScoreChangeFilter | null | undefined,
): Promise<ChangeMatch> {
  if (!filter) return async (records) => [...records];
  const faults = faultsOf(filter);
  if (faults.length > 0) throw badInput(faults);
  await checkModel(context, filter.modelId);
  const holds = recordTest(filter);
  const ownerIds = filter.ownerIds ? idSet(filter.ownerIds) : null;
  const { segmentId } = filter;
  if (segmentId != null)
    await context.services.contacts.prepare(context.viewer.tenantId, { segmentId }, 'filter');
  return async (records) => {
    const found = records.filter(holds);
    const owned = ownerIds ? await ownedBy(context, found, ownerIds) : found;
    return segmentId == null ? owned : inSegment(context, owned, segmentId);
  };
}

async function inSegment(
  { services, viewer }: ApiContext,
  records: ChangeRecord[],
  segmentId: string,
): Promise<ChangeRecord[]> {
  const isMember = await Promise.all(
    records.map((record) => services.segmentMatcher.isMember(viewer.tenantId, segmentId, record.contactId)),
  );
  return records.filter((_, index) => isMember[index]);
}

/** The changes whose contact exists and, when `ownerIds` are given, belongs to one of them now. */
export async function ownedBy(
  context: ApiContext,
  records: ChangeRecord[],
  ownerIds: ReadonlySet<string> | null,
): Promise<ChangeRecord[]> {
  const { services, viewer } = context;
  const owners = await Promise.all(
    records.map((record) => services.feed.owners.ownerOf(viewer.tenantId, record.contactId)),
  );
  return records.filter((_, index) => {
    const owner = owners[index];
    if (!owner) return false;
    return ownerIds === null || (owner.ownerId !== null && ownerIds.has(owner.ownerId));
  });
}

/** The ids of a list as PostgreSQL prints them. */
export function idSet(ids: readonly string[]): ReadonlySet<string> {
  return new Set(ids.map((id) => id.toLowerCase()));
}

/** Faults of a list of ids: too many, or no ids. */
export function idListFaults(path: string, ids: readonly string[] | null | undefined): FieldFault[] {
  if (!ids) return [];
  if (ids.length > FILTER_IDS_MAX) return [{ path, message: `Give at most ${FILTER_IDS_MAX} ids.` }];
  return ids.flatMap((id, index) => idFaults(`${path}.${index}`, id));
}

function idFaults(path: string, id: string | null | undefined): FieldFault[] {
  return id == null || isUuid(id) ? [] : [{ path, message: 'This is not an id.' }];
}

function faultsOf(filter: ScoreChangeFilter): FieldFault[] {
  const faults = [
    ...idFaults('filter.modelId', filter.modelId),
    ...idListFaults('filter.contactIds', filter.contactIds),
    ...idListFaults('filter.ownerIds', filter.ownerIds),
  ];
  if (filter.minDelta != null && filter.minDelta < 0) {
    faults.push({ path: 'filter.minDelta', message: 'Give 0 or more; it counts in both directions.' });
  }
  return faults;
}

async function checkModel(context: ApiContext, modelId: string | null | undefined): Promise<void> {
  if (modelId == null) return;
  const model = await context.loaders.modelById.load(modelId.toLowerCase());
  if (!model) throw new LeadpulseError('NOT_FOUND', `There is no scoring model with the id ${modelId}.`);
}

function recordTest(filter: ScoreChangeFilter): (record: ChangeRecord) => boolean {
  const modelId = filter.modelId?.toLowerCase() ?? null;
  const contactIds = filter.contactIds ? idSet(filter.contactIds) : null;
  const causes = filter.causes ? new Set(filter.causes) : null;
  const minTotal = filter.minTotal ?? Number.NEGATIVE_INFINITY;
  const minDelta = filter.minDelta ?? 0;
  return (record) =>
    (modelId === null || record.modelId === modelId) &&
    (contactIds === null || contactIds.has(record.contactId)) &&
    (causes === null || causes.has(record.cause)) &&
    record.totalAfter >= minTotal &&
    Math.abs(record.totalAfter - record.totalBefore) >= minDelta;
}
