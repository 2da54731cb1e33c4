import { createLog } from '../../src/log.js';
import { type OpenPreviews, openPreviews } from '../../src/preview/open-previews.js';
import type { Preview } from '../../src/preview/preview.js';
import type { PreviewRequest } from '../../src/preview/preview-service.js';
import type { Evaluation } from '../../src/scoring/evaluation.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { normalizeModel } from '../../src/scoring/normalize-model.js';
import { replayer } from '../../src/scoring/replay.js';
import type { ActiveModel } from '../../src/store/model-registry.js';
import { readTimeline } from '../../src/store/replay-timeline.js';
import { tenantRead } from '../../src/store/tenant-scope.js';
import { IngestKit } from '../support/ingest-kit.js';
import { compiledThread } from '../support/thread-entry.js';

/** Previews over a database with one tenant, on real threads, without any API above them. */
export class PreviewKit {
  readonly ingest: IngestKit;
  readonly #open: OpenPreviews;

  private constructor(ingest: IngestKit, open: OpenPreviews) {
    this.ingest = ingest;
    this.#open = open;
  }

  static async open(url: string): Promise<PreviewKit> {
    const ingest = await IngestKit.open(url);
    return new PreviewKit(ingest, PreviewKit.previewsOf(ingest, url));
  }

  /** Further services on the same database, as another process has them. */
  static previewsOf({ db, registry }: IngestKit, databaseUrl: string): OpenPreviews {
    const log = createLog('silent');
    return openPreviews({ db, registry, log, databaseUrl, entry: compiledThread });
  }

  get previews(): OpenPreviews['previews'] {
    return this.#open.previews;
  }

  get ruleResults(): OpenPreviews['ruleResults'] {
    return this.#open.ruleResults;
  }

  get threads(): OpenPreviews['threads'] {
    return this.#open.threads;
  }

  async close(): Promise<void> {
    await this.ruleResults.close();
    await this.threads.close();
    await this.ingest.close();
  }

  /** The primary model, or the only one. */
  async model(): Promise<ActiveModel> {
    const [model] = (await this.ingest.registry.current(this.ingest.tenantId)).models;
    if (!model) throw new Error('no model is published');
    return model;
  }

  /** Previews a definition against what is published. */
  async preview(after: ModelDefinition, request: Partial<PreviewRequest> = {}): Promise<Preview> {
    const { modelId, version, definition: before } = await this.model();
    const wanted = { modelId, version, before, after: normalizeModel(after), sample: null, ...request };
    return this.previews.preview(this.ingest.tenantId, wanted);
  }

  /** Every contact that stands for itself, by id. */
  async contactIds(): Promise<string[]> {
    const rows = await this.ingest.query<{ id: string }>(
      'SELECT id FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL ORDER BY id',
    );
    return rows.map(({ id }) => id);
  }

  /** The scores of all contacts by the naive replay of their timelines, straight from a definition. */
  async replayAll(definition: ModelDefinition, atMs: number): Promise<Map<string, Evaluation>> {
    const { db, tenantId } = this.ingest;
    const replay = replayer(definition);
    const scores = new Map<string, Evaluation>();
    for (const id of await this.contactIds()) {
      const entries = await tenantRead(db, tenantId, async (client) => {
        const all = [];
        for await (const page of readTimeline(client, tenantId, id, atMs)) all.push(...page);
        return all.map(({ entry }) => entry);
      });
      scores.set(id, replay(entries, atMs));
    }
    return scores;
  }

  /** Contacts without a timeline, in one statement. */
  async addContacts(count: number): Promise<void> {
    await this.ingest.query(
      'INSERT INTO contacts (tenant_id, id) SELECT $1, gen_random_uuid() FROM generate_series(1, $2)',
      count,
    );
  }
}
