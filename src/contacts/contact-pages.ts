import type pg from 'pg';
import type { Database } from '../store/database.js';
import type { Flight } from '../store/flight.js';
import type { ActiveModel, ActiveModels } from '../store/model-registry.js';
import type { ScoreRow } from '../store/score-row.js';
import { isTimeout } from '../store/sql-state.js';
import { tenantFlight } from '../store/tenant-scope.js';
import type { ContactRow } from './contact-row.js';
import { tooSlow } from './count-contacts.js';
import { cursorEncoder } from './page-cursor.js';
import { type ContactQuery, type PagePlan, planPage, segmentsToRead } from './page-plan.js';
import { type PlacedContact, type SegmentRead, segmentRead } from './page-sql.js';
import { prepareFilter } from './prepare-filter.js';
import { type EndDbRow, planProbe } from './probe-rows.js';
import { hasTexts, isUnindexed, searchRows } from './search-rows.js';

/** A contact of a page. */
export interface PageEntry {
  cursor: string;
  row: ContactRow;
  /** Its score on the page's model; null when it has none, absent when the order asks no model. */
  score?: ScoreRow | null;
}

/** A page of contacts, in order whichever end it was read from. */
export interface ContactPage {
  entries: PageEntry[];
  /** Whether more lies in the direction of reading. */
  hasMore: boolean;
  /** The model that the page is ordered by, whose scores the entries have. */
  model: ActiveModel | null;
  /** Where the feed stood before the page was read: no change after it is missing from what follows it in the feed. */
  feedPosition: string;
  /** The models that the page was made under, and whether they still stood when it was read. */
  active: ActiveModels;
  isCurrent: boolean;
}

interface FeedDbRow {
  position: string;
  epoch: number;
}

/**
 * Reads one page. Cursors hold the sort value and the id of a contact, and a page begins right beside them: a contact whose
 * score stands still appears exactly once, however the others move between pages.
 * @param active as last seen: `isCurrent` of the page says whether that is how it was.
 * @throws LeadpulseError BAD_USER_INPUT for faults of the filter (paths below `filter`) and foreign cursors, NOT_FOUND for an
 * unknown model, TOO_COMPLEX when it takes too long.
 */
export async function readContactPage(
  db: Database,
  tenantId: string,
  active: ActiveModels,
  query: ContactQuery,
): Promise<ContactPage> {
  const prepared = await prepareFilter(db, tenantId, active, query.filter ?? {}, 'filter');
  const plan = planPage(tenantId, query, prepared);
  const limit = query.count + 1;
  // Whoever is found by an index is read in the flight that scopes the connection: one round trip.
  const first = isUnindexed(prepared) ? null : readOfFirst(plan, limit);
  const probe = !first && hasTexts(plan) ? planProbe(plan) : null;
  return tenantFlight(
    db,
    tenantId,
    (flight) => ({
      feed: addFeed(flight, tenantId),
      found: first && flight.add<object>(first.statement),
      end: probe && flight.add<EndDbRow>(probe.statement),
    }),
    async ({ feed, found, end }, client) => {
      const begun = first && found ? first.read(found().rows) : [];
      const probeEnd = probe && end ? probe.end(end().rows) : null;
      const rows = first
        ? await readRest(client, plan, begun, limit)
        : await searchRows(client, plan, probeEnd, limit);
      const { position, epoch } = feed().rows[0] ?? { position: '0', epoch: 0 };
      return {
        ...pageOf(plan, rows, query.count),
        model: active.models.find(({ modelId }) => modelId === plan.modelId) ?? null,
        feedPosition: position,
        active,
        isCurrent: epoch === active.epoch,
      };
    },
  ).catch((error: unknown) => {
    throw isTimeout(error) ? tooSlow() : error;
  });
}

/** Ahead of the page in its flight, so that PostgreSQL looks at the feed first. */
function addFeed(flight: Flight, tenantId: string) {
  return flight.add<FeedDbRow>({
    name: 'contacts_feed',
    text: 'SELECT position, epoch FROM tenant_feeds WHERE tenant_id = $1',
    values: [tenantId],
  });
}

function readOfFirst(plan: PagePlan, limit: number): SegmentRead | null {
  const [next] = segmentsToRead(plan);
  return next ? segmentRead(next.segment, plan, next.bounds, limit) : null;
}

/** The second segment is rarely needed. */
async function readRest(
  client: pg.PoolClient,
  plan: PagePlan,
  begun: PlacedContact[],
  limit: number,
): Promise<PlacedContact[]> {
  const found = [...begun];
  for (const { segment, bounds } of segmentsToRead(plan).slice(1)) {
    if (found.length >= limit) break;
    const { statement, read } = segmentRead(segment, plan, bounds, limit - found.length);
    const { rows } = await client.query<object>(statement.text, statement.values);
    found.push(...read(rows));
  }
  return found;
}

function pageOf(
  plan: PagePlan,
  rows: PlacedContact[],
  count: number,
): Pick<ContactPage, 'entries' | 'hasMore'> {
  const page = rows.slice(0, count);
  if (plan.fromEnd) page.reverse();
  const encode = cursorEncoder(plan.list);
  const entries = page.map(({ row, score, place }) => ({ cursor: encode(place), row, score }));
  return { entries, hasMore: rows.length > count };
}
