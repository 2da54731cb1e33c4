import { badInput, type FieldFault, LeadpulseError } from '../../errors.js';
import { FILTER_VALUES_MAX } from '../../store/contact-filter.js';
import { findModel } from '../../store/find-model.js';
import type { ActiveModel, ActiveModels } from '../../store/model-registry.js';
import { isUuid } from '../../uuid.js';
import { type AnalyticsRange, analyticsRange } from './analytics-range.js';
import type { LocalDate } from './local-days.js';

/** What reports are asked about, as the caller says it; what is absent or null is not restricted. */
export interface AnalyticsRequest {
  range?: { from: LocalDate; to: LocalDate } | null;
  timeZone?: string | null;
  filter?: AnalyticsFilter | null;
}

export interface AnalyticsFilter {
  modelId?: string | null;
  modelKey?: string | null;
  segmentIds?: readonly string[] | null;
  ownerIds?: readonly string[] | null;
}

/** What all reports of one request are about. */
export interface AnalyticsScope {
  tenantId: string;
  range: AnalyticsRange;
  /** The model at its published version; an active one. */
  model: ActiveModel;
  /** Only contacts that are members of one of these segments now; null for all contacts. */
  segmentIds: readonly string[] | null;
  /** Only contacts that one of these sales representatives owns now; null for all contacts. */
  ownerIds: readonly string[] | null;
  /** When the request came. Nothing later is looked at. */
  nowMs: number;
}

const DEFAULT_ZONE = 'UTC';

/**
 * Checks what is asked for. Whether segments and owners exist is the caller's to check: nobody belongs to those that do not.
 * @throws LeadpulseError BAD_USER_INPUT with the path of a fault, NOT_FOUND when no active model is the one asked for.
 */
export function analyticsScope(
  tenantId: string,
  active: ActiveModels,
  { range, timeZone, filter }: AnalyticsRequest,
  nowMs: number,
): AnalyticsScope {
  const faults = [
    ...idFaults('segmentIds', filter?.segmentIds, 'This is not the id of a segment.'),
    ...idFaults('ownerIds', filter?.ownerIds, 'This is not the id of a sales representative.'),
  ];
  if (faults.length > 0) throw badInput(faults);
  return {
    tenantId,
    range: analyticsRange(range ?? null, timeZone ?? DEFAULT_ZONE, nowMs),
    model: modelOf(active, filter ?? {}),
    segmentIds: filter?.segmentIds ?? null,
    ownerIds: filter?.ownerIds ?? null,
    nowMs,
  };
}

function idFaults(field: string, ids: readonly string[] | null | undefined, message: string): FieldFault[] {
  const path = `filter.${field}`;
  if (ids && ids.length > FILTER_VALUES_MAX)
    return [{ path, message: `has at most ${FILTER_VALUES_MAX} ids` }];
  return (ids ?? []).flatMap((id, index) => (isUuid(id) ? [] : [{ path: `${path}.${index}`, message }]));
}

function modelOf(active: ActiveModels, { modelId, modelKey }: AnalyticsFilter): ActiveModel {
  if (modelId != null && modelKey != null) {
    throw badInput([{ path: 'filter.modelKey', message: 'Give either modelId or modelKey, not both.' }]);
  }
  const model =
    modelKey == null ? findModel(active, modelId) : active.models.find(({ key }) => key === modelKey);
  if (model) return model;
  const message =
    modelKey == null
      ? 'There is no primary scoring model: create one, or name an active one in the filter.'
      : `No active scoring model has the key ${JSON.stringify(modelKey.slice(0, 64))}; scoringModels lists them.`;
  throw new LeadpulseError('NOT_FOUND', message);
}
