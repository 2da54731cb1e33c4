import { evaluate } from '../scoring/evaluate.js';
import type { Evaluation } from '../scoring/evaluation.js';
import { explain } from '../scoring/explain.js';
import { encodeReasons, explainChange } from '../scoring/explain-change.js';
import { foldEntry } from '../scoring/fold-entry.js';
import { type NextChange, nextChange } from '../scoring/next-change.js';
import type { ScoreLine } from '../scoring/score-line.js';
import { emptyState, parseState, type ScoreState, serializeState } from '../scoring/score-state.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import { type ChangeCause, causeOfEntry, causeOfTime } from './change-causes.js';
import type { ModelVersion } from './model-registry.js';
import type { ScoreRow } from './score-row.js';

/** Boundaries of time that one call steps through; what is left stays due and is taken up by the due worker. */
export const BOUNDARY_STEPS_MAX = 500;

/** A timeline entry with its place in the order of recording. */
export interface SequencedEntry {
  entry: TimelineEntry;
  seq: number;
}

/** A change to be published: a row of `score_events` but for its position. */
export interface PublishedChange {
  contactId: string;
  modelId: string;
  version: number;
  atMs: number;
  cause: ChangeCause;
  /** The timeline entry behind it; null for time and rules. */
  entry: SequencedEntry | null;
  /** Change of the score before rounding down. */
  points: number;
  totalBefore: number;
  totalAfter: number;
  stageBefore: string;
  stageAfter: string;
  labelBefore: string | null;
  labelAfter: string | null;
  reasons: string;
}

/** What is public of a score: what a change compares. */
interface Published {
  total: number;
  stage: string;
  label: string | null;
}

/**
 * One contact's score on one model while it is brought forward: entries are folded, boundaries of time stepped through,
 * and every change of total or label noted with its own instant. Pure but for itself: it reads no clock and no database.
 *
 * The score's own time only moves forward. `asOfMs` is the instant of the last publication; an entry that became true
 * before it changes the score as of that instant.
 */
export class ScoreCursor {
  readonly contactId: string;
  readonly changes: PublishedChange[] = [];
  #model: ModelVersion;
  #state: ScoreState;
  #published: Published;
  #previousTotal: number | null;
  #asOfMs: number;
  #foldedAtMs: number | null;
  #pendingAtMs: number | null;
  /** Undefined when the state has changed since it was last asked for. */
  #next: NextChange | null | undefined;
  /** No boundary lies before it, as the stored row says; spares asking for the next change. */
  #quietUntilMs: number;
  #lines: ScoreLine[] | null = null;
  #evaluation: Evaluation | null = null;

  private constructor(
    model: ModelVersion,
    contactId: string,
    state: ScoreState,
    asOfMs: number,
    row: ScoreRow | null,
  ) {
    this.#model = model;
    this.contactId = contactId;
    this.#state = state;
    this.#asOfMs = asOfMs;
    this.#foldedAtMs = row?.foldedAtMs ?? null;
    this.#pendingAtMs = row?.pendingAtMs ?? null;
    this.#previousTotal = row?.previousTotal ?? null;
    this.#quietUntilMs = row ? (row.dueAtMs ?? Number.POSITIVE_INFINITY) : asOfMs;
    this.#published = row
      ? { total: row.total, stage: row.stage, label: row.label }
      : this.#publicOf(this.#evaluate());
  }

  /** Continues from a stored row, under the version it was computed with. */
  static resume(model: ModelVersion, row: ScoreRow): ScoreCursor {
    return new ScoreCursor(model, row.contactId, parseState(row.state), row.asOfMs, row);
  }

  /** Begins with an empty timeline: the baseline that a first change is measured from. */
  static begin(model: ModelVersion, contactId: string, atMs: number): ScoreCursor {
    return new ScoreCursor(model, contactId, emptyState(model.compiled), atMs, null);
  }

  get foldedAtMs(): number | null {
    return this.#foldedAtMs;
  }

  get asOfMs(): number {
    return this.#asOfMs;
  }

  get pendingAtMs(): number | null {
    return this.#pendingAtMs;
  }

  /** True when the entry comes after everything in the state, so that it can be folded. */
  isInOrder(atMs: number): boolean {
    return this.#foldedAtMs === null || atMs >= this.#foldedAtMs;
  }

  /** Folds one entry, in order, after the boundaries before it. */
  fold(next: SequencedEntry): void {
    const { entry } = next;
    this.stepTo(entry.atMs - 1);
    const before = this.#explained();
    foldEntry(this.#model.compiled, this.#state, entry);
    this.#foldedAtMs = entry.atMs;
    this.#touched();
    this.#publish(Math.max(entry.atMs, this.#asOfMs), causeOfEntry(entry), next, before);
  }

  /**
   * Puts a replayed state in the place of the present one: one net change.
   * @param foldedAtMs instant of the last entry in `state`.
   * @param atMs instant at which the change shows; not before it is `asOfMs`.
   */
  replace(
    model: ModelVersion,
    state: ScoreState,
    foldedAtMs: number | null,
    atMs: number,
    cause: ChangeCause,
    entry: SequencedEntry | null,
  ): void {
    const before = this.#explained();
    this.#model = model;
    this.#state = state;
    this.#foldedAtMs = foldedAtMs;
    this.#touched();
    this.#publish(Math.max(atMs, this.#asOfMs), cause, entry, before);
  }

  /** Notes the earliest recorded entry that lies ahead of the clock; null when there is none. */
  setPending(atMs: number | null): void {
    this.#pendingAtMs = atMs;
  }

  /** Steps through the boundaries up to and including `untilMs`, at most `BOUNDARY_STEPS_MAX` of them. */
  stepTo(untilMs: number): void {
    if (untilMs < this.#quietUntilMs || untilMs <= this.#asOfMs) return;
    for (let step = 0; step < BOUNDARY_STEPS_MAX; step++) {
      const next = this.#nextChange();
      if (!next || next.atMs > untilMs) return;
      const before = this.#explained();
      this.#forget();
      this.#publish(next.atMs, causeOfTime(next.causes), null, before);
    }
  }

  /** The row to store, as made under this revision of its model. */
  toRow(revision: number): ScoreRow {
    const evaluation = this.#evaluate();
    const nextAtMs = this.#nextChange()?.atMs ?? null;
    return {
      contactId: this.contactId,
      modelId: this.#model.modelId,
      version: this.#model.version,
      revision,
      ...this.#published,
      previousTotal: this.#previousTotal,
      dimensions: evaluation.dimensions,
      asOfMs: this.#asOfMs,
      foldedAtMs: this.#foldedAtMs,
      lastActivityAtMs: evaluation.lastActivityAtMs,
      dueAtMs: earliest(nextAtMs, this.#pendingAtMs),
      pendingAtMs: this.#pendingAtMs,
      state: serializeState(this.#state),
    };
  }

  #publish(atMs: number, cause: ChangeCause, entry: SequencedEntry | null, before: ScoreLine[]): void {
    this.#asOfMs = atMs;
    const after = this.#publicOf(this.#evaluate());
    const was = this.#published;
    if (after.total === was.total && after.label === was.label && after.stage === was.stage) return;
    const reasons = explainChange(before, this.#explained());
    this.changes.push({
      contactId: this.contactId,
      modelId: this.#model.modelId,
      version: this.#model.version,
      atMs,
      cause,
      entry,
      points: exactPoints(reasons),
      totalBefore: was.total,
      totalAfter: after.total,
      stageBefore: was.stage,
      stageAfter: after.stage,
      labelBefore: was.label,
      labelAfter: after.label,
      reasons: encodeReasons(reasons),
    });
    if (after.total !== was.total) this.#previousTotal = was.total;
    this.#published = after;
  }

  #publicOf(evaluation: Evaluation): Published {
    const stage = this.#model.compiled.stages[evaluation.stage];
    return { total: evaluation.total, stage: stage?.key ?? '', label: evaluation.label };
  }

  #evaluate(): Evaluation {
    this.#evaluation ??= evaluate(this.#model.compiled, this.#state, this.#asOfMs);
    return this.#evaluation;
  }

  /** The lines of the score at `asOfMs`. */
  #explained(): ScoreLine[] {
    this.#lines ??= explain(this.#model.compiled, this.#state, this.#asOfMs);
    return this.#lines;
  }

  #nextChange(): NextChange | null {
    if (this.#next === undefined) this.#next = nextChange(this.#model.compiled, this.#state, this.#asOfMs);
    return this.#next;
  }

  /** The state has changed: everything derived from it is stale. */
  #touched(): void {
    this.#quietUntilMs = Number.NEGATIVE_INFINITY;
    this.#forget();
  }

  /** The instant has changed: what was computed at the old one is stale. */
  #forget(): void {
    this.#next = undefined;
    this.#lines = null;
    this.#evaluation = null;
  }
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

/** Points of a change before rounding down: its lines without the rounding, to 1e-6. */
function exactPoints(lines: ScoreLine[]): number {
  let sum = 0;
  for (const line of lines) if (line.kind !== 'ROUNDING') sum += line.points;
  return Math.round(sum * 1e6) / 1e6;
}
