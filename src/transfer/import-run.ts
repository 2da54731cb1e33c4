import { setTimeout as delay } from 'node:timers/promises';
import { badInput, LeadpulseError } from '../errors.js';
import type { IngestItem, IngestOutcome } from '../ingest/ingest-item.js';
import type { Recorder } from '../ingest/recorder.js';
import { AHEAD_MS_MAX } from '../store/advance-contact.js';
import type { Database } from '../store/database.js';
import type { ClaimedJob } from '../store/jobs/job-claims.js';
import type { FileRecord } from './file-record.js';
import type { ImportCounts, ImportRow, RowFault } from './import-row.js';
import { type ImportStretch, noteStretch, saveLayout } from './import-store.js';
import { type OpenedFile, openFile, reopenFile } from './open-file.js';
import { RowIdentity } from './row-identity.js';
import { CsvRowItems, JsonRowItems, type RowItems, rowFaultText } from './row-items.js';

/** Rows handed to the recorder at once: as many as it writes in one batch. */
const STRETCH_ROWS_MAX = 500;
/** Stretches under way: one that is written and one that waits, so that live traffic waits for two batches at most. */
const STRETCHES_MAX = 2;
/** Refused rows of one import at most: more mean that the file was not understood. */
const FAULTS_MAX = 100_000;
/** Tries of rows that the recorder has no room for, or that the database was away for. */
const TRIES_MAX = 20;
const RETRY_DELAY_MS = 200;
const RETRY_DELAY_MS_MAX = 2_000;

/** What an import is run with. */
export interface ImportScope {
  db: Database;
  recorder: Pick<Recorder, 'record'>;
}

interface Row {
  number: number;
  record: FileRecord;
  item: IngestItem | null;
  fault: LeadpulseError | null;
}

/** One upload of a file, from where the last one stopped: reads rows, has them recorded, and notes how far it is. */
export class ImportRun {
  readonly #scope: ImportScope;
  readonly #job: ClaimedJob;
  readonly #import: ImportRow;
  #rows: number;
  #rejected: number;
  /** Stretches under way, in the order of the file. */
  readonly #pending: Promise<void>[] = [];

  constructor(scope: ImportScope, job: ClaimedJob, row: ImportRow) {
    this.#scope = scope;
    this.#job = job;
    this.#import = row;
    this.#rows = row.counts.rows;
    this.#rejected = row.counts.rejected;
  }

  /**
   * Reads the source to its end. What was recorded and noted before a fault stays.
   * @param source the file from the import's offset on.
   * @param signal ends it between two rows.
   * @throws LeadpulseError BAD_USER_INPUT when the file as a whole cannot be imported, CONFLICT when the import was
   * cancelled or goes on elsewhere, UNAVAILABLE when the recorder has no room; whatever the source throws.
   */
  async run(source: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    const file = await this.#open(source);
    try {
      await this.#readRows(file, signal);
    } catch (error) {
      // What was handed over is written all the same, and noted.
      await Promise.allSettled(this.#pending);
      throw error;
    }
    await Promise.all(this.#pending);
  }

  async #open(source: AsyncIterable<Buffer>): Promise<OpenedFile> {
    const { request, layout, offsetBytes, line } = this.#import;
    if (layout) return reopenFile(source, layout, { offset: offsetBytes, line });
    const file = await openFile(source, request);
    await saveLayout(this.#scope.db, this.#job, file.layout, file.place);
    return file;
  }

  async #readRows({ records, layout }: OpenedFile, signal: AbortSignal): Promise<void> {
    const { request, chain } = this.#import;
    const identity = new RowIdentity(request, chain);
    const items =
      layout.format === 'CSV' ? new CsvRowItems(layout.columns, request) : new JsonRowItems(request);
    let rows: Row[] = [];
    for await (const record of records) {
      signal.throwIfAborted();
      rows.push(this.#readRow(record, items, identity));
      if (rows.length < STRETCH_ROWS_MAX) continue;
      await this.#hand(rows, identity.chain);
      rows = [];
    }
    if (rows.length > 0) await this.#hand(rows, identity.chain);
  }

  #readRow(record: FileRecord, items: RowItems, identity: RowIdentity): Row {
    const number = ++this.#rows;
    identity.pass(record.text);
    try {
      if (record.content === undefined) throw badInput([{ path: 'row', message: 'The line is no JSON.' }]);
      const item = items.itemOf(record.content);
      identity.mark(item, `${this.#job.id}/${number}`);
      return { number, record, item, fault: null };
    } catch (error) {
      if (error instanceof LeadpulseError) return { number, record, item: null, fault: error };
      throw error;
    }
  }

  /** Hands over a stretch; waits while `STRETCHES_MAX` are under way. */
  async #hand(rows: Row[], chain: string): Promise<void> {
    const outcomes = this.#record(rows);
    const before = this.#pending.at(-1) ?? Promise.resolve();
    const done = Promise.all([outcomes, before]).then(([known]) => this.#note(rows, known, chain));
    // Looked at when the stretch is waited for.
    done.catch(() => undefined);
    this.#pending.push(done);
    if (this.#pending.length >= STRETCHES_MAX) await this.#pending.shift();
  }

  /** The outcomes of the rows that have an item, in order. */
  async #record(rows: readonly Row[]): Promise<IngestOutcome[]> {
    const items = rows.flatMap(({ item }) => item ?? []);
    if (this.#import.request.dryRun) return [];
    const outcomes = await this.#scope.recorder.record(this.#job.tenantId, items);
    for (let tries = 1; ; tries++) {
      const missed = outcomes.flatMap((outcome, index) => (isUnavailable(outcome) ? [index] : []));
      if (missed.length === 0) return outcomes;
      if (tries >= TRIES_MAX) {
        throw new LeadpulseError(
          'UNAVAILABLE',
          'The server is too busy. Send the rest of the file again later.',
        );
      }
      await delay(Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS * tries));
      const again = missed.map((index) => items[index] as IngestItem);
      const answers = await this.#scope.recorder.record(this.#job.tenantId, again);
      missed.forEach((index, nth) => {
        outcomes[index] = answers[nth] as IngestOutcome;
      });
    }
  }

  async #note(rows: readonly Row[], outcomes: readonly IngestOutcome[], chain: string): Promise<void> {
    const last = rows.at(-1)?.record;
    if (!last) return;
    const tally = this.#import.request.dryRun ? tallyDryRun(rows) : tallyRows(rows, outcomes);
    const stretch: ImportStretch = { ...tally, offsetBytes: last.endOffset, line: last.line, chain };
    if (!(await noteStretch(this.#scope.db, this.#job, stretch))) {
      throw new LeadpulseError('CONFLICT', 'The import was cancelled, or another upload goes on with it.');
    }
    this.#rejected += tally.counts.rejected;
    if (this.#rejected > FAULTS_MAX) {
      const message = `More than ${FAULTS_MAX} rows have faults: is the mapping right? What was recorded stays; correct it and import the file again.`;
      throw badInput([{ path: 'file', message }]);
    }
  }
}

type Tally = Pick<ImportStretch, 'counts' | 'faults'>;

function tallyRows(rows: readonly Row[], outcomes: readonly IngestOutcome[]): Tally {
  const counts: ImportCounts = { rows: rows.length, recorded: 0, created: 0, duplicates: 0, rejected: 0 };
  const faults: RowFault[] = [];
  let next = 0;
  for (const row of rows) {
    const outcome = row.item ? outcomes[next++] : undefined;
    if (!outcome || outcome.status === 'REJECTED') {
      faults.push(faultOf(row, outcome?.error ?? row.fault));
    } else if (outcome.status === 'RECORDED' || outcome.origin === row.item?.origin) {
      // A row that this import recorded before it was interrupted comes back as a duplicate of itself.
      counts.recorded++;
      if (outcome.created) counts.created++;
    } else counts.duplicates++;
  }
  counts.rejected = faults.length;
  return { counts, faults };
}

function tallyDryRun(rows: readonly Row[]): Tally {
  const latestMs = Date.now() + AHEAD_MS_MAX;
  const faults = rows.flatMap((row) => {
    const ahead = row.item?.occurredAtMs !== undefined && row.item.occurredAtMs > latestMs;
    const fault = ahead ? badInput([{ path: 'occurredAt', message: 'must not lie ahead' }]) : row.fault;
    return fault ? [faultOf(row, fault)] : [];
  });
  const recorded = rows.length - faults.length;
  return {
    counts: { rows: rows.length, recorded, created: 0, duplicates: 0, rejected: faults.length },
    faults,
  };
}

function faultOf({ number, record }: Row, error: LeadpulseError | null): RowFault {
  if (!error) throw new Error(`row ${number} has neither an outcome nor a fault`);
  // PostgreSQL keeps no NUL, which may be what the fault is about.
  const content = record.text.replaceAll('\0', '');
  return { row: number, code: error.code, message: rowFaultText(error).replaceAll('\0', ''), content };
}

function isUnavailable(outcome: IngestOutcome): boolean {
  return outcome.status === 'REJECTED' && outcome.error.code === 'UNAVAILABLE';
}
