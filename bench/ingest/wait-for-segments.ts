import { setTimeout } from 'node:timers/promises';
import { run } from './bench-database.js';

const POLL_MS = 500;
const POLLS_MAX = 1_200;

/**
 * Waits until a server has gathered the segments of all tenants.
 * @throws Error when it has not after ten minutes.
 */
export async function waitForSegments(adminUrl: string): Promise<void> {
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    const [row] = await run(
      adminUrl,
      `SELECT EXISTS (SELECT FROM segments WHERE NOT filled) OR EXISTS (SELECT FROM segment_touches)
         OR EXISTS (SELECT FROM segment_feeds WHERE sweep_cursor IS NOT NULL OR sweep_at <= now()) AS busy`,
    );
    if (row?.busy === false) return;
    await setTimeout(POLL_MS);
  }
  throw new Error('the server has not gathered the segments of the contacts after ten minutes');
}
