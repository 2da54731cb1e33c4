import type { IngestItem } from '../ingest/ingest-item.js';
import type { JsonObject } from '../scoring/json-value.js';
import type { PersonaName } from './persona.js';
import { Random } from './random.js';

const HOUR_MS = 3_600_000;

/** What sales makes of a kind of lead: how likely it is handed over, rejected then, and won or lost. */
interface SalesChances {
  handed: number;
  rejected: number;
  won: number;
  lost: number;
  reasons: readonly string[];
}

const CHANCES: Partial<Record<PersonaName, SalesChances>> = {
  hot_buyer: { handed: 0.9, rejected: 0.06, won: 0.45, lost: 0.2, reasons: ['Has a contract'] },
  evaluator: { handed: 0.7, rejected: 0.2, won: 0.22, lost: 0.25, reasons: ['No budget', 'Only comparing'] },
  steady_reader: { handed: 0.25, rejected: 0.5, won: 0.08, lost: 0.2, reasons: ['No budget', 'Reads only'] },
  gone_cold: { handed: 0.2, rejected: 0.6, won: 0.05, lost: 0.35, reasons: ['No answer'] },
  student: { handed: 0.3, rejected: 0.95, won: 0, lost: 0, reasons: ['Student'] },
};

/** From when to when a person is seen, ms since 1970. */
export interface SeenSpan {
  joinedMs: number;
  lastSeenMs: number;
}

/**
 * What sales says of a lead and what becomes of it, as items for the recorder. Chance of its own, so that the rest of the
 * story stays what it is without.
 * @param number which contact it is.
 */
export function writeSalesStory(
  email: string,
  persona: PersonaName,
  { joinedMs, lastSeenMs }: SeenSpan,
  number: number,
): IngestItem[] {
  const chances = CHANCES[persona];
  const random = new Random(number * 7_919);
  if (!chances || !random.chance(chances.handed)) return [];
  const handedMs = joinedMs + random.between(0.4, 0.85) * (lastSeenMs - joinedMs);
  const items: IngestItem[] = [];
  const act = (atMs: number, type: string, properties: JsonObject) =>
    items.push({
      kind: 'action',
      contact: { kind: 'email', value: email },
      occurredAtMs: Math.round(Math.min(atMs, lastSeenMs)),
      type,
      properties,
    });
  if (random.chance(chances.rejected)) {
    act(handedMs, 'lead_rejected', { reason: random.pick(chances.reasons) });
    return items;
  }
  act(handedMs, 'lead_accepted', {});
  const settledMs = handedMs + HOUR_MS + random.between(0.1, 1) * (lastSeenMs - handedMs);
  const fate = random.next();
  if (fate < chances.won) act(settledMs, 'deal_won', { value: random.whole(8, 90) * 100 });
  else if (fate < chances.won + chances.lost)
    act(settledMs, 'deal_lost', { reason: random.pick(chances.reasons) });
  return items;
}
