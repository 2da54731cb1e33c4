import { badInput } from '../../errors.js';
import type { ChangeRecord } from '../../feed/change-record.js';
import type { ChangeCause } from '../../store/change-causes.js';
import type { ApiContext } from '../context.js';
import { type ChangeMatch, idListFaults, idSet, ownedBy } from './score-change-filter.js';

const STAGE_KEYS_MAX = 100;

/**
 * Changes that cross a stage boundary.
 * @param match what they have to pass besides.
 * @param toStages keys of the stages in which they may end; any, when absent.
 * @throws LeadpulseError BAD_USER_INPUT when there are too many keys.
 */
export function stageChanges(
  match: ChangeMatch,
  toStages: readonly string[] | null | undefined,
): ChangeMatch {
  if (toStages && toStages.length > STAGE_KEYS_MAX) {
    throw badInput([{ path: 'toStages', message: `Give at most ${STAGE_KEYS_MAX} keys.` }]);
  }
  const wanted = toStages ? new Set(toStages) : null;
  return (records) =>
    match(
      records.filter(
        (record) =>
          record.stageBefore !== record.stageAfter && (wanted === null || wanted.has(record.stageAfter)),
      ),
    );
}

/**
 * Changes that take a contact which still exists into a hot stage, judged by the version that computed them.
 * @param ownerIds whose contacts; everybody's when absent.
 * @param causes for which reasons; any, when absent.
 * @throws LeadpulseError BAD_USER_INPUT with the path of each fault.
 */
export function hotLeads(
  context: ApiContext,
  ownerIds: readonly string[] | null | undefined,
  causes: readonly ChangeCause[] | null | undefined,
): ChangeMatch {
  const faults = idListFaults('ownerIds', ownerIds);
  if (faults.length > 0) throw badInput(faults);
  const wanted = ownerIds ? idSet(ownerIds) : null;
  return async (records) => {
    const crossing = records.filter(
      (record) =>
        record.stageBefore !== record.stageAfter && (causes == null || causes.includes(record.cause)),
    );
    const hot = await Promise.all(crossing.map((record) => becomesHot(context, record)));
    const found = crossing.filter((_, index) => hot[index]);
    return found.length > 0 ? ownedBy(context, found, wanted) : found;
  };
}

async function becomesHot({ services, viewer }: ApiContext, record: ChangeRecord): Promise<boolean> {
  const { compiled } = await services.registry.version(viewer.tenantId, record.modelId, record.version);
  const isHot = (key: string | null) =>
    compiled.stages.some((stage) => stage.key === key && stage.hot === true);
  return isHot(record.stageAfter) && !isHot(record.stageBefore);
}
