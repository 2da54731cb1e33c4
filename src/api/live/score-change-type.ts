import { Ctx, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { ChangeRecord } from '../../feed/change-record.js';
import { decodeReasons } from '../../scoring/explain-change.js';
import type { ChangeCause } from '../../store/change-causes.js';
import type { ModelVersion } from '../../store/model-registry.js';
import { ContactType } from '../contacts/contact-type.js';
import { ScoreLineType, scoreLineOf } from '../contacts/score-line-type.js';
import { StageType, stageOf, stageOfKey } from '../contacts/stage-type.js';
import type { ApiContext } from '../context.js';
import { RecordedActionType } from '../ingest/recorded-action-type.js';
import { ScoringModelType, scoringModelOf } from '../models/scoring-model-type.js';
import { createConnectionClass } from '../pagination.js';
import { DateTimeScalar } from '../scalars.js';
import { loadAction } from './action-loader.js';
import { ChangeCauseEnum } from './change-cause-enum.js';
import { contactOfChange } from './change-contact.js';
import { findStageBefore } from './stage-before.js';

/** One committed change of one contact's score. */
@ObjectType('ScoreChange', {
  description:
    "One committed change of one contact's score on one model. Changes are gapless and in order per tenant; `cursor` resumes after this one.",
})
export class ScoreChangeType {
  readonly #record: ChangeRecord;
  readonly #model: ModelVersion;

  @Field(() => String, {
    simple: true,
    description:
      'Place in the change feed, for `after` of subscriptions and of `scoreChanges`. Opaque; keep the last one.',
  })
  readonly cursor: string;

  @Field(() => Int, {
    simple: true,
    description:
      'Earlier changes of the same contact on the same model that a slow consumer of `scoreChanged` was not told of: this one stands for them. 0 everywhere else. To have them, read `scoreChanges` or subscribe `after` an earlier cursor.',
  })
  readonly skipped: number;

  /** @param model the version that the change was computed with. */
  constructor(record: ChangeRecord, model: ModelVersion, cursor: string, skipped: number) {
    this.#record = record;
    this.#model = model;
    this.cursor = cursor;
    this.skipped = skipped;
  }

  @Field(() => DateTimeScalar, {
    simple: true,
    description:
      "The instant of the change in the contact's time: when the action occurred, when points expired.",
  })
  get at(): Date {
    return new Date(this.#record.atMs);
  }

  @Field(() => DateTimeScalar, { simple: true, description: 'When the change was committed.' })
  get recordedAt(): Date {
    return new Date(this.#record.recordedAtMs);
  }

  @Field(() => ID, { simple: true, description: 'Id of the contact, also when it is gone.' })
  get contactId(): string {
    return this.#record.contactId;
  }

  @Field(() => ContactType, {
    nullable: true,
    description:
      'The contact as it stands now, or the one it was merged into; null once the person was erased.',
  })
  contact(@Ctx() context: ApiContext): Promise<ContactType | null> {
    return contactOfChange(context, this.#record.contactId);
  }

  @Field(() => ScoringModelType, {
    description:
      'The model whose score changed, as it stands now; `modelVersion` says which version computed the change.',
  })
  async model(@Ctx() context: ApiContext): Promise<ScoringModelType> {
    const row = await context.loaders.modelById.load(this.#record.modelId);
    if (!row) throw new Error(`model ${this.#record.modelId} of a score change is not there`);
    return scoringModelOf(row);
  }

  @Field(() => Int, {
    simple: true,
    description: 'The version of the model that the change was computed with.',
  })
  get modelVersion(): number {
    return this.#record.version;
  }

  @Field(() => ChangeCauseEnum, { simple: true, description: 'Why the score changed.' })
  get cause(): ChangeCause {
    return this.#record.cause;
  }

  @Field(() => RecordedActionType, {
    nullable: true,
    description:
      'The action behind the change, as it is now; null when something else caused it, or when it was taken back, amended to another instant, or erased.',
  })
  async action(@Ctx() context: ApiContext): Promise<RecordedActionType | null> {
    const { contactId, actionAtMs, actionSeq } = this.#record;
    if (actionAtMs === null || actionSeq === null) return null;
    return loadAction(context, { contactId, atMs: actionAtMs, seq: actionSeq });
  }

  @Field(() => Float, {
    simple: true,
    description: 'By how many points the total moved; `reasons` add up to it.',
  })
  get points(): number {
    return this.#record.points;
  }

  @Field(() => Int, { simple: true, description: 'The total before.' })
  get totalBefore(): number {
    return this.#record.totalBefore;
  }

  @Field(() => Int, { simple: true, description: 'The total after.' })
  get totalAfter(): number {
    return this.#record.totalAfter;
  }

  @Field(() => StageType, {
    nullable: true,
    description: "The stage before; null when it was the contact's first score.",
  })
  async stageBefore(@Ctx() { services, viewer }: ApiContext): Promise<StageType | null> {
    const key = this.#record.stageBefore;
    if (key === null) return null;
    const stage = await findStageBefore(services.registry, viewer.tenantId, this.#model, key);
    return stage ? stageOf(stage) : stageOfKey([], key);
  }

  @Field(() => StageType, { simple: true, description: 'The stage after.' })
  get stageAfter(): StageType {
    return stageOfKey(this.#model.compiled.stages, this.#record.stageAfter);
  }

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'The label before, such as `B2`; null for none.',
  })
  get labelBefore(): string | null {
    return this.#record.labelBefore;
  }

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'The label after, such as `A1`; null for none.',
  })
  get labelAfter(): string | null {
    return this.#record.labelAfter;
  }

  @Field(() => [ScoreLineType], {
    simple: true,
    description: 'What moved the score; the points add up to `points`.',
  })
  get reasons(): ScoreLineType[] {
    return decodeReasons(this.#model.compiled, this.#record.reasons).map(scoreLineOf);
  }
}

/** A page of the change feed, or of a score's history. */
@ObjectType({ description: 'A page of ScoreChange.' })
export class ScoreChangeConnection extends createConnectionClass('ScoreChange', () => ScoreChangeType) {}

/**
 * A change as the API shows it; at once when its version is in memory.
 * @param record a change of the viewer's tenant.
 * @param skipped see `ScoreChangeType.skipped`.
 */
export function scoreChangeFromRecord(
  { services, viewer }: ApiContext,
  record: ChangeRecord,
  skipped = 0,
): ScoreChangeType | Promise<ScoreChangeType> {
  const { tenantId } = viewer;
  const { modelId, version } = record;
  const show = (model: ModelVersion) =>
    new ScoreChangeType(record, model, services.feed.cursor(tenantId, record.position), skipped);
  const known = services.registry.knownVersion(tenantId, modelId, version);
  return known ? show(known) : services.registry.version(tenantId, modelId, version).then(show);
}

/** Changes as the API shows them. */
export function scoreChangesFromRecords(
  context: ApiContext,
  records: readonly ChangeRecord[],
): Promise<ScoreChangeType[]> {
  return Promise.all(records.map((record) => scoreChangeFromRecord(context, record)));
}
