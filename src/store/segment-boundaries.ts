import type { JsonObject } from '../scoring/json-value.js';
import { type ContactFilter, partsOf } from './contact-filter.js';
import type { ScoreRow } from './score-row.js';

const DAY_MS = 86_400_000;
/** How far the clock of whoever judges a segment may be from the one that wrote the score. */
const CLOCK_SLACK_MS = 3_600_000;

/** What a score on one model has to cross for its contact to enter or leave a segment. */
interface ModelBoundaries {
  /** A total below one of them and a total at or above it are on different sides. */
  totals: Set<number>;
  /** Keys of stages, and labels. */
  stages: Set<string>;
  labels: Set<string>;
  /** Whether a segment asks about a dimension. */
  dimensions: boolean;
  /** Instants of the last activity, ms since 1970, with sides as those of totals. */
  activeAtMs: Set<number>;
  /** Days since the last activity. */
  idleDays: Set<number>;
}

/**
 * What the segments of a tenant ask of scores, so that a batch can tell which of the scores it writes may move their contact into
 * or out of a segment: most do not, and looking at a contact again costs PostgreSQL and the server 30 us each. What segments ask
 * of contacts and lists is noted by triggers on those.
 */
export class SegmentBoundaries {
  readonly #models = new Map<string, ModelBoundaries>();
  /** A segment asks what contacts did: any entry may move them. */
  readonly #asksActivity: boolean;

  /**
   * @param filters of all segments, as they are stored.
   * @param primaryModelId the model that filters without one ask about; null when there is none.
   */
  constructor(filters: readonly JsonObject[], primaryModelId: string | null) {
    const saved = filters as readonly ContactFilter[];
    for (const filter of saved) this.#add(filter, primaryModelId);
    this.#asksActivity = saved.some((filter) => [...partsOf(filter)].some((part) => part.activity != null));
  }

  /**
   * Whether the contact may belong to other segments once its score has been written.
   * @param before the stored row; absent when there is none.
   */
  isCrossed(before: ScoreRow | undefined, after: ScoreRow): boolean {
    if (this.#asksActivity || before === undefined) return true;
    const model = this.#models.get(after.modelId);
    return (
      model !== undefined &&
      (crossesTotal(model, before, after) ||
        crossesName(model.stages, before.stage, after.stage) ||
        crossesName(model.labels, before.label, after.label) ||
        (model.dimensions && hasOtherDimensions(before, after)) ||
        crossesActivity(model, before, after))
    );
  }

  /** @param modelId the one that the filter asks about unless it names one itself. */
  #add(filter: ContactFilter, modelId: string | null): void {
    const asked = filter.modelId?.toLowerCase() ?? modelId;
    if (asked !== null) addParts(this.#of(asked), filter);
    for (const part of [...(filter.all ?? []), ...(filter.any ?? [])]) this.#add(part, asked);
    if (filter.not) this.#add(filter.not, asked);
  }

  #of(modelId: string): ModelBoundaries {
    const known = this.#models.get(modelId);
    if (known) return known;
    const none: ModelBoundaries = {
      totals: new Set(),
      stages: new Set(),
      labels: new Set(),
      dimensions: false,
      activeAtMs: new Set(),
      idleDays: new Set(),
    };
    this.#models.set(modelId, none);
    return none;
  }
}

function addParts(model: ModelBoundaries, filter: ContactFilter): void {
  if (filter.minTotal != null) model.totals.add(filter.minTotal);
  if (filter.maxTotal != null) model.totals.add(filter.maxTotal + 1);
  for (const stage of filter.stages ?? []) model.stages.add(stage);
  for (const label of filter.labels ?? []) model.labels.add(label);
  if (filter.dimension) model.dimensions = true;
  for (const instant of [filter.activeSince, filter.inactiveSince]) {
    if (instant != null) model.activeAtMs.add(new Date(instant).getTime());
  }
  for (const days of [filter.activeWithinDays, filter.inactiveForDays]) {
    if (days != null) model.idleDays.add(days);
  }
}

function crossesTotal({ totals }: ModelBoundaries, before: ScoreRow, after: ScoreRow): boolean {
  if (before.total === after.total) return false;
  for (const total of totals) if (before.total < total !== after.total < total) return true;
  return false;
}

function crossesName(names: ReadonlySet<string>, before: string | null, after: string | null): boolean {
  if (before === after) return false;
  return (before !== null && names.has(before)) || (after !== null && names.has(after));
}

/** Another version may have its dimensions in another order. */
function hasOtherDimensions(before: ScoreRow, after: ScoreRow): boolean {
  return (
    before.version !== after.version ||
    before.dimensions.length !== after.dimensions.length ||
    before.dimensions.some((points, index) => points !== after.dimensions[index])
  );
}

/** Days gone by move contacts out without any write, which is found out by passes over all; only coming back is a crossing. */
function crossesActivity(model: ModelBoundaries, before: ScoreRow, after: ScoreRow): boolean {
  const from = before.lastActivityAtMs ?? Number.NEGATIVE_INFINITY;
  const to = after.lastActivityAtMs ?? Number.NEGATIVE_INFINITY;
  if (from === to) return false;
  for (const atMs of model.activeAtMs) if (from < atMs !== to < atMs) return true;
  for (const days of model.idleDays) {
    if (to < from || from < after.asOfMs - days * DAY_MS + CLOCK_SLACK_MS) return true;
  }
  return false;
}
