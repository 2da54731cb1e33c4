import { LeadpulseError } from '../../errors.js';
import type { IngestOutcome, ProfileItem } from '../../ingest/ingest-item.js';
import type { ApiContext } from '../context.js';
import type { UpsertContactInput } from './ingest-inputs.js';
import { profileItemOf } from './ingest-items.js';
import { UpsertContactPayload, type UpsertContactsPayload } from './ingest-payloads.js';
import { BulkTally, checkItemCount, cursorOf, recordAll, recordOne, underInput } from './outcomes.js';

const CONTACTS_MAX = 10_000;

/** Creates or changes one contact. @throws LeadpulseError its fault. */
export async function upsertContact(
  context: ApiContext,
  input: UpsertContactInput,
): Promise<UpsertContactPayload> {
  const item = itemOrFault(input);
  if (item instanceof LeadpulseError) throw underInput(item);
  const outcome = await recordOne(context, item);
  return new UpsertContactPayload(outcome, cursorOf(context, outcome.position));
}

/**
 * Creates or changes up to `CONTACTS_MAX` contacts; each succeeds or fails by itself.
 * @throws LeadpulseError BAD_USER_INPUT when there are more.
 */
export async function upsertContacts(
  context: ApiContext,
  inputs: readonly UpsertContactInput[],
): Promise<UpsertContactsPayload> {
  checkItemCount('input', inputs.length, CONTACTS_MAX);
  const items = inputs.map(itemOrFault);
  const sound = items.filter((item): item is ProfileItem => !(item instanceof LeadpulseError));
  const recorded = await recordAll(context, sound);
  const tally = new BulkTally();
  let created = 0;
  let updated = 0;
  let next = 0;
  for (const [index, item] of items.entries()) {
    if (item instanceof LeadpulseError) {
      tally.reject(index, item);
      continue;
    }
    const written = tally.add(index, recorded[next++] as IngestOutcome);
    if (written?.created && written.status === 'RECORDED') created += 1;
    else if (written) updated += 1;
  }
  return { created, updated, rejected: tally.rejected, cursor: cursorOf(context, tally.position) };
}

function itemOrFault(input: UpsertContactInput): ProfileItem | LeadpulseError {
  try {
    return profileItemOf(input);
  } catch (error) {
    if (error instanceof LeadpulseError) return error;
    throw error;
  }
}
