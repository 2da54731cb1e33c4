import { randomUUID } from 'node:crypto';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { tenantTransaction } from '../../src/store/tenant-scope.js';
import { type WrittenChange, writeChanges } from './feed-writer.js';
import type { LiveTenant, LiveTestServer } from './live-server.js';

/** A model with the stages cold 0, warm 40 and hot 80. */
export const LIVE_MODEL: ModelDefinition = {
  key: 'live',
  name: 'Live',
  dimensions: [{ key: 'engagement', name: 'Engagement', maxPoints: 100 }],
  stages: [
    { key: 'cold', name: 'Cold', minScore: 0 },
    { key: 'warm', name: 'Warm', minScore: 40 },
    { key: 'hot', name: 'Hot', minScore: 80, hot: true },
  ],
  scoreSets: [
    {
      key: 'actions',
      dimension: 'engagement',
      rules: [{ key: 'opened', name: 'Opened', action: { actionType: 'email_opened', points: 10 } }],
    },
  ],
};

/** What a tenant needs for changes to be shown: a model, and contacts with or without an owner. */
export class LiveWorld {
  readonly tenant: LiveTenant;
  readonly modelId: string;
  readonly #server: LiveTestServer;

  private constructor(server: LiveTestServer, tenant: LiveTenant, modelId: string) {
    this.#server = server;
    this.tenant = tenant;
    this.modelId = modelId;
  }

  static async create(server: LiveTestServer): Promise<LiveWorld> {
    const tenant = await server.tenant();
    const publisher = { tenantId: tenant.tenantId, name: 'test' };
    const model = await server.services.models.create(publisher, LIVE_MODEL);
    return new LiveWorld(server, tenant, model.id);
  }

  /** The same world as another server on the same database sees it. */
  static at(server: LiveTestServer, { tenant, modelId }: LiveWorld): LiveWorld {
    return new LiveWorld(server, tenant, modelId);
  }

  /** A contact. @returns its id. */
  async contact(fields: { email?: string; ownerId?: string } = {}): Promise<string> {
    const id = randomUUID();
    const { tenantId } = this.tenant;
    await tenantTransaction(this.#server.services.db, tenantId, (manager) =>
      manager.query('INSERT INTO contacts (tenant_id, id, email, owner_id) VALUES ($1, $2, $3, $4)', [
        tenantId,
        id,
        fields.email ?? null,
        fields.ownerId ?? null,
      ]),
    );
    return id;
  }

  /** Removes a contact as erasure does: its changes stay. */
  async erase(contactId: string): Promise<void> {
    const { tenantId } = this.tenant;
    await tenantTransaction(this.#server.services.db, tenantId, (manager) =>
      manager.query('DELETE FROM contacts WHERE tenant_id = $1 AND id = $2', [tenantId, contactId]),
    );
  }

  /** Commits changes on the model and announces them. @returns the last position. */
  async changes(...changes: WrittenChange[]): Promise<bigint> {
    const { db, wakeUps } = this.#server.services;
    const onModel = changes.map((change) => ({ modelId: this.modelId, ...change }));
    const position = await writeChanges(db, this.tenant.tenantId, onModel);
    wakeUps.announce(this.tenant.tenantId);
    return position;
  }

  /** The cursor after a position of the tenant's feed. */
  cursor(position: bigint): string {
    return this.#server.services.feed.cursor(this.tenant.tenantId, position);
  }
}
