import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput } from '../../errors.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { checkPage, connectionOf, ForwardPageArgs } from '../pagination.js';
import {
  ModelChangeConnection,
  ModelChangeEntryType,
  modelChangeEntryOf,
} from './model-change-entry-type.js';
import { ModelDiffType, modelDiffOf } from './model-diff-type.js';
import { ScoringModelType, scoringModelOf } from './scoring-model-type.js';

const CURSOR_PREFIX = 'change:';

/** Who did what to models. */
@Resolver(() => ModelChangeEntryType)
export class ChangeLogResolver {
  @Query(() => ModelChangeConnection, {
    description:
      'What was done to models, by whom, when and why, the newest first. Pages stay put while more is done. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async modelChanges(
    @Ctx() { viewer, services }: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('modelId', () => ID, { nullable: true, description: 'Only this model; all of them, when absent.' })
    modelId?: string | null,
  ): Promise<ModelChangeConnection> {
    requireRole(viewer, ...ROLES_THAT_MAY.readModels);
    const page = checkPage(args);
    const beforeId = page.after === null ? null : decode(page.after);
    if (modelId != null && !isUuid(modelId)) return connectionOf([], page, false);
    const wanted = { modelId: modelId ?? null, beforeId, limit: page.count + 1 };
    const rows = await services.models.changes(viewer.tenantId, wanted);
    const edges = rows
      .slice(0, page.count)
      .map((row) => ({ cursor: encode(row.id), node: modelChangeEntryOf(row) }));
    return connectionOf(edges, page, rows.length > page.count);
  }

  @FieldResolver(() => ScoringModelType, { description: 'The model, as it is now.' })
  async model(
    @Root() entry: ModelChangeEntryType,
    @Ctx() { loaders }: ApiContext,
  ): Promise<ScoringModelType> {
    const row = await loaders.modelById.load(entry.modelId);
    if (!row) throw new Error(`model ${entry.modelId} is in the log of changes and not there`);
    return scoringModelOf(row);
  }

  @FieldResolver(() => ModelDiffType, {
    nullable: true,
    description:
      'What it did to the published definition, or to the draft when it published nothing; null when the model is new or only its switches changed.',
  })
  async diff(
    @Root() entry: ModelChangeEntryType,
    @Ctx() { loaders }: ApiContext,
  ): Promise<ModelDiffType | null> {
    const logged = await loaders.diffByChange.load(entry.id);
    return logged && modelDiffOf(logged.diff);
  }

  @FieldResolver(() => Boolean, {
    description:
      'False when the diff was too large to keep: it then names what changed without the single values; `ScoringModel.diff` compares published versions in full.',
  })
  async diffComplete(@Root() entry: ModelChangeEntryType, @Ctx() { loaders }: ApiContext): Promise<boolean> {
    return (await loaders.diffByChange.load(entry.id))?.complete ?? true;
  }
}

function encode(id: string): string {
  return Buffer.from(`${CURSOR_PREFIX}${id}`).toString('base64url');
}

function decode(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const id = text.slice(CURSOR_PREFIX.length);
  if (text.startsWith(CURSOR_PREFIX) && isUuid(id)) return id;
  throw badInput([
    { path: 'after', message: 'This is not a cursor of this list; pass one as it was received.' },
  ]);
}
