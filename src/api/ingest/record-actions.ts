import type { ActionItem, RecordedOutcome } from '../../ingest/ingest-item.js';
import type { ApiContext } from '../context.js';
import type { RecordActionInput } from './ingest-inputs.js';
import { actionItemOf } from './ingest-items.js';
import {
  RecordActionPayload,
  type RecordActionResultType,
  type RecordActionsPayload,
} from './ingest-payloads.js';
import { BulkTally, checkItemCount, cursorOf, recordAll, recordOne } from './outcomes.js';

const ACTIONS_MAX = 10_000;

/** Records one action. @throws LeadpulseError its fault. */
export function recordAction(context: ApiContext, input: RecordActionInput): Promise<RecordActionPayload> {
  return recordItem(context, actionItemOf(input));
}

/** Records one action that was made of an input. @throws LeadpulseError its fault. */
export async function recordItem(context: ApiContext, item: ActionItem): Promise<RecordActionPayload> {
  const outcome = await recordOne(context, item);
  return new RecordActionPayload(outcome, cursorOf(context, outcome.position), {
    id: outcome.entryId,
    type: item.type,
    occurredAt: new Date(outcome.occurredAtMs),
    recordedAt: new Date(outcome.recordedAtMs),
    properties: item.properties,
  });
}

/**
 * Records up to `ACTIONS_MAX` actions; each succeeds or fails by itself.
 * @throws LeadpulseError BAD_USER_INPUT when there are more.
 */
export async function recordActions(
  context: ApiContext,
  inputs: readonly RecordActionInput[],
): Promise<RecordActionsPayload> {
  checkItemCount('input', inputs.length, ACTIONS_MAX);
  const outcomes = await recordAll(context, inputs.map(actionItemOf));
  const tally = new BulkTally();
  let recorded = 0;
  let duplicates = 0;
  const results = outcomes.map((outcome, index) => {
    const written = tally.add(index, outcome);
    if (written?.status === 'RECORDED') recorded += 1;
    else if (written) duplicates += 1;
    return resultOf(index, written);
  });
  return {
    recorded,
    duplicates,
    rejected: tally.rejected,
    results,
    cursor: cursorOf(context, tally.position),
  };
}

function resultOf(index: number, outcome: RecordedOutcome | null): RecordActionResultType {
  if (!outcome) return { index, status: 'REJECTED', actionId: null, contactId: null };
  return { index, status: outcome.status, actionId: outcome.entryId, contactId: outcome.contactId };
}
