import { badInput } from '../../errors.js';
import type { JobFilter } from '../../store/jobs/job-queries.js';
import { isUuid } from '../../uuid.js';
import type { ApiContext } from '../context.js';
import { checkPage, connectionOf, type ForwardPageArgs } from '../pagination.js';
import { type JobConnection, jobOf } from './job-type.js';

function encode(id: string): string {
  return Buffer.from(`j${id}`).toString('base64url');
}

function decode(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const id = text.slice(1);
  if (text.startsWith('j') && isUuid(id)) return id;
  const message = 'This is not a cursor of this list; pass one as it was received.';
  throw badInput([{ path: 'after', message }]);
}

/** A page of the tenant's jobs, the newest first. The cursor is the job's id, so pages stay put while others are queued. */
export async function jobPage(
  { viewer, services }: ApiContext,
  filter: JobFilter,
  args: ForwardPageArgs,
): Promise<JobConnection> {
  const page = checkPage(args);
  const beforeId = page.after === null ? null : decode(page.after);
  const rows = await services.jobs.list(viewer.tenantId, filter, beforeId, page.count + 1);
  const edges = rows.slice(0, page.count).map((row) => ({ cursor: encode(row.id), node: jobOf(row) }));
  return connectionOf(edges, page, rows.length > page.count);
}
