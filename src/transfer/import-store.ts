import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { EntityManager } from 'typeorm';
import { LeadpulseError } from '../errors.js';
import type { Database } from '../store/database.js';
import { type ClaimedJob, jobProgressNote } from '../store/jobs/job-claims.js';
import { queueJob } from '../store/jobs/job-queries.js';
import { tenantRead, tenantTransaction } from '../store/tenant-scope.js';
import type { ImportRequest } from './import-request.js';
import type { FileLayout, ImportCounts, ImportRow, RowFault } from './import-row.js';

/** Imports of a tenant that are not over, at most. */
const OPEN_IMPORTS_MAX = 100;

/** Who asks, and for whom. */
export interface ImportAuthor {
  tenantId: string;
  /** The name of the key, or the subject of the token. */
  name: string;
}

/**
 * Makes an import, or finds the unfinished one of the same file and request.
 * @throws LeadpulseError CONFLICT when too many are open.
 */
export function createOrFindImport(
  db: Database,
  { tenantId, name }: ImportAuthor,
  request: ImportRequest,
): Promise<{ id: string; resumed: boolean }> {
  const fileKey = fileKeyOf(request);
  return tenantTransaction(db, tenantId, async (manager) => {
    const open = fileKey === null ? null : await findOpen(manager, tenantId, fileKey);
    if (open) return { id: open, resumed: true };
    await checkOpenCount(manager, tenantId);
    const { id } = await queueJob(manager, tenantId, {
      kind: 'IMPORT',
      modelId: null,
      version: null,
      requestedBy: name,
    });
    await manager.query('INSERT INTO imports (tenant_id, id, request, file_key) VALUES ($1, $2, $3, $4)', [
      tenantId,
      id,
      JSON.stringify(request),
      fileKey,
    ]);
    return { id, resumed: false };
  });
}

/** The name of the file does not matter: what is done with which content does. */
function fileKeyOf({ fileName: _fileName, ...rest }: ImportRequest): string | null {
  return rest.fileId === null ? null : createHash('sha256').update(JSON.stringify(rest)).digest('base64url');
}

async function findOpen(manager: EntityManager, tenantId: string, fileKey: string): Promise<string | null> {
  const rows: { id: string }[] = await manager.query(
    `SELECT i.id FROM imports i JOIN jobs j ON j.tenant_id = i.tenant_id AND j.id = i.id
     WHERE i.tenant_id = $1 AND i.file_key = $2 AND j.finished_at IS NULL ORDER BY i.id DESC LIMIT 1`,
    [tenantId, fileKey],
  );
  return rows[0]?.id ?? null;
}

async function checkOpenCount(manager: EntityManager, tenantId: string): Promise<void> {
  const rows: { count: number }[] = await manager.query(
    `SELECT count(*)::int AS count FROM jobs WHERE tenant_id = $1 AND finished_at IS NULL AND kind = 'IMPORT'`,
    [tenantId],
  );
  if ((rows[0]?.count ?? 0) < OPEN_IMPORTS_MAX) return;
  const message = `${OPEN_IMPORTS_MAX} imports are not over yet. Finish or cancel some: jobs(kinds: [IMPORT]) lists them.`;
  throw new LeadpulseError('CONFLICT', message);
}

interface ImportDbRow {
  id: string;
  request: ImportRequest;
  layout: FileLayout | null;
  offset_bytes: string;
  line: string;
  chain: string | null;
  row_count: string;
  recorded: string;
  created: string;
  duplicates: string;
  rejected: string;
  created_at: number;
}

/** An import by id, or null. */
export async function readImport(db: Database, tenantId: string, id: string): Promise<ImportRow | null> {
  const { rows } = await tenantRead(db, tenantId, (client) =>
    client.query<ImportDbRow>({
      name: 'read_import',
      text: `SELECT id, request, layout, offset_bytes, line, chain, row_count, recorded, created, duplicates, rejected,
        created_at FROM imports WHERE tenant_id = $1 AND id = $2`,
      values: [tenantId, id],
    }),
  );
  return rows[0] ? importRowOf(rows[0]) : null;
}

function importRowOf(row: ImportDbRow): ImportRow {
  return {
    id: row.id,
    request: row.request,
    layout: row.layout,
    offsetBytes: Number(row.offset_bytes),
    line: Number(row.line),
    chain: row.chain,
    counts: {
      rows: Number(row.row_count),
      recorded: Number(row.recorded),
      created: Number(row.created),
      duplicates: Number(row.duplicates),
      rejected: Number(row.rejected),
    },
    createdAtMs: row.created_at,
  };
}

/** Keeps how the file is to be read, and where its rows begin. */
export async function saveLayout(
  db: Database,
  { tenantId, id }: ClaimedJob,
  layout: FileLayout,
  place: { offset: number; line: number },
): Promise<void> {
  await tenantRead(db, tenantId, (client) =>
    client.query({
      name: 'save_import_layout',
      text: `UPDATE imports SET layout = $3, offset_bytes = $4, line = $5, touched_at = clock_timestamp()
        WHERE tenant_id = $1 AND id = $2`,
      values: [tenantId, id, JSON.stringify(layout), place.offset, place.line],
    }),
  );
}

/** A stretch of rows that is done. */
export interface ImportStretch {
  counts: ImportCounts;
  faults: RowFault[];
  /** Behind its last row. */
  offsetBytes: number;
  line: number;
  chain: string;
}

/**
 * Notes that a stretch is done: its faults, its counts and where to go on, all of it or nothing.
 * @returns false when the import is no longer this claim's: cancelled, or another upload goes on with it.
 */
export async function noteStretch(db: Database, job: ClaimedJob, stretch: ImportStretch): Promise<boolean> {
  const { counts, faults } = stretch;
  const note = jobProgressNote(job, { done: counts.rows, cursor: null, total: null });
  const { rowCount } = await tenantRead(db, job.tenantId, (client) =>
    client.query({
      name: 'note_import_stretch',
      text: `WITH mine AS (${note.text}),
        faults AS (INSERT INTO import_faults (tenant_id, import_id, row_number, code, message, content)
          SELECT $1, $2, f.* FROM mine, unnest($7::bigint[], $8::text[], $9::text[], $10::text[]) AS f
          ON CONFLICT DO NOTHING)
        UPDATE imports i SET offset_bytes = $11, line = $12, chain = $13, row_count = row_count + $14,
          recorded = recorded + $15, created = created + $16, duplicates = duplicates + $17, rejected = rejected + $18,
          touched_at = clock_timestamp()
        FROM mine WHERE i.tenant_id = $1 AND i.id = $2`,
      values: [
        ...(note.values ?? []),
        faults.map((fault) => fault.row),
        faults.map((fault) => fault.code),
        faults.map((fault) => fault.message),
        faults.map((fault) => fault.content),
        stretch.offsetBytes,
        stretch.line,
        stretch.chain,
        counts.rows,
        counts.recorded,
        counts.created,
        counts.duplicates,
        counts.rejected,
      ],
    }),
  );
  return rowCount === 1;
}

/** Refused rows behind the row `after`, in order. */
export async function readFaults(
  client: pg.ClientBase,
  tenantId: string,
  importId: string,
  after: number,
  faultsMax: number,
): Promise<RowFault[]> {
  const { rows } = await client.query<{ row: string; code: string; message: string; content: string }>({
    name: 'read_import_faults',
    text: `SELECT row_number AS row, code, message, content FROM import_faults
      WHERE tenant_id = $1 AND import_id = $2 AND row_number > $3 ORDER BY row_number LIMIT $4`,
    values: [tenantId, importId, after, faultsMax],
  });
  return rows.map(({ row, ...fault }) => ({ row: Number(row), ...fault }));
}
