import { LeadpulseError } from '../../errors.js';
import { KEY_BYTES_MAX, TEXT_BYTES_MAX } from '../../ingest/check-item.js';
import type { RewriteOutcome, RewriteRequest } from '../../store/rewriting/run-rewrite.js';
import type { ApiContext } from '../context.js';
import type { ContactKey } from '../ingest/ingest-inputs.js';
import { contactKeyOf } from '../ingest/ingest-items.js';
import { underInput } from '../ingest/outcomes.js';
import { requestHash } from '../ingest/request-hash.js';
import { checkTexts } from '../input-check.js';

/** What inputs of these mutations share. */
interface CommonInput {
  reason?: string | null;
  idempotencyKey?: string | null;
}

/**
 * Who asks, and for what.
 * @param kind of the mutation: an idempotency key belongs to one kind.
 * @throws LeadpulseError BAD_USER_INPUT for reason and key.
 */
export function rewriteRequestOf({ viewer }: ApiContext, kind: string, input: CommonInput): RewriteRequest {
  checkTexts({ 'input.reason': input.reason }, TEXT_BYTES_MAX);
  checkTexts({ 'input.idempotencyKey': input.idempotencyKey }, KEY_BYTES_MAX);
  const request: RewriteRequest = { tenantId: viewer.tenantId, by: viewer.name };
  if (input.idempotencyKey == null) return request;
  return { ...request, idempotencyKey: input.idempotencyKey, requestHash: requestHash(kind, input) };
}

/** The id that a key leads to; null when it leads to nobody: the request may have been answered before. */
export function idOfKey({ loaders }: ApiContext, key: ContactKey): Promise<string | null> {
  return loaders.contactIdByKey.load(contactKeyOf(key));
}

/** The contact that stands for a key now. @throws LeadpulseError NOT_FOUND. */
export async function standingIdOfKey(context: ApiContext, key: ContactKey): Promise<string> {
  const id = await idOfKey(context, key);
  const contact = id === null ? null : await context.loaders.contactById.load(id);
  if (contact) return contact.id;
  throw new LeadpulseError('NOT_FOUND', 'There is no contact with this key.');
}

/** What it led to; what the request reads afterwards agrees with it. @throws LeadpulseError with paths that begin with `input`. */
export async function rewritten(
  context: ApiContext,
  outcome: Promise<RewriteOutcome>,
): Promise<RewriteOutcome> {
  try {
    return await outcome;
  } catch (error) {
    throw error instanceof LeadpulseError ? underInput(error) : error;
  } finally {
    context.forgetReads();
  }
}
