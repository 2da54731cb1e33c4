import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import type { ApiContext } from '../context.js';
import { checkPage, connectionOf, ForwardPageArgs } from '../pagination.js';
import { SCAN_RECORDS_MAX, scanChanges } from './scan-changes.js';
import { matchFilter, ScoreChangeFilter } from './score-change-filter.js';
import { ScoreChangeConnection, scoreChangesFromRecords } from './score-change-type.js';

/** The change feed for those who poll. */
@Resolver()
export class FeedResolver {
  @Query(() => String, {
    description:
      'Where the change feed stands now. Take it before you read a page, then subscribe after it, and nothing falls between. Roles: ADMIN, MARKETER, SALES, VIEWER.',
  })
  async feedCursor(@Ctx() { services, viewer }: ApiContext): Promise<string> {
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    const head = await services.feed.head(viewer.tenantId);
    return services.feed.cursor(viewer.tenantId, head.position);
  }

  @Query(() => ScoreChangeConnection, {
    description: `The change feed for those who poll, the oldest change first; from the oldest that is kept when \`after\` is absent. One call looks at no more than ${SCAN_RECORDS_MAX} changes: with a filter, a page may be short or empty and more still follow. \`pageInfo.endCursor\` is never null here and moves on past what the filter left out; go on after it while \`hasNextPage\`, and later again for what is new. Roles: ADMIN, MARKETER, SALES, VIEWER.`,
  })
  async scoreChanges(
    @Ctx() context: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('filter', () => ScoreChangeFilter, {
      nullable: true,
      description: 'Which changes are wanted; all, when absent.',
    })
    filter?: ScoreChangeFilter | null,
  ): Promise<ScoreChangeConnection> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    const request = checkPage(args);
    const match = await matchFilter(context, filter);
    const { feed } = services;
    const after =
      request.after === null
        ? (await feed.head(viewer.tenantId)).floor
        : await feed.checkedPosition(viewer.tenantId, request.after);
    const scan = await scanChanges(feed, viewer.tenantId, after, request.count, match);
    const changes = await scoreChangesFromRecords(context, scan.records);
    const page = connectionOf(
      changes.map((node) => ({ cursor: node.cursor, node })),
      request,
      scan.hasMore,
    );
    return {
      ...page,
      pageInfo: { ...page.pageInfo, endCursor: feed.cursor(viewer.tenantId, scan.position) },
    };
  }
}
