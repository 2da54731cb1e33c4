import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { PreviewService } from './preview-service.js';
import { RuleResultService } from './rule-result-service.js';
import { ThreadPool } from './thread-pool.js';

/** The entry of the threads when this file has been compiled: beside it. */
export function threadEntry(): URL {
  return new URL('./thread.js', import.meta.url);
}

export interface PreviewsOptions {
  db: Database;
  registry: ModelRegistry;
  log: Log;
  /** The threads have connections of their own. */
  databaseUrl: string;
  /** Where the compiled entry of a thread is, asked when one starts: `threadEntry`, unless this file runs uncompiled. */
  entry: () => URL;
}

/** Everything that looks through all contacts, with the threads that it shares; close the results, then the threads. */
export interface OpenPreviews {
  previews: PreviewService;
  ruleResults: RuleResultService;
  threads: ThreadPool;
}

/** Opens the services; no thread runs before it is needed. */
export function openPreviews({ db, registry, log, databaseUrl, entry }: PreviewsOptions): OpenPreviews {
  const settings = { databaseUrl, applicationName: 'leadpulse-threads' };
  const pool = new ThreadPool({ entry, settings, log });
  return {
    previews: new PreviewService({ db, registry, pool }),
    ruleResults: new RuleResultService({ db, registry, pool, log }),
    threads: pool,
  };
}
