import { formatTable } from '../format-table.js';
import type { ModelServer, ServerModel } from './model-server.js';

/** `leadpulse models list`: what the server has. */
export async function listModels(server: ModelServer): Promise<void> {
  const models = await server.models();
  if (models.length === 0) console.log('There are no models.');
  else console.log(formatTable([['KEY', 'VERSION', 'STATE', 'DRAFT', 'NAME'], ...models.map(cellsOf)]));
}

function cellsOf({ key, version, active, primary, draft, name }: ServerModel): string[] {
  const state = primary ? 'primary' : active ? 'on' : 'off';
  return [key, String(version), state, draft === null ? '-' : `by ${draft.changedBy}`, name];
}
