import type pg from 'pg';
import { DAY_MS } from '../../scoring/duration.js';
import { type TimelineNeeds, timelineNeedsOf } from '../../scoring/timeline-needs.js';
import type { ActiveModels } from '../../store/model-registry.js';
import { type ConversionSettings, outcomeOf } from './conversion-rules.js';
import { readConversionSettings } from './conversion-settings.js';
import type { TracedModel } from './derive-facts.js';
import { feedbackCodeOf } from './lead-feedback.js';

/** Raised whenever facts are derived in another way: they are all made anew then. */
const FACTS_FORMAT = 2;

/** How far beyond the present scores are traced; facts are made anew when less than `TRACE_AHEAD_MS_MIN` of it is left. */
export const TRACE_AHEAD_MS = 400 * DAY_MS;
export const TRACE_AHEAD_MS_MIN = 40 * DAY_MS;

/** What facts are derived with. */
export interface FactPlan {
  models: readonly TracedModel[];
  settings: ConversionSettings;
  readsProperties: TimelineNeeds['readsProperties'];
  /** Names all of the above; facts derived under another plan are stale. */
  key: string;
}

/** @param client a connection, scoped to the tenant. */
export async function readFactPlan(
  client: pg.ClientBase,
  tenantId: string,
  active: ActiveModels,
): Promise<FactPlan> {
  const settings = await readConversionSettings(client, tenantId);
  const needs = timelineNeedsOf(active.models.map(({ compiled }) => compiled));
  const models = active.models.map(({ modelId, version, compiled }) => ({ modelId, version, compiled }));
  return {
    models,
    settings,
    readsProperties: (type) =>
      needs.readsProperties(type) || outcomeOf(settings, type) !== null || feedbackCodeOf(type) !== undefined,
    key: factPlanKey(models, settings.revision),
  };
}

/** @param settingsRevision that of the conversion settings. @returns `FactPlan.key`. */
export function factPlanKey(
  models: readonly Pick<TracedModel, 'modelId' | 'version'>[],
  settingsRevision: number,
): string {
  const versions = models.map(({ modelId, version }) => `${modelId}:${version}`).sort();
  return [FACTS_FORMAT, settingsRevision, ...versions].join(' ');
}
