import { Arg, Args, Ctx, ID, Query, Resolver, Root, Subscription } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput } from '../../errors.js';
import type { SegmentChangeRow } from '../../segments/segment-changes.js';
import { SEGMENT_SCAN_MAX, type SegmentChangeTest } from '../../segments/segment-feed.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { checkPage, connectionOf, ForwardPageArgs } from '../pagination.js';
import { SegmentChangeConnection, SegmentChangeType, segmentChangeOf } from './segment-change-type.js';
import { SegmentSource } from './segment-source.js';

const SEGMENT_IDS_MAX = 100;
const ROLES = 'Roles: ADMIN, MARKETER, SALES, VIEWER.';
const SEGMENT_IDS = 'Changes of these segments alone, at most 100; of all, when absent.';
const DELAY =
  'Changes are noticed about half a second after what caused them, later on an overloaded server; those that time alone causes (activeWithinDays and the like) within an hour and the time of a pass over all contacts.';

interface Watching {
  args: { segmentIds?: string[] | null; after?: string | null };
  context: ApiContext;
}

/** Who comes into segments, and who leaves. */
@Resolver()
export class SegmentChangeResolver {
  @Query(() => String, {
    description: `Where the changes of segments stand now. Take it before you read a segment's contacts, then go on after it, and nothing falls between. ${ROLES}`,
  })
  async segmentCursor(@Ctx() { services, viewer }: ApiContext): Promise<string> {
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    const position = await services.segmentFeed.head(viewer.tenantId);
    return services.segmentFeed.cursor(viewer.tenantId, position);
  }

  @Query(() => SegmentChangeConnection, {
    description: `Who came into which segment and who left, the oldest first; from the oldest that is kept when \`after\` is absent. One call looks at no more than ${SEGMENT_SCAN_MAX} changes; \`pageInfo.endCursor\` is never null here and moves on past those of other segments. ${DELAY} ${ROLES}`,
  })
  async segmentChanges(
    @Ctx() context: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('segmentIds', () => [ID], { nullable: true, description: SEGMENT_IDS })
    segmentIds?: string[] | null,
  ): Promise<SegmentChangeConnection> {
    const { services, viewer } = context;
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    const request = checkPage(args);
    const { tenantId } = viewer;
    const page = await services.segmentFeed.page(tenantId, request.after, request.count, testOf(segmentIds));
    const nodes = page.changes.map((row) => segmentChangeOf(context, row));
    const connection = connectionOf(
      nodes.map((node) => ({ cursor: node.cursor, node })),
      request,
      page.hasMore,
    );
    const endCursor = services.segmentFeed.cursor(tenantId, page.position);
    return { ...connection, pageInfo: { ...connection.pageInfo, endCursor } };
  }

  @Subscription(() => SegmentChangeType, {
    description: `Who comes into which segment and who leaves, from \`after\` on; nothing is lost and nothing comes twice, within retention. ${DELAY} ${ROLES}`,
    subscribe: async ({ args, context }: Watching) => {
      const { services, viewer } = context;
      requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
      const isWanted = testOf(args.segmentIds);
      const subscriber = await services.segmentFeed.subscribe(viewer.tenantId, args.after ?? null);
      return new SegmentSource(subscriber, isWanted);
    },
  })
  segmentChanged(
    @Root() row: SegmentChangeRow,
    @Ctx() context: ApiContext,
    @Arg('segmentIds', () => [ID], { nullable: true, description: SEGMENT_IDS })
    _segmentIds?: string[] | null,
    @Arg('after', () => String, {
      nullable: true,
      description:
        'Where to begin: the cursor of the last change that was seen, or segmentCursor. From now on when absent.',
    })
    _after?: string | null,
  ): SegmentChangeType {
    return segmentChangeOf(context, row);
  }
}

function testOf(segmentIds: readonly string[] | null | undefined): SegmentChangeTest {
  if (!segmentIds) return () => true;
  if (segmentIds.length > SEGMENT_IDS_MAX) {
    throw badInput([{ path: 'segmentIds', message: `Give at most ${SEGMENT_IDS_MAX} ids.` }]);
  }
  const faults = segmentIds.flatMap((id, index) =>
    isUuid(id) ? [] : [{ path: `segmentIds.${index}`, message: 'This is not the id of a segment.' }],
  );
  if (faults.length > 0) throw badInput(faults);
  const wanted = new Set(segmentIds.map((id) => id.toLowerCase()));
  return (change) => wanted.has(change.segmentId);
}
