import DataLoader from 'dataloader';
import type { JsonObject } from '../../scoring/json-value.js';
import { tenantRead } from '../../store/tenant-scope.js';
import { TIMELINE_KIND_CODES } from '../../store/timeline-codec.js';
import type { ApiContext } from '../context.js';
import type { RecordedActionType } from '../ingest/recorded-action-type.js';
import type { Loaders } from '../loaders.js';

const ACTIONS_PER_STATEMENT_MAX = 1_000;

/** Names an entry of a timeline. */
export interface EntryKey {
  contactId: string;
  atMs: number;
  seq: string;
}

interface ActionRow {
  nth: string;
  id: string;
  type: string;
  body: string | null;
  occurred_at: number;
  recorded_at: number;
}

type ActionLoader = DataLoader<EntryKey, RecordedActionType | null, string>;

/** Lives and dies with the loaders of the request or event that it hangs on. */
const loaders = new WeakMap<Loaders, ActionLoader>();

/** The action behind a change, also after a merge; null when the entry is of another kind, was taken back, moved or erased. */
export function loadAction(context: ApiContext, key: EntryKey): Promise<RecordedActionType | null> {
  const known = loaders.get(context.loaders);
  const loader = known ?? createActionLoader(context);
  if (!known) loaders.set(context.loaders, loader);
  return loader.load(key);
}

function createActionLoader({ services, viewer }: ApiContext): ActionLoader {
  const { tenantId } = viewer;
  const load = async (keys: readonly EntryKey[]) => {
    const { rows } = await tenantRead(services.db, tenantId, (client) =>
      client.query<ActionRow>({
        name: 'live_actions',
        text: `SELECT k.nth, t.id, t.type, t.body, t.occurred_at, t.recorded_at
          FROM unnest($2::uuid[], $3::timestamptz[], $4::bigint[]) WITH ORDINALITY AS k (contact_id, at, seq, nth)
          LEFT JOIN contacts c ON c.tenant_id = $1 AND c.id = k.contact_id
          CROSS JOIN LATERAL (SELECT * FROM timeline t WHERE t.tenant_id = $1
            AND t.contact_id = coalesce(c.merged_into, k.contact_id)
            AND t.occurred_at = k.at AND t.seq = k.seq AND t.kind = $5 OFFSET 0) t`,
        values: [
          tenantId,
          keys.map((key) => key.contactId),
          keys.map((key) => new Date(key.atMs).toISOString()),
          keys.map((key) => key.seq),
          TIMELINE_KIND_CODES.action,
        ],
      }),
    );
    const byNth = new Map(rows.map((row) => [Number(row.nth), actionOf(row)]));
    return keys.map((_, index) => byNth.get(index + 1) ?? null);
  };
  return new DataLoader(load, {
    maxBatchSize: ACTIONS_PER_STATEMENT_MAX,
    cacheKeyFn: (key) => `${key.contactId}/${key.atMs}/${key.seq}`,
  });
}

function actionOf(row: ActionRow): RecordedActionType {
  return {
    id: row.id,
    type: row.type,
    occurredAt: new Date(row.occurred_at),
    recordedAt: new Date(row.recorded_at),
    properties: row.body === null ? {} : (JSON.parse(row.body) as JsonObject),
  };
}
