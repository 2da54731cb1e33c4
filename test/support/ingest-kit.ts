import { uuidv7 } from 'uuidv7';
import type { IngestItem, IngestOutcome, RecordedOutcome } from '../../src/ingest/ingest-item.js';
import { Recorder } from '../../src/ingest/recorder.js';
import { createLog } from '../../src/log.js';
import { compileModel } from '../../src/scoring/compile-model.js';
import { evaluate } from '../../src/scoring/evaluate.js';
import type { JsonObject, JsonValue } from '../../src/scoring/json-value.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { normalizeModel } from '../../src/scoring/normalize-model.js';
import { replay } from '../../src/scoring/replay.js';
import { parseState } from '../../src/scoring/score-state.js';
import { bumpEpoch } from '../../src/store/bump-epoch.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { readTimeline } from '../../src/store/replay-timeline.js';
import { SCORE_COLUMNS, type ScoreDbRow, type ScoreRow, scoreRowOf } from '../../src/store/score-row.js';
import { tenantRead, tenantTransaction } from '../../src/store/tenant-scope.js';

const FAR_FUTURE_MS = Date.UTC(9999, 0, 1);

/** A row of the feed as tests read it. */
export interface FeedEvent {
  position: string;
  contact_id: string;
  model_id: string;
  version: number;
  at: number;
  cause: string;
  points: number;
  total_before: number;
  total_after: number;
  stage_before: string;
  stage_after: string;
  action_at: number | null;
}

/** A database with one tenant, written to through a recorder, without any API above it. */
export class IngestKit {
  readonly tenantId = uuidv7();
  readonly announced: string[] = [];
  readonly db: Database;
  readonly registry: ModelRegistry;
  readonly recorder: Recorder;

  private constructor(db: Database) {
    this.db = db;
    this.registry = new ModelRegistry(db);
    this.recorder = new Recorder({
      db,
      registry: this.registry,
      log: createLog('silent'),
      batchesMax: 4,
      announce: (tenantId) => this.announced.push(tenantId),
    });
  }

  static async open(url: string): Promise<IngestKit> {
    const db = await openDatabase({ url, readsMax: 4, writesMax: 8, applicationName: 'leadpulse-test' });
    const kit = new IngestKit(db);
    await db.dataSource.query('INSERT INTO tenants (id, name) VALUES ($1, $2)', [kit.tenantId, 'Test']);
    await db.dataSource.query('INSERT INTO tenant_feeds (tenant_id) VALUES ($1)', [kit.tenantId]);
    return kit;
  }

  async close(): Promise<void> {
    await this.recorder.close();
    await this.db.close();
  }

  /** Publishes a model as version 1, or as the next version of the one with that key. @returns its id. */
  publish(definition: ModelDefinition): Promise<string> {
    return tenantTransaction(this.db, this.tenantId, async (manager) => {
      const normal = normalizeModel(definition);
      const known: { id: string; version: number }[] = await manager.query(
        'SELECT id, version FROM scoring_models WHERE tenant_id = $1 AND key = $2',
        [this.tenantId, normal.key],
      );
      const id = known[0]?.id ?? uuidv7();
      const version = (known[0]?.version ?? 0) + 1;
      await manager.query(
        `INSERT INTO scoring_models (tenant_id, id, key, version) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, id) DO UPDATE SET version = $4, revision = scoring_models.revision + 1`,
        [this.tenantId, id, normal.key, version],
      );
      await manager.query(
        `INSERT INTO scoring_model_versions (tenant_id, model_id, version, definition, published_by)
         VALUES ($1, $2, $3, $4, 'test')`,
        [this.tenantId, id, version, JSON.stringify(normal)],
      );
      await manager.query(
        `UPDATE jobs SET state = 'SUPERSEDED', finished_at = now() WHERE tenant_id = $1 AND model_id = $2 AND finished_at IS NULL`,
        [this.tenantId, id],
      );
      await manager.query(
        `INSERT INTO jobs (tenant_id, id, kind, state, model_id, version) VALUES ($1, $2, 'RESCORE', 'QUEUED', $3, $4)`,
        [this.tenantId, uuidv7(), id, version],
      );
      await bumpEpoch(manager, this.tenantId);
      return id;
    });
  }

  record(...items: IngestItem[]): Promise<IngestOutcome[]> {
    return this.recorder.record(this.tenantId, items);
  }

  /** Records one item that must be accepted. */
  async accept(item: IngestItem): Promise<RecordedOutcome> {
    const [outcome] = await this.record(item);
    if (!outcome) throw new Error('no outcome');
    if (outcome.status === 'REJECTED') throw outcome.error;
    return outcome;
  }

  async scoreRow(contactId: string): Promise<ScoreRow> {
    const [row] = await this.scoreRows(contactId);
    if (!row) throw new Error(`contact ${contactId} has no score`);
    return row;
  }

  scoreRows(contactId: string): Promise<ScoreRow[]> {
    return this.query<ScoreDbRow>(
      `SELECT ${SCORE_COLUMNS} FROM contact_scores s WHERE s.tenant_id = $1 AND s.contact_id = $2 ORDER BY s.model_id`,
      contactId,
    ).then((rows) => rows.map(scoreRowOf));
  }

  events(contactId: string): Promise<FeedEvent[]> {
    return this.query<FeedEvent>(
      'SELECT * FROM score_events WHERE tenant_id = $1 AND contact_id = $2 ORDER BY position',
      contactId,
    );
  }

  /** Runs a statement whose first parameter is the tenant. */
  async query<T extends object>(text: string, ...values: unknown[]): Promise<T[]> {
    return tenantRead(this.db, this.tenantId, async (client) => {
      const result = await client.query<T>(text, [this.tenantId, ...values]);
      return result.rows;
    });
  }

  /**
   * Every way in which the stored scores of a contact differ from what its stored timeline says: the state evaluated
   * at several instants against the naive replay, and the published total against the replay at its own instant.
   */
  async differencesFromReplay(contactId: string): Promise<string[]> {
    const entries = await tenantRead(this.db, this.tenantId, async (client) => {
      const all = [];
      for await (const page of readTimeline(client, this.tenantId, contactId, FAR_FUTURE_MS))
        all.push(...page);
      return all.map((next) => next.entry);
    });
    const faults: string[] = [];
    for (const row of await this.scoreRows(contactId)) {
      const { definition } = await this.registry.version(this.tenantId, row.modelId, row.version);
      const compiled = compileModel(definition);
      const state = parseState(row.state);
      const folded = entries.filter((entry) => row.pendingAtMs === null || entry.atMs < row.pendingAtMs);
      for (const atMs of [row.asOfMs, row.asOfMs + 86_400_000, row.asOfMs + 90 * 86_400_000]) {
        const kept = evaluate(compiled, state, atMs);
        const replayed = replay(definition, folded, atMs);
        if (kept.total !== replayed.total || kept.label !== replayed.label) {
          faults.push(
            `${row.modelId} at ${new Date(atMs).toISOString()}: ${kept.total}, replay ${replayed.total}`,
          );
        }
      }
      const shown = replay(definition, folded, row.asOfMs).total;
      if (row.total !== shown) faults.push(`${row.modelId}: published ${row.total}, replay ${shown}`);
    }
    return faults;
  }
}

/** Shorthands for items: `act('a@x.io', 'email_opened')`. */
export function act(
  email: string,
  type: string,
  options: { at?: string; properties?: JsonObject; key?: string } = {},
): IngestItem {
  return {
    kind: 'action',
    contact: { kind: 'email', value: email },
    type,
    properties: options.properties ?? {},
    ...common(options),
  };
}

export function profile(
  email: string,
  set: Record<string, JsonValue | null>,
  options: { at?: string; key?: string } = {},
): IngestItem {
  return {
    kind: 'profile',
    contact: { kind: 'email', value: email },
    set,
    identities: {},
    onIdentityConflict: 'REJECT',
    ...common(options),
  };
}

export function listChange(email: string, list: string, joined: boolean, at?: string): IngestItem {
  return {
    kind: 'list',
    contact: { kind: 'email', value: email },
    list,
    joined,
    ...common(at ? { at } : {}),
  };
}

function common(options: {
  at?: string;
  key?: string;
}): Pick<IngestItem, 'occurredAtMs' | 'idempotencyKey' | 'requestHash'> {
  return {
    ...(options.at === undefined ? {} : { occurredAtMs: Date.parse(options.at) }),
    ...(options.key === undefined
      ? {}
      : { idempotencyKey: options.key, requestHash: new TextEncoder().encode(options.key) }),
  };
}
