import { uuidv7 } from 'uuidv7';
import { badInput, LeadpulseError } from '../errors.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import type { Database } from '../store/database.js';
import { queueJob } from '../store/jobs/job-queries.js';
import type { JobRow } from '../store/jobs/job-row.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { tenantRead, tenantTransaction } from '../store/tenant-scope.js';
import { FIRST_UUID } from '../uuid.js';
import { type ContactStock, pickedContacts, planRanges, readContactStock } from './contact-plan.js';
import { readModelStanding } from './model-standing.js';
import { compareModels, Preview } from './preview.js';
import { countOpenPreviews, insertPreview, selectPreview } from './preview-rows.js';
import { type ComparedModels, emptyTally, mergeTallies } from './preview-tally.js';
import type { ContactRange, ScoreScope } from './score-scope.js';
import type { ThreadPool } from './thread-pool.js';
import type { ExplainedMove } from './thread-tasks.js';

/** Contacts that a preview looks at while the caller waits. */
export const PREVIEW_CONTACTS_MAX = 100_000;
/** How long a caller waits at most. */
const PREVIEW_MS_MAX = 60_000;
/** Preview jobs of a tenant that wait or run. */
export const PREVIEW_JOBS_OPEN_MAX = 5;
/** As large as a definition may be that is published. */
const DEFINITION_BYTES_MAX = 512 * 1024;
/** Contacts in one task that explains. */
const EXPLAINED_MAX = 100;

/** What is compared with what. */
export interface PreviewRequest {
  modelId: string;
  /** The published version, and what it says. */
  version: number;
  before: ModelDefinition;
  /** A definition without faults. */
  after: ModelDefinition;
  /** Contacts to look at; null for all. */
  sample: number | null;
}

/** A preview that is about to be made. */
interface PreviewPlan {
  scope: ScoreScope;
  ranges: ContactRange[];
  sampled: boolean;
  models: ComparedModels;
}

export interface PreviewServiceOptions {
  db: Database;
  registry: ModelRegistry;
  pool: ThreadPool;
}

/** What publishing a definition would do to the contacts, without publishing it. Nothing but previews as jobs is stored. */
export class PreviewService {
  readonly #db: Database;
  readonly #registry: ModelRegistry;
  readonly #pool: ThreadPool;

  constructor({ db, registry, pool }: PreviewServiceOptions) {
    this.#db = db;
    this.#registry = registry;
    this.#pool = pool;
  }

  /**
   * Compares every contact, or a sample spread evenly over all of them, at one instant: now.
   * @throws LeadpulseError NOT_FOUND for the model; BAD_USER_INPUT (path `sample`) when more than `PREVIEW_CONTACTS_MAX`
   *   contacts would have to be looked at; UNAVAILABLE when too much is under way, or it takes more than `PREVIEW_MS_MAX`.
   */
  async preview(tenantId: string, request: PreviewRequest): Promise<Preview> {
    checkSample(request.sample, 'sample', PREVIEW_CONTACTS_MAX);
    const { scope, ranges, sampled, models } = await this.#plan(tenantId, request);
    let tally = emptyTally(models);
    const asks = ranges.map((range) => ({ scope, range }));
    const late = AbortSignal.timeout(PREVIEW_MS_MAX);
    await this.#pool
      .run(
        'compare',
        asks,
        (part) => {
          tally = mergeTallies(tally, part);
        },
        late,
      )
      .catch((error: unknown) => {
        throw late.aborted && error === late.reason ? tookTooLong() : error;
      });
    return new Preview(scope, models, tally, sampled);
  }

  /**
   * Queues a preview of any size as a job; the result stays for a while.
   * @param requestedBy the name of the key, or the subject of the token.
   * @throws LeadpulseError BAD_USER_INPUT (path `input.sample`, `input`); CONFLICT when the tenant has
   *   `PREVIEW_JOBS_OPEN_MAX` of them open.
   */
  start(tenantId: string, requestedBy: string, request: PreviewRequest): Promise<JobRow> {
    const { modelId, version, sample } = request;
    checkSample(sample, 'input.sample', null);
    const definition = JSON.stringify(request.after);
    if (Buffer.byteLength(definition) > DEFINITION_BYTES_MAX) {
      const message = `The model is larger than ${DEFINITION_BYTES_MAX} bytes of JSON; split it in two.`;
      throw badInput([{ path: 'input', message }]);
    }
    return tenantTransaction(this.#db, tenantId, async (manager) => {
      await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('leadpulse.previews.' || $1, 0))`, [
        tenantId,
      ]);
      if ((await countOpenPreviews(manager, tenantId)) >= PREVIEW_JOBS_OPEN_MAX) throw tooManyOpen();
      const job = await queueJob(manager, tenantId, { kind: 'PREVIEW', modelId, version, requestedBy });
      await insertPreview(manager, tenantId, job.id, { modelId, version, definition, sample });
      return job;
    });
  }

  /** What a preview job has found; null before it is done, and when its time is over. */
  async result(tenantId: string, job: Pick<JobRow, 'id' | 'kind' | 'state'>): Promise<Preview | null> {
    if (job.kind !== 'PREVIEW' || job.state !== 'DONE') return null;
    const row = await tenantRead(this.#db, tenantId, (client) => selectPreview(client, tenantId, job.id));
    if (!row?.begun) return null;
    const { modelId, version, definition: after, sample, begun } = row;
    const published = await this.#registry.version(tenantId, modelId, version);
    const { revision, active } = await tenantRead(this.#db, tenantId, (client) =>
      readModelStanding(client, tenantId, modelId),
    );
    const before = JSON.stringify(published.definition);
    const models = compareModels(before, after);
    const { atMs } = begun;
    const scope = { id: job.id, tenantId, modelId, version, revision, active, atMs, before, after };
    return new Preview(scope, models, row.tally ?? emptyTally(models), isSampled(begun, sample));
  }

  /** Contacts under both versions with their explanations, in the order of `contactIds`; null where there is none. */
  async explain(scope: ScoreScope, contactIds: readonly string[]): Promise<(ExplainedMove | null)[]> {
    const asks = [];
    for (let from = 0; from < contactIds.length; from += EXPLAINED_MAX) {
      asks.push({ scope, contactIds: contactIds.slice(from, from + EXPLAINED_MAX) });
    }
    const moves = new Map<string, ExplainedMove>();
    await this.#pool.run('explain', asks, (part) => {
      for (const move of part) moves.set(move.contactId, move);
    });
    return contactIds.map((id) => moves.get(id) ?? null);
  }

  /** Who is looked at, and of which instant. */
  #plan(tenantId: string, { modelId, version, before, after, sample }: PreviewRequest): Promise<PreviewPlan> {
    return tenantRead(this.#db, tenantId, async (client) => {
      const [standing, stock] = await Promise.all([
        readModelStanding(client, tenantId, modelId),
        readContactStock(client, tenantId),
      ]);
      if (pickedContacts(stock, sample) > PREVIEW_CONTACTS_MAX) throw tooManyContacts(stock);
      const ranges = await planRanges(client, tenantId, stock, sample, FIRST_UUID);
      const { nowMs: atMs, ...kept } = standing;
      const definitions = { before: JSON.stringify(before), after: JSON.stringify(after) };
      const scope = { id: uuidv7(), tenantId, modelId, version, atMs, ...kept, ...definitions };
      const models = compareModels(definitions.before, definitions.after);
      return { scope, ranges, sampled: isSampled(stock, sample), models };
    });
  }
}

function isSampled(stock: ContactStock, sample: number | null): boolean {
  return pickedContacts(stock, sample) < stock.contacts;
}

/** @param max null when any number will do. */
function checkSample(sample: number | null, path: string, max: number | null): void {
  if (sample === null || (sample >= 1 && (max === null || sample <= max))) return;
  const message =
    max === null
      ? 'Give how many contacts to look at, 1 at least; leave it out to look at all of them.'
      : `Give a number from 1 to ${max}; startModelPreview looks at any number of contacts.`;
  throw badInput([{ path, message }]);
}

function tooManyContacts({ contacts }: ContactStock): LeadpulseError {
  const message = `There are ${contacts} contacts, and ${PREVIEW_CONTACTS_MAX} at most are looked at while you wait: give a sample of so many, or use startModelPreview, which looks at all of them in the background.`;
  return badInput([{ path: 'sample', message }]);
}

function tookTooLong(): LeadpulseError {
  return new LeadpulseError(
    'UNAVAILABLE',
    `The preview took longer than ${PREVIEW_MS_MAX / 1_000} s: give a smaller sample, or use startModelPreview, which does it in the background.`,
  );
}

function tooManyOpen(): LeadpulseError {
  return new LeadpulseError(
    'CONFLICT',
    `There are ${PREVIEW_JOBS_OPEN_MAX} previews waiting or running; wait for one of them, or cancel one with cancelJob.`,
  );
}
