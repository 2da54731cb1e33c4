import type pg from 'pg';
import { LeadpulseError } from '../errors.js';
import type { ScoreScope } from './score-scope.js';

/** What of a model decides whether stored states can be used, with the database's clock. */
export type ModelStanding = Pick<ScoreScope, 'revision' | 'active'> & { nowMs: number };

/**
 * @param client a connection, scoped to the tenant.
 * @throws LeadpulseError NOT_FOUND.
 */
export async function readModelStanding(
  client: pg.ClientBase,
  tenantId: string,
  modelId: string,
): Promise<ModelStanding> {
  const { rows } = await client.query<{ revision: number; active: boolean; now: number }>({
    name: 'model_standing',
    text: `SELECT revision, active, clock_timestamp() AS now FROM scoring_models WHERE tenant_id = $1 AND id = $2`,
    values: [tenantId, modelId],
  });
  const row = rows[0];
  if (!row)
    throw new LeadpulseError('NOT_FOUND', 'There is no model of this id; `scoringModels` lists them.');
  return { revision: row.revision, active: row.active, nowMs: row.now };
}
