import { Arg, Ctx, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput } from '../../errors.js';
import type { ChangeCause } from '../../store/change-causes.js';
import type { ApiContext } from '../context.js';
import { ChangeCauseEnum } from './change-cause-enum.js';
import { hotLeads, stageChanges } from './change-matches.js';
import { type ChangeBatch, ChangeSource } from './fan-out/change-source.js';
import { LeadAlertType, leadAlertFromRecord } from './lead-alert-type.js';
import { matchFilter, ScoreChangeFilter } from './score-change-filter.js';
import { ScoreChangeType, scoreChangeFromRecord, scoreChangesFromRecords } from './score-change-type.js';
import { ScoreFeedBatchType } from './score-feed-batch-type.js';
import type { SentChange } from './sent-change.js';

const BATCH_CHANGES_MAX = 1_000;
const BATCH_CHANGES_DEFAULT = 100;
/** How long a batch stream stays silent at most. */
const BATCH_SILENCE_MS_MAX = 15_000;

const AFTER =
  'Where to begin: the cursor of the last change that was seen, or a feedCursor. From now on when absent. CURSOR_EXPIRED when it is of another tenant or database, ahead of the feed, or older than what is kept.';
const FILTER = 'Which changes are wanted; all, when absent.';
const ROLES = 'Roles: ADMIN, MARKETER, SALES, VIEWER.';

interface Subscribing<Args> {
  args: Args;
  context: ApiContext;
}

interface ChangeArgs {
  filter?: ScoreChangeFilter | null;
  after?: string | null;
}

/** Streams of the change feed; equal ones are delivered together. */
@Resolver()
export class SubscriptionResolver {
  @Subscription(() => ScoreChangeType, {
    description: `Every score change from \`after\` on. Nothing is lost and nothing comes twice, within retention; but a client that has caught up and then takes less than comes is told the newest change of each contact and model alone, and by \`skipped\` how many it stands for. ${ROLES}`,
    subscribe: async ({ args, context }: Subscribing<ChangeArgs>) => {
      requireRole(context.viewer, ...ROLES_THAT_MAY.readContacts);
      const match = await matchFilter(context, args.filter);
      return ChangeSource.open(context.services.feed, {
        tenantId: context.viewer.tenantId,
        after: args.after,
        match,
        shape: { kind: 'changes', folds: true },
      });
    },
  })
  scoreChanged(
    @Root() change: SentChange,
    @Ctx() context: ApiContext,
    @Arg('filter', () => ScoreChangeFilter, { nullable: true, description: FILTER })
    _filter?: ScoreChangeFilter | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after?: string | null,
  ): ScoreChangeType | Promise<ScoreChangeType> {
    return scoreChangeFromRecord(context, change.record, change.skipped);
  }

  @Subscription(() => ScoreChangeType, {
    description: `Only changes that cross a stage boundary, either way; a contact's first score is one. None is ever left out. ${ROLES}`,
    subscribe: async ({ args, context }: Subscribing<ChangeArgs & { toStages?: string[] | null }>) => {
      requireRole(context.viewer, ...ROLES_THAT_MAY.readContacts);
      const match = stageChanges(await matchFilter(context, args.filter), args.toStages);
      return ChangeSource.open(context.services.feed, {
        tenantId: context.viewer.tenantId,
        after: args.after,
        match,
        shape: { kind: 'changes', folds: false },
      });
    },
  })
  stageChanged(
    @Root() change: SentChange,
    @Ctx() context: ApiContext,
    @Arg('filter', () => ScoreChangeFilter, { nullable: true, description: FILTER })
    _filter?: ScoreChangeFilter | null,
    @Arg('toStages', () => [String], {
      nullable: true,
      description: 'Keys of stages: only changes that end in one of them, at most 100. All, when absent.',
    })
    _toStages?: string[] | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after?: string | null,
  ): ScoreChangeType | Promise<ScoreChangeType> {
    return scoreChangeFromRecord(context, change.record);
  }

  @Subscription(() => ScoreFeedBatchType, {
    description: `The same changes in batches. The first batch comes at once and tells where the stream begins; then one comes as soon as there is a change, and at least every 15 s, empty if need be, so that a sparse filter's cursor moves on. ${ROLES}`,
    subscribe: async ({ args, context }: Subscribing<ChangeArgs & { batchMax?: number | null }>) => {
      requireRole(context.viewer, ...ROLES_THAT_MAY.readContacts);
      const batchMax = args.batchMax ?? BATCH_CHANGES_DEFAULT;
      if (batchMax < 1 || batchMax > BATCH_CHANGES_MAX) {
        throw badInput([{ path: 'batchMax', message: `Give a number from 1 to ${BATCH_CHANGES_MAX}.` }]);
      }
      const match = await matchFilter(context, args.filter);
      return ChangeSource.open(context.services.feed, {
        tenantId: context.viewer.tenantId,
        after: args.after,
        match,
        shape: { kind: 'batches', batchMax, silenceMsMax: BATCH_SILENCE_MS_MAX },
      });
    },
  })
  async scoreFeed(
    @Root() batch: ChangeBatch,
    @Ctx() context: ApiContext,
    @Arg('filter', () => ScoreChangeFilter, { nullable: true, description: FILTER })
    _filter?: ScoreChangeFilter | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after?: string | null,
    @Arg('batchMax', () => Int, {
      nullable: true,
      defaultValue: BATCH_CHANGES_DEFAULT,
      description: `Changes in one batch at most: 1 to ${BATCH_CHANGES_MAX}.`,
    })
    _batchMax?: number | null,
  ): Promise<ScoreFeedBatchType> {
    const changes = await scoreChangesFromRecords(context, batch.records);
    const cursor = context.services.feed.cursor(context.viewer.tenantId, batch.position);
    return { changes, cursor, caughtUp: batch.caughtUp };
  }

  @Subscription(() => LeadAlertType, {
    description: `An alert each time a contact enters a hot stage of a model from one that is not hot, or with its first score. None is ever left out. ${ROLES}`,
    subscribe: async ({
      args,
      context,
    }: Subscribing<{ ownerIds?: string[] | null; causes?: ChangeCause[] | null; after?: string | null }>) => {
      requireRole(context.viewer, ...ROLES_THAT_MAY.readContacts);
      const match = hotLeads(context, args.ownerIds, args.causes);
      return ChangeSource.open(context.services.feed, {
        tenantId: context.viewer.tenantId,
        after: args.after,
        match,
        shape: { kind: 'changes', folds: false },
      });
    },
  })
  hotLead(
    @Root() change: SentChange,
    @Ctx() context: ApiContext,
    @Arg('ownerIds', () => [ID], {
      nullable: true,
      description:
        'Only contacts that belong to one of these sales representatives, at most 1,000; all, when absent.',
    })
    _ownerIds?: string[] | null,
    @Arg('causes', () => [ChangeCauseEnum], {
      nullable: true,
      description:
        'Only alerts for one of these reasons; all, when absent. Without RULES among them, a rescoring after a change of the model alerts nobody.',
    })
    _causes?: ChangeCause[] | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after?: string | null,
  ): Promise<LeadAlertType> {
    return leadAlertFromRecord(context, change.record);
  }
}
