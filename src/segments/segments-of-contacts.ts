import { matchContacts } from '../contacts/match-contacts.js';
import { textCollation } from '../contacts/text-collation.js';
import type { Database } from '../store/database.js';
import type { ActiveModels } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import { byId, faultOf } from './segment-fault.js';
import type { SegmentRow } from './segment-row.js';

/** The segments that each contact is in now, in the order of the segments; those that cannot be asked hold for nobody. */
export async function readSegmentsOfContacts(
  db: Database,
  tenantId: string,
  active: ActiveModels,
  segments: readonly SegmentRow[],
  contactIds: readonly string[],
): Promise<SegmentRow[][]> {
  const saved = byId(segments);
  const usable = segments.filter((segment) => faultOf(segment, saved, active) === null);
  if (usable.length === 0) return contactIds.map(() => []);
  const scope = { active, collation: await textCollation(db), segments: saved };
  const filters = usable.map((segment) => segment.filter);
  const matches = await tenantRead(db, tenantId, (client) =>
    matchContacts(client, tenantId, filters, scope, contactIds),
  );
  return contactIds.map((id) => usable.filter((_, index) => matches.get(id)?.[index]));
}
