import type pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { badInput, type FieldFault, LeadpulseError } from '../../errors.js';
import type { Database } from '../../store/database.js';
import type { ModelRegistry } from '../../store/model-registry.js';
import { tenantRead } from '../../store/tenant-scope.js';
import { leadsNeeded } from '../statistics/leads-needed.js';
import type { Experiment, ExperimentArm } from './experiment.js';

/** Experiments of a tenant, ended ones included. */
export const EXPERIMENTS_MAX = 100;

/** What an experiment is to be. */
export type ExperimentFields = Pick<
  Experiment,
  'key' | 'name' | 'arms' | 'share' | 'expectedRate' | 'liftToDetect'
>;

interface ExperimentDbRow {
  id: string;
  key: string;
  name: string;
  arms: [ExperimentArm, ExperimentArm];
  share: number;
  expected_rate: number;
  lift_to_detect: number;
  created_by: string;
  started_at: number;
  ended_at: number | null;
}

const COLUMNS = 'id, key, name, arms, share, expected_rate, lift_to_detect, created_by, started_at, ended_at';

/** Making, finding and ending experiments. */
export class ExperimentService {
  readonly #db: Pick<Database, 'reads'>;
  readonly #registry: ModelRegistry;

  constructor(db: Pick<Database, 'reads'>, registry: ModelRegistry) {
    this.#db = db;
    this.#registry = registry;
  }

  /** All experiments, the newest first. */
  list(tenantId: string): Promise<Experiment[]> {
    return tenantRead(this.#db, tenantId, async (client) => {
      const { rows } = await client.query<ExperimentDbRow>({
        name: 'experiments',
        text: `SELECT ${COLUMNS} FROM experiments WHERE tenant_id = $1 ORDER BY id DESC LIMIT ${EXPERIMENTS_MAX}`,
        values: [tenantId],
      });
      return rows.map(experimentOf);
    });
  }

  /**
   * Starts an experiment now.
   * @throws LeadpulseError BAD_USER_INPUT with paths below `input`, CONFLICT when the key is taken or there are
   * `EXPERIMENTS_MAX`, NOT_FOUND when no active model is the one of an arm.
   */
  async create(tenantId: string, by: string, fields: ExperimentFields): Promise<Experiment> {
    checkFields(fields);
    const active = await this.#registry.current(tenantId);
    for (const { modelId, key } of fields.arms) {
      if (active.models.some((model) => model.modelId === modelId)) continue;
      throw new LeadpulseError('NOT_FOUND', `No active scoring model is that of the arm ${key}.`);
    }
    return tenantRead(this.#db, tenantId, async (client) => {
      const { rows } = await client.query<ExperimentDbRow>({
        name: 'create_experiment',
        text: `INSERT INTO experiments (tenant_id, id, key, name, arms, share, expected_rate, lift_to_detect, created_by)
          SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
          WHERE (SELECT count(*) FROM experiments WHERE tenant_id = $1) < ${EXPERIMENTS_MAX}
          ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
        values: [
          tenantId,
          uuidv7(),
          fields.key,
          fields.name,
          JSON.stringify(fields.arms),
          fields.share,
          fields.expectedRate,
          fields.liftToDetect,
          by,
        ],
      });
      const [row] = rows;
      if (!row) throw await this.#refusal(client, tenantId, fields.key);
      return experimentOf(row);
    });
  }

  /** Ends an experiment: what happens from now on does not count. Ended before, it stays as it is. @throws NOT_FOUND */
  async end(tenantId: string, id: string): Promise<Experiment> {
    return tenantRead(this.#db, tenantId, async (client) => {
      const { rows } = await client.query<ExperimentDbRow>({
        name: 'end_experiment',
        text: `UPDATE experiments SET ended_at = coalesce(ended_at, now()) WHERE tenant_id = $1 AND id::text = lower($2)
          RETURNING ${COLUMNS}`,
        values: [tenantId, id],
      });
      const [row] = rows;
      if (!row) throw unknownExperiment();
      return experimentOf(row);
    });
  }

  async #refusal(client: pg.ClientBase, tenantId: string, key: string): Promise<LeadpulseError> {
    const { rows } = await client.query('SELECT 1 FROM experiments WHERE tenant_id = $1 AND key = $2', [
      tenantId,
      key,
    ]);
    const message =
      rows.length > 0
        ? `There is an experiment with the key ${key} already; choose another key.`
        : `There are ${EXPERIMENTS_MAX} experiments, which is all a tenant can have.`;
    return new LeadpulseError('CONFLICT', message);
  }
}

/** What is thrown for an experiment that is not there. */
export function unknownExperiment(): LeadpulseError {
  return new LeadpulseError('NOT_FOUND', 'There is no such experiment; `experiments` lists them.');
}

function checkFields({ arms, share, expectedRate, liftToDetect }: ExperimentFields): void {
  const faults: FieldFault[] = [];
  if (arms[0].key === arms[1].key)
    faults.push({ path: 'input.arms.1.key', message: 'The arms need two different keys.' });
  if (!(share > 0 && share < 1))
    faults.push({ path: 'input.share', message: 'Give a share above 0 and below 1.' });
  if (!(expectedRate > 0 && expectedRate < 1))
    faults.push({ path: 'input.expectedRate', message: 'Give a rate above 0 and below 1.' });
  else if (!(liftToDetect > 0) || leadsNeeded({ baseRate: expectedRate, liftToDetect }) === null) {
    const message = 'Give a lift other than 1 that leaves the rate of the second arm between 0 and 1.';
    faults.push({ path: 'input.liftToDetect', message });
  }
  if (faults.length > 0) throw badInput(faults);
}

function experimentOf(row: ExperimentDbRow): Experiment {
  const { id, key, name, arms, share } = row;
  return {
    id,
    key,
    name,
    arms,
    share,
    expectedRate: row.expected_rate,
    liftToDetect: row.lift_to_detect,
    createdBy: row.created_by,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
  };
}
