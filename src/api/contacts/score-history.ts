import type { ChangeRecord } from '../../feed/change-record.js';
import { decodeCursor } from '../../feed/cursor.js';
import { joinedSql, PACKED_CHANGE, unpackChanges } from '../../feed/packed-changes.js';
import { arrayLiteral } from '../../store/column-arrays.js';
import type { Database } from '../../store/database.js';
import { tenantFlight } from '../../store/tenant-scope.js';
import type { ApiContext } from '../context.js';
import { type ScoreChangeConnection, scoreChangesFromRecords } from '../live/score-change-type.js';
import { checkPage, connectionOf, type ForwardPageArgs } from '../pagination.js';

/** A stretch of the published changes of one score, read backwards from a position or from the end. */
export interface HistoryStretch {
  contactId: string;
  modelId: string;
  before: bigint | null;
  /** Changes at most. */
  limit: number;
}

const POSITION_MAX = 2n ** 63n - 1n;

/** Stretches of histories, the newest change first, in the order asked. One statement, in the flight that scopes the connection. */
export function readHistoryStretches(
  db: Pick<Database, 'reads'>,
  tenantId: string,
  stretches: readonly HistoryStretch[],
): Promise<ChangeRecord[][]> {
  return tenantFlight(
    db,
    tenantId,
    (flight) =>
      flight.add<{ place: number; changes: string | null }>({
        name: 'contacts_history',
        text: `SELECT k.place::integer, h.changes
          FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::integer[]) WITH ORDINALITY
            AS k(of_contact, of_model, before, rows_max, place)
          CROSS JOIN LATERAL (SELECT ${joinedSql('e.packed')} AS changes FROM (
            SELECT ${PACKED_CHANGE} AS packed FROM score_events
            WHERE tenant_id = $1 AND contact_id = k.of_contact AND model_id = k.of_model AND position < k.before
            ORDER BY position DESC LIMIT k.rows_max) e) h`,
        values: [
          tenantId,
          arrayLiteral(stretches.map((stretch) => stretch.contactId)),
          arrayLiteral(stretches.map((stretch) => stretch.modelId)),
          arrayLiteral(stretches.map((stretch) => String(stretch.before ?? POSITION_MAX))),
          arrayLiteral(stretches.map((stretch) => stretch.limit)),
        ],
      }),
    (answer) => {
      const found = stretches.map((): ChangeRecord[] => []);
      for (const { place, changes } of answer().rows) {
        const stretch = stretches[place - 1];
        if (stretch) found[place - 1] = unpackChanges(stretch, changes);
      }
      return found;
    },
  );
}

/**
 * What was published of one score, the newest first.
 * @param asksForMore whether the answer says if there is more, which takes a look at one change beyond the page.
 * @throws LeadpulseError BAD_USER_INPUT for page arguments and for what is no cursor.
 */
export async function scoreHistoryPage(
  context: ApiContext,
  score: { contactId: string; modelId: string },
  args: ForwardPageArgs,
  asksForMore: boolean,
): Promise<ScoreChangeConnection> {
  const { services, viewer, loaders } = context;
  const request = checkPage(args);
  const scope = { installationId: services.db.installationId, tenantId: viewer.tenantId };
  const before = request.after === null ? null : decodeCursor(scope, request.after);
  const { contactId, modelId } = score;
  const limit = asksForMore ? request.count + 1 : request.count;
  const records = await loaders.historyStretch.load({ contactId, modelId, before, limit });
  const page = records.slice(0, request.count);
  const changes = await scoreChangesFromRecords(context, page);
  return connectionOf(
    changes.map((node) => ({ cursor: node.cursor, node })),
    request,
    records.length > request.count,
  );
}
