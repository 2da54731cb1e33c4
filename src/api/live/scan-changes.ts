import type { ChangeRecord } from '../../feed/change-record.js';
import type { FeedReader } from '../../feed/feed-reader.js';
import type { ChangeMatch } from './score-change-filter.js';

/** Changes that one call looks at, whether they match or not. */
export const SCAN_RECORDS_MAX = 5_000;
const SCAN_PAGE_RECORDS = 500;

/** What a scan found. */
export interface ChangeScan {
  records: ChangeRecord[];
  /** Where to go on: after the last match when the page is full, else after everything that was looked at. */
  position: bigint;
  /** False when the scan came to the end of the feed. */
  hasMore: boolean;
}

/**
 * Looks through the feed for changes that match, up to `count` of them and `SCAN_RECORDS_MAX` altogether.
 * @param after where to begin; checked by the caller.
 * @throws LeadpulseError CURSOR_EXPIRED when retention overtakes the scan.
 */
export async function scanChanges(
  feed: FeedReader,
  tenantId: string,
  after: bigint,
  count: number,
  match: ChangeMatch,
): Promise<ChangeScan> {
  const records: ChangeRecord[] = [];
  let position = after;
  for (let scanned = 0; scanned < SCAN_RECORDS_MAX && count > 0; ) {
    const page = await feed.readPage(tenantId, position, SCAN_PAGE_RECORDS);
    const matched = await match(page);
    const taken = matched.slice(0, count - records.length);
    records.push(...taken);
    // A full page ends at its last change: what was read beyond it comes with the next call.
    if (records.length === count && taken.length > 0) {
      const end = taken.at(-1)!.position;
      return { records, position: end, hasMore: end < (await feed.head(tenantId)).position };
    }
    position = page.at(-1)?.position ?? position;
    scanned += page.length;
    if (page.length < SCAN_PAGE_RECORDS) return { records, position, hasMore: false };
  }
  return { records, position, hasMore: position < (await feed.head(tenantId)).position };
}
