import { LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';
import { type ClaimedJob, failJob, finishJob, releaseJob } from '../store/jobs/job-claims.js';
import { selectJob } from '../store/jobs/job-queries.js';
import { takeJob } from '../store/jobs/take-job.js';
import { tenantRead, tenantTransaction } from '../store/tenant-scope.js';
import { isUuid } from '../uuid.js';
import { abortable } from './abortable.js';
import { givenTargets } from './column-plan.js';
import { faultFileHead, faultFileLine } from './fault-file.js';
import { holdHeap } from './heap-growth.js';
import { checkImportRequest, type ImportRequest } from './import-request.js';
import type { ImportRow, RowFault } from './import-row.js';
import { ImportRun, type ImportScope } from './import-run.js';
import { createOrFindImport, type ImportAuthor, readFaults, readImport } from './import-store.js';
import { skipBytes } from './skip-bytes.js';

/** Files that one process takes at a time. */
const UPLOADS_MAX = 4;
/** Refused rows read at a time for a file of them. */
const FAULTS_PER_READ = 500;

export interface ImportServiceOptions extends ImportScope {
  log: Log;
  /** Told when an import has ended. */
  announce(tenantId: string): void;
}

/** What is uploaded. */
export interface Upload {
  /** The file from `offset` on. */
  source: AsyncIterable<Buffer>;
  /** Where in the file the source begins: 0, or the import's own offset. */
  offset: number;
}

interface RunningUpload {
  ending: AbortController;
  done: Promise<void>;
}

/** Imports of files: made, fed with uploads, looked at. */
export class ImportService {
  readonly #options: ImportServiceOptions;
  #stopping = false;
  /** Uploads under way by tenant and import. */
  readonly #uploads = new Map<string, RunningUpload>();

  constructor(options: ImportServiceOptions) {
    this.#options = options;
  }

  /**
   * Makes an import that waits for its file, or finds the unfinished one of the same file and request.
   * @param path of the request in the caller's input, for the paths of faults.
   * @throws LeadpulseError BAD_USER_INPUT, CONFLICT when too many are open.
   */
  async create(
    author: ImportAuthor,
    request: ImportRequest,
    path: string,
  ): Promise<{ row: ImportRow; resumed: boolean }> {
    checkImportRequest(request, path);
    givenTargets(request);
    const { id, resumed } = await createOrFindImport(this.#options.db, author, request);
    return { row: await this.get(author.tenantId, id), resumed };
  }

  /** An import by id. @throws LeadpulseError NOT_FOUND. */
  async get(tenantId: string, id: string): Promise<ImportRow> {
    const row = isUuid(id) ? await readImport(this.#options.db, tenantId, id) : null;
    if (row) return row;
    throw new LeadpulseError('NOT_FOUND', 'There is no import of this id; createImport makes one.');
  }

  /**
   * Takes the file, or the rest of it, and records its rows while it comes in.
   * @returns the import when all of it is done.
   * @throws LeadpulseError NOT_FOUND; CONFLICT when it is over, cancelled, or the offset is not its own; UNAVAILABLE when it
   * has to be gone on with later; BAD_USER_INPUT when the file cannot be imported, and the import has failed. Whatever the
   * source throws.
   */
  async upload(tenantId: string, id: string, upload: Upload): Promise<ImportRow> {
    if (this.#stopping) throw stopping();
    const key = `${tenantId}/${id.toLowerCase()}`;
    const earlier = this.#uploads.get(key);
    if (!earlier && this.#uploads.size >= UPLOADS_MAX) {
      const message = `This server takes ${UPLOADS_MAX} files at a time. Send it again when another one is done.`;
      throw new LeadpulseError('UNAVAILABLE', message);
    }
    const ending = new AbortController();
    const done = this.#runAfter(earlier, () => this.#run(tenantId, id, upload, ending.signal));
    const running: RunningUpload = { ending, done };
    this.#uploads.set(key, running);
    const releaseHeap = holdHeap();
    try {
      await done;
    } finally {
      releaseHeap();
      if (this.#uploads.get(key) === running) this.#uploads.delete(key);
      this.#options.announce(tenantId);
    }
    return this.get(tenantId, id);
  }

  /** The first refused rows. */
  faults(tenantId: string, id: string, faultsMax: number): Promise<RowFault[]> {
    return tenantRead(this.#options.db, tenantId, (client) => readFaults(client, tenantId, id, 0, faultsMax));
  }

  /** All refused rows as a file that can be corrected and imported; empty before the file was begun. */
  async *faultFile(tenantId: string, { id, layout }: ImportRow): AsyncGenerator<string> {
    if (!layout) return;
    yield faultFileHead(layout);
    for (let after = 0; ; ) {
      const faults = await tenantRead(this.#options.db, tenantId, (client) =>
        readFaults(client, tenantId, id, after, FAULTS_PER_READ),
      );
      if (faults.length > 0) yield faults.map((fault) => faultFileLine(layout, fault)).join('');
      if (faults.length < FAULTS_PER_READ) return;
      after = faults.at(-1)?.row ?? after;
    }
  }

  /** Ends the uploads under way where they are; they can be gone on with. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const running = [...this.#uploads.values()];
    for (const { ending } of running) ending.abort(stopping());
    await Promise.allSettled(running.map(({ done }) => done));
  }

  /** Whoever sends an import's file last goes on with it: an upload that hangs must not stand in its way. */
  async #runAfter(earlier: RunningUpload | undefined, run: () => Promise<void>): Promise<void> {
    earlier?.ending.abort(new LeadpulseError('CONFLICT', 'Another upload goes on with this import.'));
    await earlier?.done.catch(() => undefined);
    await run();
  }

  async #run(tenantId: string, id: string, { source, offset }: Upload, signal: AbortSignal): Promise<void> {
    const { db } = this.#options;
    const known = await this.get(tenantId, id);
    const job = await takeJob(db.reads, tenantId, known.id, 'IMPORT');
    if (!job) throw await this.#over(tenantId, known.id);
    try {
      // Read again: whoever had it before may have noted one more stretch.
      const row = await this.get(tenantId, id);
      const rest = skipBytes(abortable(source, signal), row.offsetBytes, offset);
      await new ImportRun(this.#options, job, row).run(rest, signal);
      await finishJob(db.reads, job);
    } catch (error) {
      await this.#giveBack(job, error);
      throw error;
    }
  }

  /** A file that cannot be imported has failed; anything else can be gone on with. */
  async #giveBack(job: ClaimedJob, error: unknown): Promise<void> {
    const { db, log } = this.#options;
    const failed = error instanceof LeadpulseError && error.code === 'BAD_USER_INPUT';
    const done = failed ? failJob(db.reads, job, error.message) : releaseJob(db.reads, job);
    await done.catch((cause: unknown) => log.warn({ err: cause }, 'an import could not be given back'));
  }

  async #over(tenantId: string, id: string): Promise<LeadpulseError> {
    const job = await tenantTransaction(this.#options.db, tenantId, (manager) =>
      selectJob(manager, tenantId, id),
    );
    const state = job?.state ?? 'gone';
    return new LeadpulseError(
      'CONFLICT',
      `This import is over (${state}). Make another one with createImport.`,
    );
  }
}

function stopping(): LeadpulseError {
  return new LeadpulseError('UNAVAILABLE', 'The server is shutting down. Send the rest of the file again.');
}
