/**
 * The actions that every part of the benchmark writes. A contact goes through the same cycle again and again; each step
 * moves the total of the STARTER model (up to 75, then back to 0), so that every action makes one event, for the
 * product as for the yardsticks.
 */
export const ACTION_CYCLE = [
  'email_opened',
  'clicked_link',
  'replied_to_email',
  'email_opened',
  'clicked_link',
  'replied_to_email',
  'email_opened',
  'clicked_link',
  'unsubscribed',
] as const;

/** What every action carries; stored as it is sent. */
export const ACTION_PROPERTIES = { campaign: 'spring-2026', url: 'https://example.com/pricing' };

/** A prime larger than any number of contacts: stepping by it visits all of them in an order without pattern. */
const VISIT_STRIDE = 7_368_787;

/** One action to send. */
export interface BenchAction {
  /** Number of the contact, from 0. */
  contact: number;
  type: string;
}

/** The email address that leads to a contact. */
export function emailOf(contact: number): string {
  return `lead-${contact}@bench.example`;
}

/** The type of a contact's action; contacts stand at different places of the cycle. @param step counts its actions from 0. */
export function actionTypeAt(contact: number, step: number): string {
  return ACTION_CYCLE[(contact + step) % ACTION_CYCLE.length] ?? ACTION_CYCLE[0];
}

/**
 * The action of a turn: all contacts are visited once, then once more, so that none is visited twice in a short time.
 * @param history actions that every contact had before the first turn.
 */
export function actionOfTurn(turn: number, contacts: number, history: number): BenchAction {
  const contact = ((turn % contacts) * VISIT_STRIDE) % contacts;
  return { contact, type: actionTypeAt(contact, history + Math.floor(turn / contacts)) };
}
