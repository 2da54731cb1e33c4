import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { checkFilter } from '../contacts/check-filter.js';
import {
  encodeFilter,
  type SavedFilters,
  SEGMENTS_PER_TENANT_MAX,
  savedWithin,
} from '../contacts/saved-filter.js';
import { LeadpulseError } from '../errors.js';
import { bumpEpoch } from '../store/bump-epoch.js';
import type { ContactFilter } from '../store/contact-filter.js';
import type { Database } from '../store/database.js';
import type { ActiveModels, ModelRegistry } from '../store/model-registry.js';
import { tenantRead, tenantTransaction } from '../store/tenant-scope.js';
import { byId, faultOf } from './segment-fault.js';
import { SEGMENT_COLUMNS, type SegmentDbRow, type SegmentRow, segmentRowOf } from './segment-row.js';
import { readSegmentsOfContacts } from './segments-of-contacts.js';

/** Who changes a segment. */
export interface SegmentEditor {
  tenantId: string;
  /** Shown as who made or changed it. */
  name: string;
}

/** What a segment is to be. */
export interface SegmentFields {
  key: string;
  name: string;
  filter: ContactFilter;
}

/** Saved filters of contacts: making, changing and finding them. */
export class SegmentService {
  readonly #db: Database;
  readonly #registry: ModelRegistry;

  constructor(db: Database, registry: ModelRegistry) {
    this.#db = db;
    this.#registry = registry;
  }

  /** All segments by key. */
  list(tenantId: string): Promise<SegmentRow[]> {
    return tenantRead(this.#db, tenantId, async (client) => {
      const { rows } = await client.query<SegmentDbRow>({
        name: 'segments',
        text: `SELECT ${SEGMENT_COLUMNS} FROM segments WHERE tenant_id = $1 ORDER BY key`,
        values: [tenantId],
      });
      return rows.map(segmentRowOf);
    });
  }

  /** What keeps a segment from being asked, in words; null when nothing does. */
  faultOf(segment: SegmentRow, segments: readonly SegmentRow[], active: ActiveModels): string | null {
    return faultOf(segment, byId(segments), active);
  }

  /** The segments of each contact by key, judged now. Two statements, however many contacts and segments. */
  async segmentsOf(tenantId: string, contactIds: readonly string[]): Promise<SegmentRow[][]> {
    const active = await this.#registry.current(tenantId);
    return readSegmentsOfContacts(this.#db, tenantId, active, await this.list(tenantId), contactIds);
  }

  /**
   * Saves a filter. Its members are gathered in the background.
   * @throws LeadpulseError BAD_USER_INPUT with paths below `input`, CONFLICT when the key is taken or there are
   * `SEGMENTS_PER_TENANT_MAX`, NOT_FOUND for an unknown model.
   */
  async create({ tenantId, name: by }: SegmentEditor, fields: SegmentFields): Promise<SegmentRow> {
    const active = await this.#registry.current(tenantId);
    return this.#change(tenantId, async (manager, known) => {
      if (known.some((segment) => segment.key === fields.key)) throw keyTaken(fields.key);
      if (known.length >= SEGMENTS_PER_TENANT_MAX) {
        const message = `There are ${SEGMENTS_PER_TENANT_MAX} segments, which is all a tenant can have; delete one first.`;
        throw new LeadpulseError('CONFLICT', message);
      }
      checkFilter(fields.filter, active, 'input.filter', byId(known));
      const rows = await manager.query<SegmentDbRow[]>(
        `INSERT INTO segments (tenant_id, id, key, name, filter, created_by, changed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING ${SEGMENT_COLUMNS}`,
        [tenantId, uuidv7(), fields.key, fields.name, JSON.stringify(encodeFilter(fields.filter)), by],
      );
      return onlyRow(rows);
    });
  }

  /**
   * Changes what is given. When the filter changes, members are gathered anew in the background, those of segments that
   * are made of this one as well; who joins or leaves by that makes events.
   * @throws LeadpulseError as `create`, and NOT_FOUND for an unknown segment.
   */
  async update(
    { tenantId, name: by }: SegmentEditor,
    id: string,
    fields: Partial<SegmentFields>,
  ): Promise<SegmentRow> {
    const active = await this.#registry.current(tenantId);
    return this.#change(tenantId, async (manager, known) => {
      const old = known.find((segment) => segment.id === id.toLowerCase());
      if (!old) throw unknownSegment();
      const next = { ...old, ...fields };
      if (known.some((segment) => segment.key === next.key && segment.id !== old.id))
        throw keyTaken(next.key);
      const segments = byId(known.map((segment) => (segment.id === old.id ? next : segment)));
      if (fields.filter) checkFilter(fields.filter, active, 'input.filter', segments, [old.id]);
      const affected = fields.filter ? [old.id, ...dependents(old.id, segments)] : [];
      const filter = JSON.stringify(encodeFilter(next.filter));
      await manager.query(
        `UPDATE segments SET key = $3, name = $4, filter = $5, changed_by = $6, changed_at = now()
         WHERE tenant_id = $1 AND id = $2`,
        [tenantId, old.id, next.key, next.name, filter, by],
      );
      await manager.query(`UPDATE segments SET sweep = 'WAITING' WHERE tenant_id = $1 AND id = ANY($2)`, [
        tenantId,
        affected,
      ]);
      const rows = await manager.query<SegmentDbRow[]>(
        `SELECT ${SEGMENT_COLUMNS} FROM segments WHERE tenant_id = $1 AND id = $2`,
        [tenantId, old.id],
      );
      return onlyRow(rows);
    });
  }

  /**
   * Deletes a segment; contacts stay as they are, and nobody leaves with an event.
   * @throws LeadpulseError NOT_FOUND, CONFLICT when other segments are made of it.
   */
  async delete({ tenantId }: SegmentEditor, id: string): Promise<SegmentRow> {
    return this.#change(tenantId, async (manager, known) => {
      const old = known.find((segment) => segment.id === id.toLowerCase());
      if (!old) throw unknownSegment();
      const users = dependents(old.id, byId(known));
      if (users.length > 0) {
        const keys = known.filter((segment) => users.includes(segment.id)).map((segment) => segment.key);
        const message = `The segment is part of ${keys.join(', ')}: change or delete those first.`;
        throw new LeadpulseError('CONFLICT', message);
      }
      await manager.query('DELETE FROM segments WHERE tenant_id = $1 AND id = $2', [tenantId, old.id]);
      return old;
    });
  }

  /**
   * One change at a time in a tenant, so that two together cannot make a circle; the worker hears of it. When another filter is to
   * be kept, the epoch is raised, so that no batch commits that has not asked its boundaries: the pass over all contacts
   * that begins now finds what was committed before.
   */
  #change(
    tenantId: string,
    work: (manager: EntityManager, known: SegmentRow[]) => Promise<SegmentRow>,
  ): Promise<SegmentRow> {
    return tenantTransaction(this.#db, tenantId, async (manager) => {
      await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('leadpulse.segments.' || $1, 0))`, [
        tenantId,
      ]);
      const rows = await manager.query<SegmentDbRow[]>(
        `SELECT ${SEGMENT_COLUMNS} FROM segments WHERE tenant_id = $1 ORDER BY key`,
        [tenantId],
      );
      const known = rows.map(segmentRowOf);
      const changed = await work(manager, known);
      await manager.query(
        `INSERT INTO segment_feeds AS f (tenant_id, sweep_at) VALUES ($1, now())
         ON CONFLICT (tenant_id) DO UPDATE SET sweep_at = now()`,
        [tenantId],
      );
      const before = known.find((segment) => segment.id === changed.id);
      if (!isDeepStrictEqual(before?.filter, changed.filter)) await bumpEpoch(manager, tenantId);
      return changed;
    });
  }
}

/** The other segments that are made of one. */
function dependents(id: string, segments: SavedFilters): string[] {
  return [...segments.values()]
    .filter((segment) => segment.id !== id && savedWithin(segment.filter, segments).has(id))
    .map((segment) => segment.id);
}

function onlyRow(rows: SegmentDbRow[]): SegmentRow {
  const row = rows[0];
  if (!row) throw new Error('a segment that was just written is not there');
  return segmentRowOf(row);
}

function keyTaken(key: string): LeadpulseError {
  return new LeadpulseError(
    'CONFLICT',
    `There is a segment with the key ${key} already; choose another key.`,
  );
}

function unknownSegment(): LeadpulseError {
  return new LeadpulseError('NOT_FOUND', 'There is no segment of this id; `segments` lists them.');
}
