import { setImmediate } from 'node:timers/promises';

/** Members that are written to before others of the process get a turn: about 2 ms. */
const MEMBERS_PER_TURN = 256;

/**
 * Hands something to every member of a group, and lets the rest of the process have its turn in between.
 * @param members those who were there at the beginning; it is for `deliver` to pass over who has left since.
 * @param signal ends it early.
 */
export async function deliverInTurns<Member>(
  members: readonly Member[],
  deliver: (member: Member) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, member] of members.entries()) {
    if (index > 0 && index % MEMBERS_PER_TURN === 0) await setImmediate();
    if (signal.aborted) return;
    deliver(member);
  }
}
