import { uuidv7 } from 'uuidv7';
import { AnalyticsService } from '../../src/analytics/analytics-service.js';
import { FactWorker } from '../../src/analytics/facts/fact-worker.js';
import type { IngestItem } from '../../src/ingest/ingest-item.js';
import { createLog } from '../../src/log.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { decodeEntry } from '../../src/store/timeline-codec.js';
import { IngestKit } from '../support/ingest-kit.js';
import { compiledFitThread } from '../support/thread-entry.js';

interface TimelineDbRow {
  contact_id: string;
  occurred_at: number;
  kind: number;
  type: string;
  body: string | null;
}

/** A tenant whose facts are derived when it is told to, and the raw timelines to count again by hand. */
export class AnalyticsKit {
  readonly ingest: IngestKit;
  readonly worker: FactWorker;
  readonly analytics: AnalyticsService;

  private constructor(ingest: IngestKit) {
    this.ingest = ingest;
    const { db, registry } = ingest;
    this.worker = new FactWorker({ db, registry, log: createLog('silent') });
    this.analytics = new AnalyticsService(db, registry, compiledFitThread);
  }

  static async open(url: string): Promise<AnalyticsKit> {
    return new AnalyticsKit(await IngestKit.open(url));
  }

  get tenantId(): string {
    return this.ingest.tenantId;
  }

  close(): Promise<void> {
    return this.ingest.close();
  }

  /** Publishes a model and makes it the primary one. @returns its id. */
  async publishPrimary(definition: ModelDefinition): Promise<string> {
    const id = await this.ingest.publish(definition);
    await this.ingest.query(
      'UPDATE scoring_models SET "primary" = (id = $2) WHERE tenant_id = $1 AND ("primary" OR id = $2)',
      id,
    );
    return id;
  }

  /** Records entries as they are, each with its instant. @param email whose timeline they belong to. */
  async recordTimeline(email: string, entries: readonly TimelineEntry[]): Promise<void> {
    const outcomes = await this.ingest.record(...entries.map((entry) => itemOf(email, entry)));
    const refused = outcomes.find((outcome) => outcome.status === 'REJECTED');
    if (refused?.status === 'REJECTED') throw refused.error;
  }

  /** Derives until nothing is left to do. */
  async settleFacts(): Promise<void> {
    while (await this.worker.serveNext());
  }

  /** The stored timeline of every contact that has one, by contact id. */
  async timelines(): Promise<Map<string, TimelineEntry[]>> {
    const rows = await this.ingest.query<TimelineDbRow>(
      'SELECT contact_id, occurred_at, kind, type, body FROM timeline WHERE tenant_id = $1 ORDER BY occurred_at, seq',
    );
    const timelines = new Map<string, TimelineEntry[]>();
    for (const row of rows) {
      const entries = timelines.get(row.contact_id) ?? [];
      entries.push(decodeEntry(row.occurred_at, row));
      timelines.set(row.contact_id, entries);
    }
    return timelines;
  }

  /** Makes a segment that has just these members. @returns its id. */
  async segmentOf(contactIds: readonly string[]): Promise<string> {
    const id = uuidv7();
    await this.ingest.query(
      `INSERT INTO segment_members (tenant_id, contact_id, segment_id) SELECT $1, c, $2 FROM unnest($3::uuid[]) c`,
      id,
      contactIds,
    );
    return id;
  }

  /** Makes a sales rep who owns just these contacts. @returns the rep's id. */
  async ownerOf(contactIds: readonly string[]): Promise<string> {
    const id = uuidv7();
    await this.ingest.query(
      `INSERT INTO sales_reps (tenant_id, id, name, email) VALUES ($1, $2, 'Rep', $3)`,
      id,
      `${id}@example.com`,
    );
    await this.ingest.query(
      'UPDATE contacts SET owner_id = $2 WHERE tenant_id = $1 AND id = ANY ($3::uuid[])',
      id,
      contactIds,
    );
    return id;
  }
}

function itemOf(email: string, entry: TimelineEntry): IngestItem {
  const common = { contact: { kind: 'email' as const, value: email }, occurredAtMs: entry.atMs };
  switch (entry.kind) {
    case 'action':
      return { kind: 'action', ...common, type: entry.type, properties: entry.properties };
    case 'profile':
      return { kind: 'profile', ...common, set: entry.set, identities: {}, onIdentityConflict: 'REJECT' };
    case 'list':
      return { kind: 'list', ...common, list: entry.list, joined: entry.joined };
    case 'adjustment': {
      const { points, reason, expiresAfterDays } = entry;
      return {
        kind: 'adjustment',
        ...common,
        points,
        reason,
        ...(typeof expiresAfterDays === 'number' ? { expiresAfterDays } : {}),
      };
    }
  }
}
