import DataLoader from 'dataloader';
import type { Viewer } from '../../access/viewer.js';
import type { ContactCount } from '../../contacts/count-contacts.js';
import { LeadpulseError } from '../../errors.js';
import type { SegmentRow } from '../../segments/segment-row.js';
import type { Services } from '../services.js';

/** Contacts in one statement at most. */
const CONTACTS_PER_STATEMENT_MAX = 1_000;
/** Segments counted at a time by one request. */
const COUNTS_AT_ONCE_MAX = 2;

/** Batched reads around segments. */
export interface SegmentLoaders {
  /** The tenant's segments by key, asked once. */
  segments(): Promise<SegmentRow[]>;
  segmentById: DataLoader<string, SegmentRow | null>;
  /** The segments that a contact is in now. */
  segmentsOfContact: DataLoader<string, SegmentRow[]>;
  countOfSegment: DataLoader<string, ContactCount>;
}

/** Fresh loaders of the viewer's tenant. */
export function createSegmentLoaders(services: Services, { tenantId }: Viewer): SegmentLoaders {
  let all: Promise<SegmentRow[]> | undefined;
  const segments = () => {
    all ??= services.segments.list(tenantId);
    return all;
  };
  return {
    segments,
    segmentById: new DataLoader(async (ids: readonly string[]) => {
      const byId = new Map((await segments()).map((segment) => [segment.id, segment]));
      return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
    }),
    segmentsOfContact: new DataLoader(
      (ids: readonly string[]) => services.segments.segmentsOf(tenantId, ids),
      {
        maxBatchSize: CONTACTS_PER_STATEMENT_MAX,
      },
    ),
    countOfSegment: new DataLoader((ids: readonly string[]) => countEach(services, tenantId, ids), {
      batchScheduleFn: setImmediate,
    }),
  };
}

async function countEach(
  { contacts }: Services,
  tenantId: string,
  ids: readonly string[],
): Promise<ContactCount[]> {
  const counts: ContactCount[] = [];
  for (let start = 0; start < ids.length; start += COUNTS_AT_ONCE_MAX) {
    const some = ids.slice(start, start + COUNTS_AT_ONCE_MAX);
    counts.push(
      ...(await Promise.all(
        some.map((segmentId) =>
          contacts.count(tenantId, { segmentId }).catch((error: unknown) => {
            if (error instanceof LeadpulseError) return { count: 0, exact: true };
            throw error;
          }),
        ),
      )),
    );
  }
  return counts;
}
