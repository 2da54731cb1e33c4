import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, Field, Info, Int, ObjectType } from 'type-graphql';
import { badInput } from '../../errors.js';
import { stageOf as stageIndexOf } from '../../scoring/add-up.js';
import { evaluate } from '../../scoring/evaluate.js';
import type { Evaluation } from '../../scoring/evaluation.js';
import { explain } from '../../scoring/explain.js';
import { forecast } from '../../scoring/forecast.js';
import { NEXT_CHANGE_HORIZON_MS, nextChange } from '../../scoring/next-change.js';
import { parseState, type ScoreState } from '../../scoring/score-state.js';
import type { ModelVersion } from '../../store/model-registry.js';
import type { ScoreRow } from '../../store/score-row.js';
import { asksFor } from '../asks-for.js';
import type { ApiContext } from '../context.js';
import { ScoreChangeConnection } from '../live/score-change-type.js';
import { ScoringModelType, scoringModelOf } from '../models/scoring-model-type.js';
import { ForwardPageArgs } from '../pagination.js';
import { DateTimeScalar } from '../scalars.js';
import { DimensionScoreType, dimensionScoresOf } from './dimension-score-type.js';
import { scoreHistoryPage } from './score-history.js';
import { ScoreLineType, scoreLineOf } from './score-line-type.js';
import { StageType, stageOf } from './stage-type.js';

/** Points of a forecast at most. */
export const FORECAST_POINTS_MAX = 500;

/** What a score is resolved from. */
export interface ScoreSource {
  row: ScoreRow;
  /** The version that is shown, which is the row's unless another was asked for. */
  model: ModelVersion;
  atMs: number;
  /** A replayed state; null when that of the row answers for `atMs`. */
  replayed: ScoreState | null;
  /** True for the score as of now under the row's version. */
  live: boolean;
}

/** The total from an instant on. */
@ObjectType('ScorePoint', { description: 'The total from an instant on.' })
export class ScorePointType {
  @Field(() => DateTimeScalar, { simple: true, description: 'From when on.' })
  at!: Date;

  @Field(() => Int, { simple: true, description: 'The total from then on, until the next point.' })
  total!: number;

  @Field(() => StageType, { simple: true, description: 'The stage from then on.' })
  stage!: StageType;
}

/** A contact's score on one model at one instant; evaluated from the state when a field first needs it. */
@ObjectType('ContactScore', {
  description:
    "A contact's score on one model at one instant. All fields speak of the same instant, `asOf`, and of the same version of the model.",
})
export class ContactScoreType {
  source!: ScoreSource;
  #state: ScoreState | undefined;
  #evaluation: Evaluation | undefined;

  @Field(() => ScoringModelType, {
    description: 'The model as it stands now; `modelVersion` says which version is shown.',
  })
  async model(@Ctx() { loaders }: ApiContext): Promise<ScoringModelType> {
    const { modelId } = this.source.row;
    const row = await loaders.modelById.load(modelId);
    if (!row) throw new Error(`model ${modelId} of a score is not there`);
    return scoringModelOf(row);
  }

  @Field(() => Int, { simple: true, description: 'The version of the model that is shown.' })
  get modelVersion(): number {
    return this.source.model.version;
  }

  @Field(() => Int, { simple: true, description: "The score, a whole number within the model's bounds." })
  get total(): number {
    return this.#stands ? this.source.row.total : this.evaluation.total;
  }

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description:
      'The total before the last change; null before the first one, and for scores of another instant or version.',
  })
  get previousTotal(): number | null {
    const { row, live } = this.source;
    if (!live) return null;
    return row.total === this.total ? row.previousTotal : row.total;
  }

  @Field(() => StageType, { simple: true, description: 'The stage of the funnel by the total.' })
  get stage(): StageType {
    const { compiled } = this.source.model;
    return this.#stageAt(stageIndexOf(compiled, this.total));
  }

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'The labels of the dimensions joined, such as `A1`; null when none has one.',
  })
  get label(): string | null {
    return this.#stands ? this.source.row.label : this.evaluation.label;
  }

  @Field(() => [DimensionScoreType], {
    simple: true,
    description: 'The points of each dimension, in the order of the model.',
  })
  get dimensions(): DimensionScoreType[] {
    return dimensionScoresOf(this.source.model.compiled.dimensions, this.evaluation.dimensions);
  }

  @Field(() => DateTimeScalar, { simple: true, description: 'The instant of which everything here speaks.' })
  get asOf(): Date {
    return new Date(this.source.atMs);
  }

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description:
      'The last action up to then whose type the model does not call passive; null when there was none.',
  })
  get lastActivityAt(): Date | null {
    const { lastActivityAtMs } = this.evaluation;
    return lastActivityAtMs === null ? null : new Date(lastActivityAtMs);
  }

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description:
      'The first instant after `asOf` at which total or label changes if nothing more happens; null when there is none within 10 years.',
  })
  get nextChangeAt(): Date | null {
    const { model, atMs } = this.source;
    const next = nextChange(model.compiled, this.state, atMs);
    return next && new Date(next.atMs);
  }

  @Field(() => [ScoreLineType], { simple: true, description: 'Lines whose points add up to the total.' })
  get explanation(): ScoreLineType[] {
    const { model, atMs } = this.source;
    return explain(model.compiled, this.state, atMs).map(scoreLineOf);
  }

  @Field(() => [ScorePointType], {
    description: `How the total moves if nothing more happens: the total at \`asOf\`, then each change up to \`until\`, ${FORECAST_POINTS_MAX} points at most.`,
  })
  forecast(
    @Arg('until', () => DateTimeScalar, {
      description: 'The last instant looked at: not before `asOf`, at most 10 years of 365 days after it.',
    })
    until: Date,
  ): ScorePointType[] {
    const { model, atMs } = this.source;
    const untilMs = until.getTime();
    if (untilMs < atMs || untilMs > atMs + NEXT_CHANGE_HORIZON_MS) {
      const message = 'Give an instant from asOf to 10 years of 365 days after it.';
      throw badInput([{ path: 'until', message }]);
    }
    const points = forecast(model.compiled, this.state, atMs, untilMs, FORECAST_POINTS_MAX);
    return points.map((point) => ({
      at: new Date(point.atMs),
      total: point.total,
      stage: this.#stageAt(point.stage),
    }));
  }

  @Field(() => Boolean, {
    description:
      'Whether `modelVersion` is the published version: false while a newly published one is still being applied to this contact, and when an older one was asked for.',
  })
  async current(@Ctx() { loaders }: ApiContext): Promise<boolean> {
    const { modelId, version } = this.source.model;
    const { models } = await loaders.activeModels();
    return models.some((model) => model.modelId === modelId && model.version === version);
  }

  @Field(() => ScoreChangeConnection, {
    description:
      'What was published of the score on this model and when, the newest first, whatever `asOf` is. `score(at)` is what follows from all that is known now; history is what was said at the time.',
  })
  history(
    @Ctx() context: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ScoreChangeConnection> {
    return scoreHistoryPage(context, this.source.row, args, asksFor(info, 'pageInfo'));
  }

  /**
   * Whether the row's published total and label are the ones to show: nothing moves them before it is due. To lay out the state and add it up
   * for this alone was 5 % of a recordAction without a database.
   * With label and stage from the row as well, what a page of 50 contacts shows takes 6 us instead of 75.
   */
  get #stands(): boolean {
    const { row, atMs, live, replayed } = this.source;
    const isDue = row.dueAtMs !== null && row.dueAtMs <= atMs;
    return live && replayed === null && row.asOfMs <= atMs && !isDue;
  }

  get state(): ScoreState {
    this.#state ??= this.source.replayed ?? parseState(this.source.row.state);
    return this.#state;
  }

  get evaluation(): Evaluation {
    this.#evaluation ??= evaluate(this.source.model.compiled, this.state, this.source.atMs);
    return this.#evaluation;
  }

  #stageAt(index: number): StageType {
    const stage = this.source.model.compiled.stages[index];
    if (!stage) throw new Error(`model ${this.source.model.modelId} has no stage ${index}`);
    return stageOf(stage);
  }
}

/** The score as the API shows it. */
export function contactScoreOf(source: ScoreSource): ContactScoreType {
  return Object.assign(new ContactScoreType(), { source });
}
