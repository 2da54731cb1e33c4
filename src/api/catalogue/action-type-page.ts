import type { ActionTypeFilter, ActionTypePlace } from '../../catalogue/list-action-types.js';
import { badInput } from '../../errors.js';
import type { ApiContext } from '../context.js';
import { checkPage, connectionOf, type ForwardPageArgs } from '../pagination.js';
import { type ActionTypeConnection, actionTypeOf } from './action-type-type.js';

function encode({ count, type }: ActionTypePlace): string {
  return Buffer.from(JSON.stringify([count, type])).toString('base64url');
}

function decode(cursor: string): ActionTypePlace {
  const [count, type] = parse(Buffer.from(cursor, 'base64url').toString());
  if (typeof count === 'number' && typeof type === 'string') return { count, type };
  throw badInput([
    { path: 'after', message: 'This is not a cursor of this list; pass one as it was received.' },
  ]);
}

function parse(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** A page of the action types that a filter lets through, the most frequent first. */
export async function actionTypePage(
  { viewer, services }: ApiContext,
  filter: ActionTypeFilter,
  args: ForwardPageArgs,
): Promise<ActionTypeConnection> {
  const page = checkPage(args);
  const after = page.after === null ? null : decode(page.after);
  const rows = await services.catalogue.actionTypes(viewer.tenantId, filter, after, page.count + 1);
  const edges = rows.slice(0, page.count).map((row) => ({ cursor: encode(row), node: actionTypeOf(row) }));
  return connectionOf(edges, page, rows.length > page.count);
}
