import { Slices } from '../../../slices.js';

/**
 * How long members are written to before others of the process get a turn, in ms. Each round trip of a batch that is being recorded
 * waits for the end of a turn. Of 256 members, 5 to 8 ms, that and full collections made 124 ms from the stamp of a change to its
 * commit at the 99th percentile, on a busy machine with 1,000 sockets; it has been 32 ms since.
 */
const TURN_MS_MAX = 2;
/** Members between two looks at the clock. */
const MEMBERS_PER_LOOK = 16;

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
  const turns = new Slices(TURN_MS_MAX);
  for (const [index, member] of members.entries()) {
    if (index % MEMBERS_PER_LOOK === 0 && turns.isOver) await turns.pass();
    if (signal.aborted) return;
    deliver(member);
  }
}
