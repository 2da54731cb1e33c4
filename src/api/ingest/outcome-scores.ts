import type { RecordedOutcome } from '../../ingest/ingest-item.js';
import { scoresFromRows, scoresOfKnownVersions } from '../contacts/read-scores.js';
import type { ContactScoreType } from '../contacts/score-type.js';
import type { ApiContext } from '../context.js';

/** The scores after an item: those of its own batch, or, for a duplicate, as they stand now. */
export function scoresOfOutcome(
  context: ApiContext,
  outcome: RecordedOutcome,
): ContactScoreType[] | Promise<ContactScoreType[]> {
  if (outcome.status !== 'RECORDED') return scoresNow(context, outcome.contactId);
  // What has just been written was scored with versions that are in memory: no loader, and no turn of the event loop.
  return scoresOfKnownVersions(context, outcome.scores) ?? scoresFromRows(context, outcome.scores);
}

async function scoresNow(context: ApiContext, contactId: string): Promise<ContactScoreType[]> {
  const contact = await context.loaders.contactById.load(contactId);
  return contact ? scoresFromRows(context, await context.loaders.scoreRowsOfContact.load(contact.id)) : [];
}
