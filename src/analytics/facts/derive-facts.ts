import type { CompiledModel } from '../../scoring/compile-model.js';
import type { JsonObject } from '../../scoring/json-value.js';
import { ScoreTrace, type TraceGain, type TraceStep } from '../../scoring/score-trace.js';
import type { TimelineEntry } from '../../scoring/timeline-entry.js';
import { type ConversionSettings, conversionValueOf, outcomeOf } from './conversion-rules.js';
import { FEEDBACK_REASON_PROPERTY, feedbackCodeOf } from './lead-feedback.js';

/** A model version that scores are traced under. */
export interface TracedModel {
  modelId: string;
  version: number;
  compiled: CompiledModel;
}

/** Something that sales said of a lead. */
export interface FeedbackFact {
  atMs: number;
  /** See `LEAD_FEEDBACK`. */
  code: number;
  /** '' when none was given. */
  reason: string;
}

/** The course of one contact's score on one model. */
export interface ScoreFacts {
  modelId: string;
  version: number;
  steps: readonly TraceStep[];
  gains: readonly TraceGain[];
}

/** All that reports count of one contact. Instants are ms since 1970. */
export interface ContactFacts {
  /** The first entry of the timeline. */
  firstMs: number;
  /** The first outcome of either kind. */
  wonMs: number | null;
  wonValue: number | null;
  lostMs: number | null;
  /** The first action of each type, in the order of their first. */
  typeFirstMs: ReadonlyMap<string, number>;
  feedback: readonly FeedbackFact[];
  scores: readonly ScoreFacts[];
}

/**
 * Derives the facts of one contact from its timeline: hand in the entries in timeline order, then take what `finish`
 * answers. A function of its arguments.
 */
export class FactsOfContact {
  readonly #settings: ConversionSettings;
  readonly #traces: { model: TracedModel; trace: ScoreTrace }[];
  readonly #typeFirstMs = new Map<string, number>();
  readonly #feedback: FeedbackFact[] = [];
  #firstMs: number | null = null;
  #won: { atMs: number; value: number | null } | null = null;
  #lostMs: number | null = null;

  constructor(models: readonly TracedModel[], settings: ConversionSettings) {
    this.#settings = settings;
    this.#traces = models.map((model) => ({ model, trace: new ScoreTrace(model.compiled) }));
  }

  add(entry: TimelineEntry): void {
    this.#firstMs ??= entry.atMs;
    if (entry.kind === 'action') this.#addAction(entry.type, entry.atMs, entry.properties);
    for (const { trace } of this.#traces) trace.fold(entry);
  }

  /** @param untilMs how far scores are traced beyond the last entry. @returns null for a timeline without entries. */
  finish(untilMs: number): ContactFacts | null {
    if (this.#firstMs === null) return null;
    for (const { trace } of this.#traces) trace.finish(untilMs);
    return {
      firstMs: this.#firstMs,
      wonMs: this.#won?.atMs ?? null,
      wonValue: this.#won?.value ?? null,
      lostMs: this.#lostMs,
      typeFirstMs: this.#typeFirstMs,
      feedback: this.#feedback,
      scores: this.#traces.map(({ model: { modelId, version }, trace: { steps, gains } }) => ({
        modelId,
        version,
        steps,
        gains,
      })),
    };
  }

  #addAction(type: string, atMs: number, properties: JsonObject): void {
    if (!this.#typeFirstMs.has(type)) this.#typeFirstMs.set(type, atMs);
    const outcome = outcomeOf(this.#settings, type);
    if (outcome === 'WON') this.#won ??= { atMs, value: conversionValueOf(this.#settings, type, properties) };
    if (outcome === 'LOST') this.#lostMs ??= atMs;
    const code = feedbackCodeOf(type);
    if (code === undefined) return;
    const reason = properties[FEEDBACK_REASON_PROPERTY];
    this.#feedback.push({ atMs, code, reason: typeof reason === 'string' ? reason : '' });
  }
}
