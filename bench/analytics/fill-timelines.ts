import { AccessService } from '../../src/access/access-service.js';
import { readSeenUse } from '../../src/catalogue/read-seen.js';
import { ModelService } from '../../src/models/model-service.js';
import { openDatabase } from '../../src/store/database.js';
import { tenantTransaction } from '../../src/store/tenant-scope.js';
import { starterModel } from '../ingest/bench-models.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { contactIdSql, insertContacts } from '../ingest/preload-statements.js';

/** How much a tenant whose reports are measured has. */
export interface TimelineSizes {
  contacts: number;
  /** Actions of each contact. */
  history: number;
}

/** A tenant with what its reports are filtered by. */
export interface ReportTenant extends BenchTenant {
  /** A segment of three contacts in ten. */
  segmentId: string;
  /** A sales rep who owns one contact in twenty. */
  ownerId: string;
}

/** Actions and how many of a hundred are of each type. */
const MIX: readonly (readonly [type: string, percent: number])[] = [
  ['email_sent', 20],
  ['email_opened', 22],
  ['clicked_link', 14],
  ['visited_website', 20],
  ['visited_pricing_page', 8],
  ['downloaded_whitepaper', 5],
  ['submitted_form', 4],
  ['attended_webinar', 3],
  ['requested_demo', 2],
  ['unsubscribed', 1],
  ['lead_accepted', 0.4],
  ['lead_rejected', 0.3],
  ['deal_lost', 0.1],
  ['deal_won', 0.2],
];
const DAYS = 365;
/** Entries written by one statement. */
const CONTACTS_PER_STATEMENT = 50_000;

/** Makes a tenant whose contacts acted at random instants of the last year, with scores that the server is still to make. */
export async function fillTimelines(url: string, sizes: TimelineSizes): Promise<ReportTenant> {
  const db = await openDatabase({ url, readsMax: 1, writesMax: 1, applicationName: 'leadpulse-bench' });
  try {
    const access = new AccessService(db, null);
    const tenantId = await access.createTenant('reports');
    const key = { name: 'bench', role: 'ADMIN', expiresAt: null } as const;
    const { text: apiKey } = await access.createApiKey(tenantId, key);
    const models = new ModelService(db, (id) => readSeenUse(db, id));
    const run = (text: string, values: unknown[]) =>
      tenantTransaction(db, tenantId, async (manager) => {
        await manager.query('SET LOCAL statement_timeout = 0');
        return (await manager.query(text, values)) as Record<string, unknown>[];
      });
    for (const { text, values } of insertContacts(tenantId, sizes.contacts)) await run(text, values);
    for (let from = 0; from < sizes.contacts; from += CONTACTS_PER_STATEMENT) {
      const to = Math.min(sizes.contacts, from + CONTACTS_PER_STATEMENT);
      await run(INSERT_ACTIONS, [tenantId, from, to, sizes.history, TYPES, BOUNDS]);
    }
    const [owner] = await run(ASSIGN_OWNERS, [tenantId]);
    const [segment] = await run(
      `INSERT INTO segments (tenant_id, id, key, name, filter, created_by, changed_by)
       VALUES ($1, gen_random_uuid(), 'bench', 'Bench', $2, 'bench', 'bench') RETURNING id`,
      [tenantId, JSON.stringify({ attribute: { attribute: 'country', operator: 'EQUALS', value: 'DE' } })],
    );
    await run(
      `UPDATE contacts SET country = 'FR' WHERE tenant_id = $1 AND get_byte(uuid_send(id), 15) % 10 > 2`,
      [tenantId],
    );
    const { id: modelId } = await models.create({ tenantId, name: 'bench' }, starterModel());
    return {
      tenantId,
      modelId,
      apiKey,
      contacts: sizes.contacts,
      history: sizes.history,
      turns: 0,
      segmentId: String(segment?.id),
      ownerId: String(owner?.id),
    };
  } finally {
    await db.close();
  }
}

const TYPES = MIX.map(([type]) => type);
/** Where each type ends on a scale from 0 to 1, for width_bucket. */
const BOUNDS = MIX.map((_, index) =>
  MIX.slice(0, index + 1).reduce((sum, [, percent]) => sum + percent / 100, 0),
);

const INSERT_ACTIONS = `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, body, recorded_at)
  SELECT $1, ${contactIdSql('i')}, at, row_number() OVER (), gen_random_uuid(), 1,
    ($5::text[])[least(width_bucket(random(), $6::float8[]) + 1, cardinality($5::text[]))],
    CASE WHEN n % 10 = 0 THEN '{"value": 1000, "reason": "no budget"}' END, at
  FROM generate_series($2::int, $3::int - 1) AS i, generate_series(1, $4::int) AS n,
    LATERAL (SELECT date_trunc('milliseconds', now() - (random() + i * 0 + n * 0) * interval '${DAYS} days') AS at) AS t`;

const ASSIGN_OWNERS = `WITH reps AS (
    INSERT INTO sales_reps (tenant_id, id, name, email)
    SELECT $1, gen_random_uuid(), 'Rep ' || n, 'rep-' || n || '@bench.example' FROM generate_series(1, 20) AS n
    RETURNING id),
  numbered AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM reps),
  owned AS (
    UPDATE contacts c SET owner_id = r.id FROM numbered r
    WHERE c.tenant_id = $1 AND get_byte(uuid_send(c.id), 15) % 20 = r.place)
  SELECT id FROM numbered WHERE place = 0`;
