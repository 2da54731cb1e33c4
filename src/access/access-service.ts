import { uuidv7 } from 'uuidv7';
import { LeadpulseError } from '../errors.js';
import type { Database } from '../store/database.js';
import { insertDefaultSegments } from '../store/default-segments.js';
import { ApiKey } from '../store/entities/api-key.js';
import { drawKey, hashKey, keyDigest } from './api-key-secret.js';
import { isRole, type Role } from './roles.js';
import type { TokenVerifier } from './token-verifier.js';
import type { Viewer } from './viewer.js';
import { type Identified, ViewerCache } from './viewer-cache.js';

/** Keys of one tenant that are not revoked. */
const KEYS_PER_TENANT_MAX = 200;
const CREDENTIAL_CHARS_MAX = 8_192;
const BEARER = /^Bearer +([^\s]+) *$/i;
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A key as it is listed: everything but the secret, which is not kept. */
export interface ApiKeyRow {
  id: string;
  name: string;
  role: Role;
  prefix: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

/** What a new key is to be. */
export interface NewApiKey {
  name: string;
  role: Role;
  /** When it stops to work; never, when null. */
  expiresAt: Date | null;
}

/** Tenants, API keys and tokens: who a request comes from. */
export class AccessService {
  readonly #db: Database;
  readonly #verifyToken: TokenVerifier | null;
  readonly #cache = new ViewerCache();

  /** @param verifyToken reads JSON Web Tokens; null when none are configured. */
  constructor(db: Database, verifyToken: TokenVerifier | null) {
    this.#db = db;
    this.#verifyToken = verifyToken;
  }

  /**
   * Who presents this `Authorization` header: `Bearer <API key or token>`.
   * @throws LeadpulseError UNAUTHENTICATED when it is missing, unknown, revoked or expired.
   */
  async authenticate(header: string | undefined): Promise<Viewer> {
    const credential = header === undefined ? undefined : BEARER.exec(header)?.[1];
    if (credential === undefined) {
      throw unauthenticated('Send the header `Authorization: Bearer <API key>`.');
    }
    if (credential.length > CREDENTIAL_CHARS_MAX) throw unauthenticated('This key is not known.');
    const nowMs = Date.now();
    const found = await this.#cache.get(keyDigest(credential), nowMs, () =>
      this.#verifyToken && TOKEN.test(credential)
        ? this.#findByToken(this.#verifyToken, credential)
        : this.#findByKey(hashKey(credential)),
    );
    if (!found) throw unauthenticated('This key is not known, or it was revoked; use another one.');
    if (found.expiresAtMs !== null && found.expiresAtMs <= nowMs) {
      throw unauthenticated('This key has expired; use another one.');
    }
    return found.viewer;
  }

  async #findByKey(hash: Buffer): Promise<Identified | null> {
    interface Row {
      tenant_id: string;
      tenant_name: string;
      id: string;
      name: string;
      role: string;
      expires_at: number | null;
    }
    const { rows } = await this.#db.reads.query<Row>({
      name: 'api_key_by_hash',
      text: `SELECT k.tenant_id, t.name AS tenant_name, k.id, k.name, k.role, k.expires_at
        FROM api_keys k JOIN tenants t ON t.id = k.tenant_id WHERE k.key_hash = $1 AND k.revoked_at IS NULL`,
      values: [hash],
    });
    const row = rows[0];
    if (!row || !isRole(row.role)) return null;
    const viewer = {
      tenantId: row.tenant_id,
      tenantName: row.tenant_name,
      role: row.role,
      keyId: row.id,
      name: row.name,
    };
    return { viewer, expiresAtMs: row.expires_at };
  }

  async #findByToken(verify: TokenVerifier, token: string): Promise<Identified | null> {
    const claims = await verify(token);
    if (!claims) return null;
    const { rows } = await this.#db.reads.query<{ id: string; name: string }>({
      name: 'tenant_by_id',
      text: 'SELECT id, name FROM tenants WHERE id = $1',
      values: [claims.tenantId],
    });
    const tenant = rows[0];
    if (!tenant) return null;
    const viewer = {
      tenantId: tenant.id,
      tenantName: tenant.name,
      role: claims.role,
      keyId: null,
      name: claims.name,
    };
    return { viewer, expiresAtMs: claims.expiresAtMs };
  }

  /** Creates a tenant with an empty feed and the default segments. @returns its id. */
  async createTenant(name: string): Promise<string> {
    const id = uuidv7();
    await this.#db.dataSource.transaction(async (manager) => {
      await manager.query('INSERT INTO tenants (id, name) VALUES ($1, $2)', [id, name]);
      await manager.query('INSERT INTO tenant_feeds (tenant_id) VALUES ($1)', [id]);
      await manager.query(`SELECT set_config('app.tenant', $1, true)`, [id]);
      await insertDefaultSegments(manager, id);
    });
    return id;
  }

  /**
   * Creates a key.
   * @param text the key itself, when it is given from outside (`BOOTSTRAP_API_KEY`) instead of drawn.
   * @returns the key as listed, and its text, which cannot be had again.
   * @throws LeadpulseError CONFLICT when the tenant has `KEYS_PER_TENANT_MAX` keys that are not revoked.
   */
  async createApiKey(
    tenantId: string,
    key: NewApiKey,
    text?: string,
  ): Promise<{ row: ApiKeyRow; text: string }> {
    const drawn = text === undefined ? drawKey() : { text, prefix: 'given' };
    const row = { id: uuidv7(), ...key, prefix: drawn.prefix, createdAt: new Date(), revokedAt: null };
    await this.#db.dataSource.transaction(async (manager) => {
      await manager.query('SELECT 1 FROM tenants WHERE id = $1 FOR UPDATE', [tenantId]);
      const [used] = await manager.query<{ count: number }[]>(
        'SELECT count(*)::int AS count FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL',
        [tenantId],
      );
      if (used && used.count >= KEYS_PER_TENANT_MAX) {
        throw new LeadpulseError(
          'CONFLICT',
          `There are ${KEYS_PER_TENANT_MAX} keys; revoke one that is not needed.`,
        );
      }
      await manager.insert(ApiKey, { tenantId, ...row, keyHash: hashKey(drawn.text) });
    });
    return { row, text: drawn.text };
  }

  /** The tenant's keys that are not revoked, newest first. */
  async apiKeys(tenantId: string): Promise<ApiKeyRow[]> {
    const keys = await this.#db.dataSource.manager
      .createQueryBuilder(ApiKey, 'key')
      .where('key.tenantId = :tenantId AND key.revokedAt IS NULL', { tenantId })
      .orderBy('key.id', 'DESC')
      .limit(KEYS_PER_TENANT_MAX)
      .getMany();
    return keys.map(rowOf);
  }

  /**
   * Revokes a key; it stops to work within seconds, in this process at once. Revoking it again changes nothing.
   * @throws LeadpulseError NOT_FOUND; CONFLICT for the last ADMIN key, without which nobody could make another.
   */
  async revokeApiKey(tenantId: string, id: string): Promise<ApiKeyRow> {
    const row = await this.#db.dataSource.transaction(async (manager) => {
      await manager.query('SELECT 1 FROM tenants WHERE id = $1 FOR UPDATE', [tenantId]);
      const key = await manager.findOneBy(ApiKey, { tenantId, id });
      if (!key)
        throw new LeadpulseError('NOT_FOUND', 'There is no API key of this id; `apiKeys` lists them.');
      if (key.revokedAt) return rowOf(key);
      if (key.role === 'ADMIN') {
        const [others] = await manager.query<{ count: number }[]>(
          `SELECT count(*)::int AS count FROM api_keys WHERE tenant_id = $1 AND id <> $2 AND role = 'ADMIN'
           AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
          [tenantId, id],
        );
        if (others?.count === 0) {
          throw new LeadpulseError(
            'CONFLICT',
            'This is the last ADMIN key; create another one before you revoke it.',
          );
        }
      }
      key.revokedAt = new Date();
      await manager.update(ApiKey, { tenantId, id }, { revokedAt: key.revokedAt });
      return rowOf(key);
    });
    this.#cache.forgetKey(id);
    return row;
  }
}

function rowOf(key: ApiKey): ApiKeyRow {
  const { id, name, role, prefix, createdAt, expiresAt, revokedAt } = key;
  if (!isRole(role)) throw new Error(`API key ${id} has the unknown role ${role}`);
  return { id, name, role, prefix, createdAt, expiresAt, revokedAt };
}

function unauthenticated(message: string): LeadpulseError {
  return new LeadpulseError('UNAUTHENTICATED', message);
}
