import type pg from 'pg';
import {
  CHANGE_COLUMNS,
  type ChangeRecord,
  type ChangeRow,
  changeFromRow,
} from '../../feed/change-record.js';
import { decodeCursor } from '../../feed/cursor.js';
import type { ApiContext } from '../context.js';
import { type ScoreChangeConnection, scoreChangeFromRecord } from '../live/score-change-type.js';
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

/** Stretches of histories, the newest change first, in the order asked. One statement. */
export async function readHistoryStretches(
  client: pg.ClientBase,
  tenantId: string,
  stretches: readonly HistoryStretch[],
): Promise<ChangeRecord[][]> {
  const { rows } = await client.query<ChangeRow & { place: string }>({
    name: 'contacts_history',
    text: `SELECT k.place, e.* FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::integer[]) WITH ORDINALITY
        AS k(of_contact, of_model, before, rows_max, place)
      CROSS JOIN LATERAL (SELECT ${CHANGE_COLUMNS} FROM score_events
        WHERE tenant_id = $1 AND contact_id = k.of_contact AND model_id = k.of_model AND position < k.before
        ORDER BY position DESC LIMIT k.rows_max) e
      ORDER BY k.place, e.position DESC`,
    values: [
      tenantId,
      stretches.map((stretch) => stretch.contactId),
      stretches.map((stretch) => stretch.modelId),
      stretches.map((stretch) => String(stretch.before ?? POSITION_MAX)),
      stretches.map((stretch) => stretch.limit),
    ],
  });
  const found = stretches.map((): ChangeRecord[] => []);
  for (const row of rows) found[Number(row.place) - 1]?.push(changeFromRow(row));
  return found;
}

/**
 * What was published of one score, the newest first.
 * @throws LeadpulseError BAD_USER_INPUT for page arguments and for what is no cursor.
 */
export async function scoreHistoryPage(
  context: ApiContext,
  score: { contactId: string; modelId: string },
  args: ForwardPageArgs,
): Promise<ScoreChangeConnection> {
  const { services, viewer, loaders } = context;
  const request = checkPage(args);
  const scope = { installationId: services.db.installationId, tenantId: viewer.tenantId };
  const before = request.after === null ? null : decodeCursor(scope, request.after);
  const { contactId, modelId } = score;
  const records = await loaders.historyStretch.load({ contactId, modelId, before, limit: request.count + 1 });
  const page = records.slice(0, request.count);
  const changes = await Promise.all(page.map((record) => scoreChangeFromRecord(context, record)));
  return connectionOf(
    changes.map((node) => ({ cursor: node.cursor, node })),
    request,
    records.length > request.count,
  );
}
