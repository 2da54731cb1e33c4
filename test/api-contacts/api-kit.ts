import { randomUUID } from 'node:crypto';
import { graphql } from 'graphql';
import type pg from 'pg';
import type { Role } from '../../src/access/roles.js';
import { createLoaders } from '../../src/api/loaders.js';
import { buildApiSchema } from '../../src/api/schema/build-schema.js';
import type { Services } from '../../src/api/services.js';
import { BulkService } from '../../src/bulk/bulk-service.js';
import { readSeenUse } from '../../src/catalogue/read-seen.js';
import { ContactService } from '../../src/contacts/contact-service.js';
import { LeadpulseError } from '../../src/errors.js';
import { FeedReader } from '../../src/feed/feed-reader.js';
import { WakeUps } from '../../src/feed/wake-ups.js';
import { IdentityService } from '../../src/identity/identity-service.js';
import { JobService } from '../../src/jobs/job-service.js';
import { createLog } from '../../src/log.js';
import { ModelService } from '../../src/models/model-service.js';
import { openSegments } from '../../src/segments/open-segments.js';
import { IngestKit } from '../support/ingest-kit.js';

const schema = buildApiSchema();

/** What an operation answered: its data, or the code, message and faults of its first error. */
export interface Answer<T> {
  data: T;
  fault: { code: string; message: string; paths: string[]; field: string } | null;
}

/** The contacts API over a database, with the parts of the services that it uses. */
export class ApiKit {
  readonly ingest: IngestKit;
  readonly services: Services;
  readonly #feed: FeedReader;

  private constructor(ingest: IngestKit, url: string) {
    const { db, registry, recorder } = ingest;
    const log = createLog('silent');
    const wakeUps = new WakeUps({ url, log });
    this.ingest = ingest;
    this.#feed = new FeedReader({ db, wakeUps, log });
    const contacts = new ContactService(db, registry);
    const services: Partial<Services> = {
      db,
      registry,
      recorder,
      jobs: new JobService({ db, wakeUps, log }),
      models: new ModelService(db, (tenantId) => readSeenUse(db, tenantId)),
      contacts,
      ...openSegments({ db, registry, contacts, wakeUps }),
      bulk: new BulkService(db, contacts),
      identity: new IdentityService({ db, registry, announce: (tenantId) => wakeUps.announce(tenantId) }),
      feed: this.#feed,
      wakeUps,
      log,
    };
    this.services = services as Services;
  }

  static async open(url: string): Promise<ApiKit> {
    return new ApiKit(await IngestKit.open(url), url);
  }

  async close(): Promise<void> {
    this.#feed.close();
    await this.ingest.close();
  }

  /** Runs an operation as a viewer of the kit's tenant. */
  async ask<T>(
    source: string,
    variableValues: Record<string, unknown> = {},
    role: Role = 'VIEWER',
  ): Promise<Answer<T>> {
    const viewer = { tenantId: this.ingest.tenantId, tenantName: 'Test', role, keyId: null, name: 'test' };
    const loaders = createLoaders(this.services, viewer);
    const contextValue = { viewer, requestId: randomUUID(), services: this.services, loaders };
    const result = await graphql({ schema, source, variableValues, contextValue });
    const error = result.errors?.[0];
    if (!error) return { data: JSON.parse(JSON.stringify(result.data)) as T, fault: null };
    const cause = error.originalError;
    if (!(cause instanceof LeadpulseError)) throw cause ?? error;
    const paths = (cause.details.fields ?? []).map((field) => field.path);
    const fault = { code: cause.code, message: cause.message, paths, field: error.path?.join('.') ?? '' };
    return { data: JSON.parse(JSON.stringify(result.data ?? null)) as T, fault };
  }

  /** Runs an operation that must succeed. */
  async data<T>(source: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, fault } = await this.ask<T>(source, variables);
    if (fault) throw new Error(`${fault.code}: ${fault.message}`);
    return data;
  }

  /** The statements that reach PostgreSQL through the read pool while `work` runs. */
  async statements(work: () => Promise<unknown>): Promise<string[]> {
    const pool = this.ingest.db.reads;
    const texts: string[] = [];
    const restore: (() => void)[] = [];
    const watched = new WeakSet<object>();
    const watch = (client: pg.PoolClient) => {
      if (watched.has(client)) return;
      watched.add(client);
      const original = client.query;
      const recording = (...args: unknown[]) => {
        const [first] = args;
        const query = typeof first === 'string' ? { text: first } : (first as pg.QueryConfig);
        const { statements = [query] } = query as { statements?: readonly { text: string }[] };
        texts.push(...statements.map(({ text }) => text));
        return Reflect.apply(original, client, args) as unknown;
      };
      Object.assign(client, { query: recording });
      restore.push(() => Object.assign(client, { query: original }));
    };
    pool.on('acquire', watch);
    try {
      await work();
    } finally {
      pool.off('acquire', watch);
      for (const undo of restore) undo();
    }
    return texts;
  }
}
