import { expect } from 'vitest';
import type { Role } from '../../../src/access/roles.js';
import { tenantTransaction } from '../../../src/store/tenant-scope.js';
import { type ApiError, type ApiTenant, ApiTestServer } from '../../support/api-server.js';

/** Inputs that are not called like their mutation. */
const INPUT_TYPES: Record<string, string> = {
  createScoringModel: 'ScoringModelInput',
  createScoringModelFromPreset: 'PresetInput',
  rollbackScoringModel: 'RollbackInput',
  activateScoringModel: 'ActivateInput',
};

/** Every mutation that changes a model that is there, with what makes it do so beside the `id`. */
export const CHANGING_MUTATIONS: Record<string, object> = {
  changeScoringModel: { expectedVersion: 1, changes: [{ removeRule: 'open' }] },
  rollbackScoringModel: { expectedVersion: 1, toVersion: 1 },
  activateScoringModel: { primary: true },
  createRule: { scoreSet: 'web', rule: rule('new') },
  updateRule: { rule: { key: 'open', name: 'Other' } },
  deleteRule: { key: 'open' },
  setRuleActive: { key: 'open', active: false },
  createScoreSet: { scoreSet: { key: 'more', rules: [] } },
  updateScoreSet: { scoreSet: { key: 'web', name: 'Other' } },
  deleteScoreSet: { key: 'web' },
  setScoreSetActive: { key: 'web', active: false },
  updateModelSettings: { settings: { name: 'Other' } },
  publishScoringModelDraft: {},
  discardScoringModelDraft: {},
  rebaseScoringModelDraft: {},
  cloneScoringModel: { key: 'copy' },
};

export const DIFF =
  'empty settings { path before after } scoreSets { change key name fields { path before after } } rules { change key name scoreSet scoreSetBefore fields { path before after } }';
export const MODEL = 'id key name version definition';
export const DRAFT = 'baseVersion revision stale definition changedBy changedAt';

/** A rule that gives points for an action of its key's name. */
export function rule(key: string, points = 5) {
  return { key, action: { actionType: key, points } };
}

/** Sets `email` (open 5, click 10) and `web` (visit 5), one dimension, two stages. */
export function definition(key: string) {
  return {
    key,
    name: 'Main',
    dimensions: [{ key: 'd', maxPoints: 100 }],
    stages: [
      { key: 'cold', name: 'Cold', minScore: 0 },
      { key: 'hot', name: 'Hot', minScore: 50, hot: true },
    ],
    scoreSets: [
      { key: 'email', dimension: 'd', rules: [rule('open'), rule('click', 10)] },
      { key: 'web', dimension: 'd', rules: [rule('visit')] },
    ],
  };
}

/** Keys of the rules of a definition, by set. */
export function layout(model: {
  scoreSets: { key: string; rules: { key: string }[] }[];
}): Record<string, string[]> {
  return Object.fromEntries(model.scoreSets.map(({ key, rules }) => [key, rules.map((one) => one.key)]));
}

/** The models API over HTTP, as an ADMIN of a tenant of its own. */
export class ModelKit {
  readonly server: ApiTestServer;
  readonly tenant: ApiTenant;

  constructor(server: ApiTestServer, tenant: ApiTenant) {
    this.server = server;
    this.tenant = tenant;
  }

  /** Sends a mutation that must succeed. @returns what `selection` asks of the payload. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are whatever the test asked for
  async run(name: string, input: object, selection: string): Promise<any> {
    const { data, errors } = await this.send(name, input, selection);
    expect(errors).toEqual([]);
    return data[name];
  }

  /** Sends a mutation that must be refused. @returns the fault. */
  async refused(name: string, input: object, role: Role = 'ADMIN'): Promise<ApiError> {
    const key = role === 'ADMIN' ? this.tenant.key : await this.server.key(this.tenant, role);
    const { errors } = await this.send(name, input, '__typename', key);
    expect(errors).toHaveLength(1);
    return errors[0] as ApiError;
  }

  send(name: string, input: object, selection: string, key = this.tenant.key) {
    const type = INPUT_TYPES[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const operation = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
    return this.server.send(key, operation, { input });
  }

  /** Makes a model of `definition`. @returns its id. */
  async create(key = 'main'): Promise<string> {
    const payload = await this.run('createScoringModel', definition(key), 'model { id }');
    return payload.model.id;
  }

  /** Edits version `expectedVersion` of a model. */
  change(id: string, expectedVersion: number, changes: object[], more: object = {}) {
    const input = { id, expectedVersion, changes, ...more };
    return this.run(
      'changeScoringModel',
      input,
      `model { ${MODEL} } draft { ${DRAFT} } recalculation { id }`,
    );
  }

  /** Adds to the draft of a model at version 1. */
  draft(id: string, changes: object[], more: object = {}) {
    return this.change(id, 1, changes, { publish: false, ...more });
  }

  /** What `selection` asks of a model. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are whatever the test asked for
  async model(id: string, selection: string, key = this.tenant.key): Promise<any> {
    const query = `query ($id: ID!) { scoringModel(id: $id) { ${selection} } }`;
    const { data, errors } = await this.server.send(key, query, { id });
    expect(errors).toEqual([]);
    return data.scoringModel;
  }

  /** The log of changes, the newest first. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are whatever the test asked for
  async log(selection: string, modelId?: string): Promise<any[]> {
    const query = `query ($modelId: ID) { modelChanges(modelId: $modelId, first: 200) { nodes { ${selection} } } }`;
    const { data, errors } = await this.server.send(this.tenant.key, query, { modelId });
    expect(errors).toEqual([]);
    return data.modelChanges.nodes;
  }

  /** How many rows of the tenant a table has. */
  async count(from: string): Promise<number> {
    const { tenantId } = this.tenant;
    const rows = await tenantTransaction(this.server.services.db, tenantId, (manager) =>
      manager.query<{ count: string }[]>(`SELECT count(*) AS count FROM ${from} WHERE tenant_id = $1`, [
        tenantId,
      ]),
    );
    return Number(rows[0]?.count);
  }

  async epoch(): Promise<number> {
    const [row] = await this.server.services.db.dataSource.query(
      'SELECT epoch FROM tenant_feeds WHERE tenant_id = $1',
      [this.tenant.tenantId],
    );
    return row.epoch;
  }
}

/** A kit in a tenant of its own. */
export async function openKit(server: ApiTestServer): Promise<ModelKit> {
  return new ModelKit(server, await server.tenant());
}
