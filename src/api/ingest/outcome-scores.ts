import type { RecordedOutcome } from '../../ingest/ingest-item.js';
import { scoresFromRows } from '../contacts/read-scores.js';
import type { ContactScoreType } from '../contacts/score-type.js';
import type { ApiContext } from '../context.js';

/** The scores after an item: those of its own batch, or, for a duplicate, as they stand now. */
export async function scoresOfOutcome(
  context: ApiContext,
  outcome: RecordedOutcome,
): Promise<ContactScoreType[]> {
  if (outcome.status === 'RECORDED') return scoresFromRows(context, outcome.scores);
  const contact = await context.loaders.contactById.load(outcome.contactId);
  return contact ? scoresFromRows(context, await context.loaders.scoreRowsOfContact.load(contact.id)) : [];
}
