import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '../../src/access/roles.js';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const SECRET = 'a secret of at least thirty-two bytes';
const VIEWER = '{ viewer { tenant { id name } role name keyId } }';
const CREATE = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret apiKey { id name role prefix expiresAt revokedAt } }
}`;
const REVOKE = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } } }';
const RECORD =
  'mutation { recordAction(input: { contact: { email: "a@example.com" }, type: "visited" }) { duplicate } }';
const PRESET = `mutation { createScoringModelFromPreset(input: { preset: STARTER, key: "m" }) { model { id } } }`;

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start({ token: { secret: SECRET, audience: 'leadpulse' } });
  tenant = await server.tenant();
});
afterAll(() => server.stop());

function token(
  claims: Record<string, unknown>,
  expiresIn: string | null = '1h',
  audience = 'leadpulse',
  secret = SECRET,
) {
  const jwt = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('ann')
    .setAudience(audience);
  if (expiresIn !== null) jwt.setExpirationTime(expiresIn);
  return jwt.sign(new TextEncoder().encode(secret));
}

describe('who is let in', () => {
  test('a key is known by its tenant, role and name', async () => {
    const { status, data } = await server.send(tenant.key, VIEWER);
    expect(status).toBe(200);
    const { tenantId, keyId } = tenant;
    expect(data.viewer).toEqual({
      tenant: { id: tenantId, name: 'Acme' },
      role: 'ADMIN',
      name: 'admin key',
      keyId,
    });
  });

  test.each([
    ['none', undefined],
    ['unknown', 'Bearer lp_00000000_nobody'],
    ['without Bearer', 'lp_00000000_nobody'],
    ['of another scheme', 'Basic bm9ib2R5'],
    ['empty', 'Bearer '],
  ])('a key that is %s is UNAUTHENTICATED with 401, twice', async (_name, authorization) => {
    for (let round = 0; round < 2; round += 1) {
      const answer = await server.send(
        null,
        VIEWER,
        {},
        authorization === undefined ? {} : { authorization },
      );
      expect(answer.status).toBe(401);
      expect(answer.errors.map((error) => error.extensions.code)).toEqual(['UNAUTHENTICATED']);
      expect(answer.data ?? null).toBeNull();
    }
  });

  test('a key stops at its expiry', async () => {
    const expiresAt = new Date(Date.now() + 400);
    const { text } = await server.services.access.createApiKey(tenant.tenantId, {
      name: 'short',
      role: 'VIEWER',
      expiresAt,
    });
    const answers = [];
    do answers.push(await server.send(text, VIEWER));
    while (answers.at(-1)?.status === 200);
    expect(answers.at(-1)?.status).toBe(401);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime());
  });
});

describe('tokens', () => {
  test('claims say tenant, role and name; namespaced ones too', async () => {
    const plain = await server.send(await token({ tenant: tenant.tenantId, role: 'SALES' }), VIEWER);
    expect(plain.data.viewer).toMatchObject({
      role: 'SALES',
      name: 'ann',
      keyId: null,
      tenant: { id: tenant.tenantId },
    });
    const claims = { 'https://leadpulse/tenant': tenant.tenantId, 'https://leadpulse/role': 'VIEWER' };
    expect((await server.send(await token(claims), VIEWER)).data.viewer.role).toBe('VIEWER');
  });

  test.each<[string, () => Promise<string>]>([
    ['expired', () => token({ tenant: tenant.tenantId, role: 'ADMIN' }, '-1h')],
    ['without expiry', () => token({ tenant: tenant.tenantId, role: 'ADMIN' }, null)],
    ['for someone else', () => token({ tenant: tenant.tenantId, role: 'ADMIN' }, '1h', 'others')],
    [
      'signed otherwise',
      () => token({ tenant: tenant.tenantId, role: 'ADMIN' }, '1h', 'leadpulse', `${SECRET}!`),
    ],
    ['of an unknown role', () => token({ tenant: tenant.tenantId, role: 'ROOT' })],
    ['of an unknown tenant', () => token({ tenant: '01a20400-81fb-71e0-b762-c83cb12b80b7', role: 'ADMIN' })],
    ['without tenant', () => token({ role: 'ADMIN' })],
    [
      'unsigned',
      async () =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await token({ tenant: tenant.tenantId, role: 'ADMIN' })).split('.')[1]}.x`,
    ],
  ])('a token that is %s is UNAUTHENTICATED', async (_name, make) => {
    const answer = await server.send(await make(), VIEWER);
    expect([answer.status, answer.errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('keys', () => {
  test('the secret is shown once, kept as a hash only, and revoked within this process at once', async () => {
    const made = await server.send(tenant.key, CREATE, { input: { name: 'console', role: 'VIEWER' } });
    const { secret, apiKey } = made.data.createApiKey;
    expect(secret).toMatch(/^lp_[0-9a-f]{8}_[\w-]{43}$/);
    expect(secret).toContain(apiKey.prefix);
    expect((await server.send(secret, VIEWER)).data.viewer.keyId).toBe(apiKey.id);
    const stored = await server.services.db.dataSource.query('SELECT * FROM api_keys WHERE id = $1', [
      apiKey.id,
    ]);
    expect(JSON.stringify(stored)).not.toContain(secret.slice(-43));
    const listed = await server.send(tenant.key, '{ apiKeys { id } }');
    expect(listed.data.apiKeys.map((key: { id: string }) => key.id)).toContain(apiKey.id);
    const revoked = await server.send(tenant.key, REVOKE, { id: apiKey.id });
    expect(revoked.data.revokeApiKey.apiKey.revokedAt).not.toBeNull();
    expect((await server.send(secret, VIEWER)).status).toBe(401);
    expect((await server.send(tenant.key, REVOKE, { id: apiKey.id })).data.revokeApiKey.apiKey).toEqual(
      revoked.data.revokeApiKey.apiKey,
    );
  });

  test('the last ADMIN key stays; another makes it go', async () => {
    const other = await server.tenant();
    const refused = await server.send(other.key, REVOKE, { id: other.keyId });
    expect(refused.errors[0]?.extensions.code).toBe('CONFLICT');
    await server.send(other.key, CREATE, { input: { name: 'second', role: 'ADMIN' } });
    expect((await server.send(other.key, REVOKE, { id: other.keyId })).errors).toEqual([]);
  });

  test('faults of a new key have their paths', async () => {
    const blank = await server.send(tenant.key, CREATE, { input: { name: ' ', role: 'ADMIN' } });
    expect(blank.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.name' }],
    });
    const late = await server.send(tenant.key, CREATE, {
      input: { name: 'x', role: 'ADMIN', expiresAt: '2020-01-01T00:00:00Z' },
    });
    expect(late.errors[0]?.extensions.fields?.[0]?.path).toBe('input.expiresAt');
    const role = await server.send(tenant.key, CREATE, { input: { name: 'x', role: 'ROOT' } });
    expect(role.status).toBe(400);
    expect(role.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.role' }],
    });
  });

  test('a key of another tenant cannot be revoked, nor one that is no id', async () => {
    const other = await server.tenant();
    for (const id of [other.keyId, 'nonsense']) {
      expect((await server.send(tenant.key, REVOKE, { id })).errors[0]?.extensions.code).toBe('NOT_FOUND');
    }
  });
});

describe('roles', () => {
  const MAY: [string, string, string[]][] = [
    ['viewer', VIEWER, [...ROLES]],
    ['apiKeys', '{ apiKeys { id } }', ['ADMIN']],
    ['contacts', '{ contacts { nodes { id } } }', ['ADMIN', 'MARKETER', 'SALES', 'VIEWER']],
    ['feedCursor', '{ feedCursor }', ['ADMIN', 'MARKETER', 'SALES', 'VIEWER']],
    ['scoringModels', '{ scoringModels { id } }', ['ADMIN', 'MARKETER', 'SALES', 'VIEWER']],
    ['salesReps', '{ salesReps { id } }', ['ADMIN', 'MARKETER', 'SALES', 'VIEWER']],
    ['recordAction', RECORD, ['ADMIN', 'MARKETER', 'SALES', 'INGEST']],
    ['createScoringModelFromPreset', PRESET, ['ADMIN', 'MARKETER']],
    [
      'changeListMembers',
      'mutation { changeListMembers(input: { list: "l", add: [] }) { added } }',
      ['ADMIN', 'MARKETER', 'INGEST'],
    ],
    [
      'adjustScore',
      'mutation { adjustScore(input: { contact: { email: "b@example.com" }, points: 1, reason: "r" }) { cursor } }',
      ['ADMIN', 'MARKETER', 'SALES', 'INGEST'],
    ],
    [
      'upsertSalesRep',
      'mutation { upsertSalesRep(input: { email: "r@example.com", name: "R" }) { salesRep { id } } }',
      ['ADMIN', 'MARKETER'],
    ],
  ];

  test('each root field is open to its roles and FORBIDDEN to others', async () => {
    for (const role of ROLES) {
      const key = await server.key(tenant, role);
      for (const [field, query, allowed] of MAY) {
        const { errors } = await server.send(key, query);
        const forbidden = errors.some((error) => error.extensions.code === 'FORBIDDEN');
        expect([role, field, forbidden]).toEqual([role, field, !allowed.includes(role)]);
      }
    }
  });
});

describe('sales representatives', () => {
  const UPSERT =
    'mutation ($input: UpsertSalesRepInput!) { upsertSalesRep(input: $input) { salesRep { id name email active } } }';
  const ASSIGN =
    'mutation ($input: SetContactOwnerInput!) { setContactOwner(input: $input) { contact { id owner { email } } } }';

  test('are known by their email, own contacts, and let go of them', async () => {
    const made = await server.send(tenant.key, UPSERT, {
      input: { email: ' Ann@Example.com ', name: 'Ann' },
    });
    const { id } = made.data.upsertSalesRep.salesRep;
    const changed = await server.send(tenant.key, UPSERT, {
      input: { email: 'ann@example.com', name: 'Ann B.' },
    });
    expect(changed.data.upsertSalesRep.salesRep).toEqual({
      id,
      name: 'Ann B.',
      email: 'ann@example.com',
      active: true,
    });
    await server.send(tenant.key, RECORD);
    const contact = { email: 'A@example.com' };
    const owned = await server.send(tenant.key, ASSIGN, { input: { contact, ownerId: id } });
    expect(owned.data.setContactOwner.contact.owner).toEqual({ email: 'ann@example.com' });
    const freed = await server.send(tenant.key, ASSIGN, { input: { contact, ownerId: null } });
    expect(freed.data.setContactOwner.contact.owner).toBeNull();
  });

  test('an unknown contact, representative or email is told by code and path', async () => {
    const nobody = await server.send(tenant.key, ASSIGN, {
      input: { contact: { email: 'nobody@example.com' } },
    });
    expect(nobody.errors[0]?.extensions.code).toBe('NOT_FOUND');
    const owner = await server.send(tenant.key, ASSIGN, {
      input: { contact: { email: 'a@example.com' }, ownerId: tenant.tenantId },
    });
    expect(owner.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.ownerId' }],
    });
    const email = await server.send(tenant.key, UPSERT, { input: { email: 'ann', name: 'Ann' } });
    expect(email.errors[0]?.extensions.fields?.[0]?.path).toBe('input.email');
  });
});
