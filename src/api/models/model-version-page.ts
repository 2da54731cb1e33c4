import { badInput } from '../../errors.js';
import type { ApiContext } from '../context.js';
import { checkPage, connectionOf, type ForwardPageArgs } from '../pagination.js';
import { type ModelVersionConnection, modelVersionOf } from './scoring-model-type.js';

const CURSOR = /^v([1-9]\d{0,8})$/;

function encode(version: number): string {
  return Buffer.from(`v${version}`).toString('base64url');
}

function decode(cursor: string): number {
  const version = CURSOR.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (version === undefined) {
    throw badInput([
      { path: 'after', message: 'This is not a cursor of this list; pass one as it was received.' },
    ]);
  }
  return Number(version);
}

/** A page of a model's versions, the newest first. The cursor is the version, so pages stay put while others are published. */
export async function modelVersionPage(
  { viewer, services }: ApiContext,
  modelId: string,
  args: ForwardPageArgs,
): Promise<ModelVersionConnection> {
  const page = checkPage(args);
  const before = page.after === null ? null : decode(page.after);
  const rows = await services.models.versions(viewer.tenantId, modelId, before, page.count + 1);
  const edges = rows
    .slice(0, page.count)
    .map((row) => ({ cursor: encode(row.version), node: modelVersionOf(row) }));
  return connectionOf(edges, page, rows.length > page.count);
}
