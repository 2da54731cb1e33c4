import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../store/database.js';
import { type ClaimedJob, noteJobProgress } from '../store/jobs/job-claims.js';
import type { JobRunEnd } from '../store/jobs/job-worker.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import { FIRST_UUID } from '../uuid.js';
import { pickedContacts, planRanges, readContactStock } from './contact-plan.js';
import { readModelStanding } from './model-standing.js';
import { compareModels } from './preview.js';
import { beginPreview, type PreviewRow, selectPreview, storeTally } from './preview-rows.js';
import { emptyTally, mergeTallies, type PreviewTally } from './preview-tally.js';
import type { ContactRange, ScoreScope } from './score-scope.js';
import type { ThreadPool } from './thread-pool.js';

/** So often progress is noted, which prolongs the job's lease, and what is counted is stored. */
const NOTE_EVERY_MS = 500;

export interface PreviewRunOptions {
  db: Database;
  registry: ModelRegistry;
  pool: ThreadPool;
  /** Called when progress was noted. */
  announce(tenantId: string): void;
}

/** What is counted, and up to which contact. */
interface Counted {
  tally: PreviewTally;
  to: string;
}

/** Raised by a job that has nothing to compare any more. */
export class PreviewGone extends Error {}

/** One process's work on one preview job: from where the stored tally ends on, whoever made that. */
export class PreviewRun {
  readonly #options: PreviewRunOptions;
  readonly #job: ClaimedJob;
  /** Contacts that the job has been told of. */
  #noted: number;

  constructor(options: PreviewRunOptions, job: ClaimedJob) {
    this.#options = options;
    this.#job = job;
    this.#noted = job.done;
  }

  /**
   * Counts until there is nothing left.
   * @throws PreviewGone when the request is not there any more; whatever a task failed with. What is stored stays.
   */
  async run(signal: AbortSignal): Promise<JobRunEnd> {
    const { scope, ranges, row } = await this.#open();
    const models = compareModels(scope.before, row.definition);
    const counted: Counted = { tally: row.tally ?? emptyTally(models), to: row.countedTo ?? FIRST_UUID };
    const stop = new AbortController();
    const asks = ranges.map((range) => ({ scope, range }));
    const counting = this.#options.pool.run(
      'compare',
      asks,
      (part, index) => {
        counted.tally = mergeTallies(counted.tally, part);
        counted.to = ranges[index]?.until ?? counted.to;
      },
      AbortSignal.any([signal, stop.signal]),
    );
    try {
      if (!(await this.#noteWhile(counting, counted))) return 'lost';
      await counting;
      return 'complete';
    } catch (error) {
      if (signal.aborted) return 'stopped';
      throw error;
    } finally {
      stop.abort();
    }
  }

  /** Notes progress until the counting has ended, and once more then. @returns false when the job is no longer ours. */
  async #noteWhile(counting: Promise<void>, counted: Counted): Promise<boolean> {
    const ended = counting.then(
      () => true,
      () => true,
    );
    for (let isOver = false; ; ) {
      if (!(await this.#note(counted))) return false;
      if (isOver) return true;
      isOver = await Promise.race([ended, delay(NOTE_EVERY_MS, false)]);
    }
  }

  async #note({ tally, to }: Counted): Promise<boolean> {
    const { db, announce } = this.#options;
    // Who had the job before may have said more than it had stored.
    const done = Math.max(0, tally.contacts - this.#noted);
    const isMine = await noteJobProgress(db.reads, this.#job, { done, cursor: null, total: null });
    if (!isMine || done === 0) return isMine;
    await tenantRead(db, this.#job.tenantId, (client) => storeTally(client, this.#job, tally, to));
    this.#noted += done;
    announce(this.#job.tenantId);
    return true;
  }

  /** What is to be done: as begun by whoever had the job before, or begun now. */
  async #open(): Promise<{ scope: ScoreScope; ranges: ContactRange[]; row: PreviewRow }> {
    const { db, registry } = this.#options;
    const { tenantId, id } = this.#job;
    const opened = await tenantRead(db, tenantId, async (client) => {
      const row = await selectPreview(client, tenantId, id);
      if (!row) throw new PreviewGone('What was to be previewed is gone; start the preview again.');
      const standing = await readModelStanding(client, tenantId, row.modelId);
      const stock = row.begun ?? (await readContactStock(client, tenantId));
      const atMs = row.begun?.atMs ?? standing.nowMs;
      if (!row.begun) await beginPreview(client, this.#job, atMs, stock);
      const total = pickedContacts(stock, row.sample);
      await noteJobProgress(client, this.#job, { done: 0, cursor: null, total });
      const ranges = await planRanges(client, tenantId, stock, row.sample, row.countedTo ?? FIRST_UUID);
      return { row, standing, atMs, ranges };
    });
    const { row, standing, atMs, ranges } = opened;
    const { modelId, version, definition: after } = row;
    const published = await registry.version(tenantId, modelId, version);
    const before = JSON.stringify(published.definition);
    const { revision, active } = standing;
    return {
      scope: { id, tenantId, modelId, version, revision, active, atMs, before, after },
      ranges,
      row,
    };
  }
}
