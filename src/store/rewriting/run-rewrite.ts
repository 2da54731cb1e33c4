import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { LeadpulseError } from '../../errors.js';
import { epochRaise } from '../bump-epoch.js';
import type { Database } from '../database.js';
import { BEGIN, COMMIT, Flight } from '../flight.js';
import {
  idempotencyMismatch,
  readIdempotencyKeys,
  type StoredKeyRow,
  sameBytes,
} from '../idempotency-keys.js';
import type { ModelRegistry } from '../model-registry.js';
import { isConnectionLoss, sqlStateOf } from '../sql-state.js';
import { scopeTransaction } from '../tenant-scope.js';
import { isEpochMoved, type KeyToStore, writeFeed } from '../write-scores.js';
import { Rewrite, RewriteOutpaced } from './rewrite.js';

/** Tries of a rewriting that meets other transactions, before its caller is told. */
const TRIES_MAX = 10;
/** Publications and merges that it may meet on top of that. */
const RELOADS_MAX = 50;
const RETRY_DELAY_MS = 10;

/** What rewriting needs of the process. */
export interface RewriteScope {
  db: Database;
  registry: ModelRegistry;
  /** Called after a commit that changed scores. */
  announce(tenantId: string): void;
}

/** Who asks, and for what. */
export interface RewriteRequest {
  tenantId: string;
  /** Name of the key, or the subject of the token. */
  by: string;
  idempotencyKey?: string | null;
  /** SHA-256 of the request as sent; goes with `idempotencyKey`. */
  requestHash?: Uint8Array;
}

/** What a rewriting led to, as it is kept under an idempotency key. */
export interface Rewritten {
  /** Names the row that tells of it: a merge, a correction. */
  id: string;
  /** The contact that it was done to, as it stands after it. */
  contactId: string;
}

/** The same, with its place in the feed. */
export interface RewriteOutcome extends Rewritten {
  /** Position in the feed of its last change; null when no score changed. */
  position: string | null;
}

/**
 * Runs one change of what was recorded in one transaction: all of it is there afterwards, feed and scores included, or
 * nothing. It is done again when other transactions are in the way.
 * @param work does the writing, but for the feed.
 * @throws LeadpulseError what `work` throws; IDEMPOTENCY_MISMATCH; UNAVAILABLE when the database is too busy or went away.
 */
export async function runRewrite(
  scope: RewriteScope,
  request: RewriteRequest,
  work: (rewrite: Rewrite) => Promise<Rewritten>,
): Promise<RewriteOutcome> {
  let reloads = 0;
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    try {
      return await attempt(scope, request, work);
    } catch (error) {
      if (isConnectionLoss(error)) throw awayFault();
      if (isEpochMoved(error)) {
        await scope.registry.reload(request.tenantId);
        if (++reloads <= RELOADS_MAX) tries--;
      } else if (!isAnothersWork(error)) throw error;
      await delay(RETRY_DELAY_MS * tries * Math.random());
    }
  }
  throw new LeadpulseError(
    'UNAVAILABLE',
    'The contact is being written to too often. Send the request again.',
  );
}

/** 23505: the same idempotency key, or the same merge, twice at once. 40: deadlock. 55P03: lock timeout. */
function isAnothersWork(error: unknown): boolean {
  if (error instanceof RewriteOutpaced) return true;
  const state = sqlStateOf(error);
  return state === '23505' || state === '55P03' || state?.startsWith('40') === true;
}

function awayFault(): LeadpulseError {
  return new LeadpulseError(
    'UNAVAILABLE',
    'The database went away; the change is there as a whole or not at all. Send the request again with the same idempotency key.',
  );
}

async function attempt(
  { db, registry, announce }: RewriteScope,
  request: RewriteRequest,
  work: (rewrite: Rewrite) => Promise<Rewritten>,
): Promise<RewriteOutcome> {
  const { tenantId, by } = request;
  const active = await registry.cached(tenantId);
  const client = await db.writes.connect();
  try {
    const known = await open(client, request);
    if (known) {
      await client.query('ROLLBACK');
      client.release();
      return known;
    }
    const rewrite = new Rewrite({ client, tenantId, active, registry, by });
    const done = await work(rewrite);
    const position = await commit(rewrite, request, done);
    client.release();
    if (rewrite.changes.length > 0) announce(tenantId);
    // Batches of this process need not run into the new epoch first; should it fail, they do.
    if (rewrite.repointsIdentities) await registry.reload(tenantId).catch(() => undefined);
    return { ...done, position };
  } catch (error) {
    const clean = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    client.release(!clean);
    throw error;
  }
}

/** Opens the transaction. @returns what the same request led to before. */
async function open(client: pg.ClientBase, request: RewriteRequest): Promise<RewriteOutcome | null> {
  const { tenantId, idempotencyKey } = request;
  const flight = new Flight();
  flight.add(BEGIN);
  flight.add(scopeTransaction(tenantId));
  const read =
    idempotencyKey == null ? null : flight.add<StoredKeyRow>(readIdempotencyKeys(tenantId, [idempotencyKey]));
  await flight.send(client);
  const known = read?.().rows[0];
  if (!known) return null;
  if (!sameBytes(known.request_hash, request.requestHash)) throw idempotencyMismatch(known.key);
  return { ...(JSON.parse(known.result) as Rewritten), position: known.position };
}

/** @returns the position of the last change. @throws with SQLSTATE `EPOCH_MOVED_SQLSTATE`. */
async function commit(rewrite: Rewrite, request: RewriteRequest, done: Rewritten): Promise<string | null> {
  const { client, tenantId, active, changes } = rewrite;
  const flight = new Flight();
  const fed = flight.add<{ base: string }>(
    writeFeed(tenantId, {
      epoch: active.epoch,
      recordedAtMs: rewrite.nowMs,
      changes,
      keys: keysOf(request, done, changes.length),
      dueAtMs: rewrite.dueAtMs,
    }),
  );
  if (rewrite.repointsIdentities) flight.add(epochRaise(tenantId));
  const committed = flight.add(COMMIT);
  await flight.send(client);
  if (committed().command !== 'COMMIT') throw new Error('the transaction was rolled back at COMMIT');
  return changes.length === 0 ? null : String(Number(fed().rows[0]?.base ?? 0) + changes.length);
}

function keysOf(request: RewriteRequest, { id, contactId }: Rewritten, changes: number): KeyToStore[] {
  const { idempotencyKey: key, requestHash } = request;
  if (key == null || !requestHash) return [];
  const lastChange = changes === 0 ? null : changes - 1;
  return [{ key, requestHash, result: JSON.stringify({ id, contactId }), lastChange }];
}
