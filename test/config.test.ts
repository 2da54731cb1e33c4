import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig, SETTINGS } from '../src/config.js';
import { describeConfig } from '../src/describe-config.js';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  test('has a default for everything', () => {
    expect(loadConfig({})).toEqual({
      databaseUrl: null,
      dataDir: path.resolve('.leadpulse'),
      sampleData: true,
      bootstrapApiKey: null,
      host: '127.0.0.1',
      port: 4000,
      workers: 1,
      busUrl: null,
      logLevel: 'info',
      corsOrigins: [],
      introspection: true,
      jwtSecret: null,
      jwtJwksUrl: null,
      jwtIssuer: null,
      jwtAudience: null,
      persistedOperations: 'automatic',
      persistedOperationsFile: null,
      databasePoolMax: 10,
      ingestConnections: 2,
      idempotencyRetentionDays: 7,
      feedRetentionDays: 0,
      maxBodyBytes: 10_485_760,
      wsConnectionsMax: 5_000,
      wsConnectionsPerKeyMax: 2_000,
      wsSubscriptionsMax: 50_000,
      wsSubscriptionsPerKeyMax: 10_000,
      wsSubscriptionsPerSocketMax: 20,
      wsMessageBytesMax: 65_536,
      wsInitTimeoutMs: 5_000,
      wsIdleTimeoutMs: 300_000,
      wsKeepAliveMs: 15_000,
      shutdownTimeoutMs: 10_000,
    });
  });

  test('reads every variable', () => {
    const config = loadConfig({
      DATABASE_URL: 'postgresql://u:p@db:5432/leads',
      DATA_DIR: '/data',
      SAMPLE_DATA: 'Yes',
      BOOTSTRAP_API_KEY: 'lp_0123456789abcdef',
      HOST: '::1',
      PORT: '0',
      LOG_LEVEL: 'debug',
      CORS_ORIGINS: 'https://a.example, http://localhost:3000',
      INTROSPECTION: 'off',
      JWT_SECRET: 'x'.repeat(32),
      JWT_ISSUER: 'https://id.example',
      JWT_AUDIENCE: 'leads',
      SHUTDOWN_TIMEOUT_MS: '250',
    });
    expect(config).toMatchObject({
      databaseUrl: 'postgresql://u:p@db:5432/leads',
      dataDir: path.resolve('/data'),
      sampleData: true,
      bootstrapApiKey: 'lp_0123456789abcdef',
      host: '::1',
      port: 0,
      logLevel: 'debug',
      corsOrigins: ['https://a.example', 'http://localhost:3000'],
      introspection: false,
      jwtSecret: 'x'.repeat(32),
      jwtIssuer: 'https://id.example',
      jwtAudience: 'leads',
      shutdownTimeoutMs: 250,
    });
  });

  test('an empty variable counts as absent, and blanks around a value do not count', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '  ' })).toEqual(loadConfig({}));
    expect(loadConfig({ PORT: ' 80 ' }).port).toBe(80);
  });

  test('there is no sample data on a server of one’s own unless asked for', () => {
    const DATABASE_URL = 'postgres://db/leads';
    expect(loadConfig({ DATABASE_URL }).sampleData).toBe(false);
    expect(loadConfig({ DATABASE_URL, SAMPLE_DATA: 'on' }).sampleData).toBe(true);
    expect(loadConfig({ SAMPLE_DATA: 'off' }).sampleData).toBe(false);
  });

  test('names every fault at once, in words', () => {
    expect(
      faultsOf({ PORT: 'abc', LOG_LEVEL: 'loud', SAMPLE_DATA: 'maybe', INGEST_CONNECTIONS: '0' }),
    ).toEqual([
      "SAMPLE_DATA must be on or off, got 'maybe'",
      "PORT must be a whole number from 0 to 65535, got 'abc'",
      "LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, got 'loud'",
      "INGEST_CONNECTIONS must be a whole number from 1 to 32, got '0'",
    ]);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['DATABASE_URL', 'mysql://db/leads'],
    ['DATABASE_URL', 'leads'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['CORS_ORIGINS', 'https://a.example,'],
    ['BOOTSTRAP_API_KEY', 'short'],
    ['JWT_SECRET', 'short'],
    ['JWT_JWKS_URL', 'file:///etc/passwd'],
    ['HOST', 'a b'],
    ['BUS_URL', 'nats://bus:4222'],
    ['BUS_URL', 'bus:6379'],
    ['BUS_URL', 'redis://'],
    ['BUS_URL', 'redis://bus/name'],
    ['BUS_URL', 'redis://:%ff@bus'],
  ])('refuses %s=%s', (variable, value) => {
    const faults = faultsOf({ [variable]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${variable} must be `));
  });

  test('does not repeat secrets', () => {
    const secret = 'hunter2';
    const env = {
      DATABASE_URL: `my://u:${secret}@db`,
      JWT_SECRET: secret,
      BOOTSTRAP_API_KEY: secret,
      BUS_URL: `my://:${secret}@bus`,
    };
    expect(faultsOf(env)).toHaveLength(4);
    expect(faultsOf(env).join()).not.toContain(secret);
  });

  test('refuses what contradicts itself', () => {
    expect(faultsOf({ PERSISTED_OPERATIONS: 'locked' })).toEqual([
      expect.stringContaining('needs PERSISTED_OPERATIONS_FILE'),
    ]);
    expect(faultsOf({ PERSISTED_OPERATIONS: 'off', PERSISTED_OPERATIONS_FILE: 'list.json' })).toEqual([
      expect.stringContaining('needs PERSISTED_OPERATIONS to be'),
    ]);
    const both = { JWT_SECRET: 'x'.repeat(32), JWT_JWKS_URL: 'https://id.example/keys' };
    expect(faultsOf(both)).toEqual([expect.stringContaining('exclude each other')]);
    expect(faultsOf({ JWT_ISSUER: 'me' })).toEqual([
      expect.stringContaining('need JWT_SECRET or JWT_JWKS_URL'),
    ]);
  });
});

describe('describeConfig', () => {
  test('the help names every variable with its default', () => {
    const help = describeConfig();
    for (const { variable, shownFallback } of Object.values(SETTINGS)) {
      expect(help).toContain(`  ${variable}\n`);
      expect(help).toContain(`Default: ${shownFallback}.`);
    }
  });
});
