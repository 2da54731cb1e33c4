import { Arg, Float, Int, Resolver, Root, Subscription } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput, type FieldFault } from '../../errors.js';
import type { ContactFilter as ContactFilterParts } from '../../store/contact-filter.js';
import { ContactFilter } from '../contacts/contact-filter-input.js';
import { contactOfRow } from '../contacts/contact-type.js';
import { readContactScore } from '../contacts/read-scores.js';
import type { ApiContext } from '../context.js';
import { RawArg } from '../raw-arg.js';
import { QuerySource } from './fan-out/query-source.js';
import { type LeaderboardEntryType, LeaderboardType } from './leaderboard-type.js';

const ENTRIES_MAX = 100;
const ENTRIES_DEFAULT = 25;
const PER_SECOND_MIN = 0.1;
const PER_SECOND_MAX = 10;
const PER_SECOND_DEFAULT = 4;
const MS_PER_SECOND = 1_000;

interface LeaderboardArgs {
  first?: number | null;
  filter?: ContactFilterParts | null;
  maxPerSecond?: number | null;
}

interface Watching {
  args: LeaderboardArgs;
  context: ApiContext;
}

/** The best leads, live. */
@Resolver()
export class LeaderboardResolver {
  @Subscription(() => LeaderboardType, {
    description:
      'The best leads now: the whole board at once, then again whenever it has become another, at most `maxPerSecond` times a second. It is looked at when a score of the tenant has changed, once for all who watch the same board; what else a contact consists of is shown as it is then. `score { asOf }` moves on with every look, so whoever asks for it is sent a board each time. A slow client is told the newest board alone. BAD_USER_INPUT names the path of each fault. Roles: ADMIN, MARKETER, SALES, VIEWER.',
    subscribe: async ({ args, context }: Watching) => {
      const { services, viewer } = context;
      requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
      const first = args.first ?? ENTRIES_DEFAULT;
      const maxPerSecond = args.maxPerSecond ?? PER_SECOND_DEFAULT;
      const faults = faultsOf(first, maxPerSecond);
      if (faults.length > 0) throw badInput(faults);
      const filter = args.filter ?? {};
      await services.contacts.prepare(viewer.tenantId, filter, 'filter');
      return new QuerySource({
        subscriber: await services.feed.subscribe(viewer.tenantId, null),
        gapMs: MS_PER_SECOND / maxPerSecond,
        read: async (eventContext) => ({ entries: await readEntries(eventContext, first, filter) }),
      });
    },
  })
  leaderboard(
    @Root() board: LeaderboardType,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: ENTRIES_DEFAULT,
      description: `How many contacts: 1 to ${ENTRIES_MAX}.`,
    })
    _first?: number | null,
    @RawArg('filter', () => ContactFilter, 'Among which contacts; all, when absent.', { nullable: true })
    _filter?: ContactFilterParts | null,
    @Arg('maxPerSecond', () => Float, {
      nullable: true,
      defaultValue: PER_SECOND_DEFAULT,
      description: `How often the board is looked at and sent at most: ${PER_SECOND_MIN} to ${PER_SECOND_MAX} times a second.`,
    })
    _maxPerSecond?: number | null,
  ): LeaderboardType {
    return board;
  }
}

function faultsOf(first: number, maxPerSecond: number): FieldFault[] {
  const faults: FieldFault[] = [];
  if (first < 1 || first > ENTRIES_MAX)
    faults.push({ path: 'first', message: `Give a number from 1 to ${ENTRIES_MAX}.` });
  if (maxPerSecond < PER_SECOND_MIN || maxPerSecond > PER_SECOND_MAX) {
    const message = `Give a number from ${PER_SECOND_MIN} to ${PER_SECOND_MAX}.`;
    faults.push({ path: 'maxPerSecond', message });
  }
  return faults;
}

/** The contacts with the highest published scores, each with its score now. */
async function readEntries(
  context: ApiContext,
  first: number,
  filter: ContactFilterParts,
): Promise<LeaderboardEntryType[]> {
  const { services, viewer, loaders } = context;
  const page = await services.contacts.page(viewer.tenantId, {
    filter,
    from: 'START',
    count: first,
    after: null,
    before: null,
  });
  for (const { row } of page.entries) loaders.contactRowById.prime(row.id, row);
  const scores = await Promise.all(
    page.entries.map(({ row }) => readContactScore(context, row.id, { modelId: filter.modelId })),
  );
  // Those without a score are the last of the page.
  return page.entries.flatMap(({ row }, index) => {
    const score = scores[index];
    return score ? [{ rank: index + 1, contact: contactOfRow(row), score }] : [];
  });
}
