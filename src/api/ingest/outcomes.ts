import { badInput, LeadpulseError } from '../../errors.js';
import { encodeCursor } from '../../feed/cursor.js';
import type { IngestItem, IngestOutcome, RecordedOutcome } from '../../ingest/ingest-item.js';
import type { ApiContext } from '../context.js';

/** An item that was refused. */
export interface RejectedItem {
  index: number;
  code: string;
  message: string;
}

/** The cursor of a position in the viewer's feed; null for none. */
export function cursorOf({ services, viewer }: ApiContext, position: string | null): string | null {
  if (position === null) return null;
  return encodeCursor({ installationId: services.db.installationId, tenantId: viewer.tenantId }, position);
}

/** Records items; what the request reads afterwards agrees with them. */
export async function recordAll(context: ApiContext, items: readonly IngestItem[]): Promise<IngestOutcome[]> {
  const outcomes = await context.services.recorder.record(context.viewer.tenantId, items);
  context.forgetReads();
  return outcomes;
}

/**
 * Records one item.
 * @throws LeadpulseError its fault, with paths that begin with `input`.
 */
export async function recordOne(context: ApiContext, item: IngestItem): Promise<RecordedOutcome> {
  const [outcome] = await recordAll(context, [item]);
  if (!outcome) throw new Error('the recorder did not answer an item');
  if (outcome.status === 'REJECTED') throw underInput(outcome.error);
  return outcome;
}

/** The fault with its paths seen from the arguments of the mutation. */
export function underInput(error: LeadpulseError): LeadpulseError {
  const { fields } = error.details;
  if (!fields) return error;
  const moved = fields.map(({ path, message }) => ({ path: `input.${path}`, message }));
  if (error.code === 'BAD_USER_INPUT') return badInput(moved);
  return new LeadpulseError(error.code, error.message, { ...error.details, fields: moved });
}

/** What a bulk mutation adds up. */
export class BulkTally {
  readonly rejected: RejectedItem[] = [];
  #lastPosition: bigint | null = null;

  /** Counts the outcome of the item at `index`; null when it was refused. */
  add(index: number, outcome: IngestOutcome): RecordedOutcome | null {
    if (outcome.status === 'REJECTED') {
      this.reject(index, outcome.error);
      return null;
    }
    if (outcome.position !== null) this.#advance(BigInt(outcome.position));
    return outcome;
  }

  reject(index: number, { code, message }: LeadpulseError): void {
    this.rejected.push({ index, code, message });
  }

  /** The last position in the feed that any of the items reached; null when no score changed. */
  get position(): string | null {
    return this.#lastPosition?.toString() ?? null;
  }

  #advance(position: bigint): void {
    if (this.#lastPosition === null || position > this.#lastPosition) this.#lastPosition = position;
  }
}

/** @throws LeadpulseError BAD_USER_INPUT when a bulk mutation has too many items. */
export function checkItemCount(path: string, count: number, max: number): void {
  if (count <= max) return;
  throw badInput([{ path, message: `Give at most ${max} items; send the rest in another call.` }]);
}
