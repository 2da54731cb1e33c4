import path from 'node:path';
import { LOG_LEVELS } from './log.js';
import { choice, flag, isUrl, list, optionalText, type Setting, text, wholeNumber } from './setting.js';

const JWT_SECRET_BYTES_MIN = 32;
const API_KEY_CHARS_MIN = 16;
/** How requests may refer to operations; see docs/api.md. */
const PERSISTED_MODES = ['off', 'automatic', 'locked'] as const;
const KIB = 1024;
const MIB = 1024 * KIB;

/** Every environment variable there is, in the order in which users meet them. */
export const SETTINGS = {
  databaseUrl: optionalText(
    {
      variable: 'DATABASE_URL',
      description:
        'A PostgreSQL (15 or newer) of your own, such as `postgres://user:password@host:5432/leadpulse`. Without it Leadpulse starts the PostgreSQL that it brings along.',
    },
    {
      kind: 'an address that begins with postgres:// or postgresql://',
      accepts: (value) => isUrl(value, ['postgres:', 'postgresql:']),
      secret: true,
      shownFallback: 'the embedded database',
    },
  ),
  dataDir: text(
    { variable: 'DATA_DIR', description: 'The folder for the data of the embedded database.' },
    { kind: 'the path of a folder', accepts: (value) => !value.includes('\0'), fallback: './.leadpulse' },
  ),
  sampleData: flag(
    {
      variable: 'SAMPLE_DATA',
      description:
        'Whether an empty database is filled with a starter model and about 200 generated contacts.',
    },
    null,
    'on with the embedded database, off with DATABASE_URL',
  ),
  bootstrapApiKey: optionalText(
    {
      variable: 'BOOTSTRAP_API_KEY',
      description:
        "The first tenant's first ADMIN key on an empty database. Without it one is generated and shown once.",
    },
    {
      kind: `${API_KEY_CHARS_MIN} to 200 letters, digits, hyphens or underscores`,
      accepts: (value) => /^[\w-]{16,200}$/.test(value),
      secret: true,
      shownFallback: 'generated',
    },
  ),
  host: text(
    {
      variable: 'HOST',
      description: 'The address that the server listens on; `0.0.0.0` opens it to other machines.',
    },
    {
      kind: 'a host name or an IP address',
      accepts: (value) => /^[\w.:-]+$/.test(value),
      fallback: '127.0.0.1',
    },
  ),
  port: wholeNumber(
    {
      variable: 'PORT',
      description: 'The port that the server listens on; 0 takes any free one and prints it.',
    },
    { min: 0, max: 65_535, fallback: 4_000 },
  ),
  workers: wholeNumber(
    {
      variable: 'WORKERS',
      description:
        'Server processes behind the one port. One is enough for most; more use further processor cores. Each opens database connections of its own.',
    },
    { min: 1, max: 64, fallback: 1 },
  ),
  busUrl: optionalText(
    {
      variable: 'BUS_URL',
      description:
        'A Redis (6 or newer, or Valkey) that carries wake-ups between server processes instead of the database, such as `redis://user:password@host:6379`; `rediss://` for TLS. See docs/scaling.md.',
    },
    {
      kind: 'an address that begins with redis:// or rediss:// and names a host',
      accepts: isRedisUrl,
      secret: true,
    },
  ),
  logLevel: choice(
    {
      variable: 'LOG_LEVEL',
      description: 'The least important entries that the log (standard error) still shows.',
    },
    LOG_LEVELS,
    'info',
  ),
  corsOrigins: list(
    {
      variable: 'CORS_ORIGINS',
      description:
        'Web pages of other origins that may call the API, such as `https://crm.example`; `*` means any.',
    },
    { kind: 'origins such as https://crm.example, or *', accepts: isOrigin, itemsMax: 50 },
  ),
  introspection: flag(
    {
      variable: 'INTROSPECTION',
      description: 'Whether clients may ask the API for its schema; the explorer needs it.',
    },
    true,
  ),
  jwtSecret: optionalText(
    {
      variable: 'JWT_SECRET',
      description:
        'Accept JSON Web Tokens signed with this secret (HS256) beside API keys. Excludes JWT_JWKS_URL.',
    },
    {
      kind: `at least ${JWT_SECRET_BYTES_MIN} bytes long`,
      accepts: (value) => Buffer.byteLength(value) >= JWT_SECRET_BYTES_MIN,
      secret: true,
    },
  ),
  jwtJwksUrl: optionalText(
    {
      variable: 'JWT_JWKS_URL',
      description: 'Accept JSON Web Tokens signed with one of the keys published here. Excludes JWT_SECRET.',
    },
    { kind: 'an http or https address', accepts: (value) => isUrl(value, ['http:', 'https:']) },
  ),
  jwtIssuer: optionalText(
    { variable: 'JWT_ISSUER', description: 'The `iss` that a token must carry.' },
    { kind: 'any text', accepts: () => true, shownFallback: 'any' },
  ),
  jwtAudience: optionalText(
    { variable: 'JWT_AUDIENCE', description: 'The `aud` that a token must carry.' },
    { kind: 'any text', accepts: () => true, shownFallback: 'any' },
  ),
  persistedOperations: choice(
    {
      variable: 'PERSISTED_OPERATIONS',
      description:
        "Whether requests may name operations by hash instead of sending them: `automatic` after Apollo's protocol of automatic persisted queries, `locked` only those in PERSISTED_OPERATIONS_FILE, and then nothing else runs.",
    },
    PERSISTED_MODES,
    'automatic',
  ),
  persistedOperationsFile: optionalText(
    {
      variable: 'PERSISTED_OPERATIONS_FILE',
      description:
        "A list of operations in the form of Apollo's persisted query manifest, read at the start.",
    },
    { kind: 'the path of a file', accepts: (value) => !value.includes('\0') },
  ),
  databasePoolMax: wholeNumber(
    { variable: 'DATABASE_POOL_MAX', description: 'Database connections for reading, at most.' },
    { min: 1, max: 500, fallback: 10 },
  ),
  ingestConnections: wholeNumber(
    {
      variable: 'INGEST_CONNECTIONS',
      description: 'Database connections for recording: as many batches are under way at once.',
    },
    { min: 1, max: 32, fallback: 2 },
  ),
  idempotencyRetentionDays: wholeNumber(
    {
      variable: 'IDEMPOTENCY_RETENTION_DAYS',
      description: 'For how long the same idempotency key gets the same answer.',
    },
    { min: 1, max: 365, fallback: 7 },
  ),
  feedRetentionDays: wholeNumber(
    {
      variable: 'FEED_RETENTION_DAYS',
      description:
        'For how long published score changes are kept; older cursors are answered with CURSOR_EXPIRED. 0 keeps them all: they are also the history of every score.',
    },
    { min: 0, max: 3_650, fallback: 0 },
  ),
  maxBodyBytes: wholeNumber(
    { variable: 'MAX_BODY_BYTES', description: 'The largest request that is read, in bytes.' },
    { min: KIB, max: 100 * MIB, fallback: 10 * MIB },
  ),
  wsConnectionsMax: wholeNumber(
    {
      variable: 'WS_CONNECTIONS_MAX',
      description:
        'Open WebSockets and event streams of one server process at most, of all clients together.',
    },
    { min: 1, max: 100_000, fallback: 5_000 },
  ),
  wsConnectionsPerKeyMax: wholeNumber(
    {
      variable: 'WS_CONNECTIONS_PER_KEY_MAX',
      description: 'Of these, those of one API key, or of one subject of tokens, at most.',
    },
    { min: 1, max: 100_000, fallback: 2_000 },
  ),
  wsSubscriptionsMax: wholeNumber(
    {
      variable: 'WS_SUBSCRIPTIONS_MAX',
      description: 'Subscriptions under way in one server process at most, of all clients together.',
    },
    { min: 1, max: 1_000_000, fallback: 50_000 },
  ),
  wsSubscriptionsPerKeyMax: wholeNumber(
    {
      variable: 'WS_SUBSCRIPTIONS_PER_KEY_MAX',
      description: 'Of these, those of one API key, or of one subject of tokens, at most.',
    },
    { min: 1, max: 1_000_000, fallback: 10_000 },
  ),
  wsSubscriptionsPerSocketMax: wholeNumber(
    { variable: 'WS_SUBSCRIPTIONS_PER_SOCKET_MAX', description: 'Subscriptions at most on one WebSocket.' },
    { min: 1, max: 1_000, fallback: 20 },
  ),
  wsMessageBytesMax: wholeNumber(
    {
      variable: 'WS_MESSAGE_BYTES_MAX',
      description:
        'The largest message that is read from a WebSocket, and the largest request for an event stream, in bytes.',
    },
    { min: KIB, max: MIB, fallback: 64 * KIB },
  ),
  wsInitTimeoutMs: wholeNumber(
    {
      variable: 'WS_INIT_TIMEOUT_MS',
      description: 'How long a WebSocket may be open without having presented a key, in milliseconds.',
    },
    { min: 100, max: 60_000, fallback: 5_000 },
  ),
  wsIdleTimeoutMs: wholeNumber(
    {
      variable: 'WS_IDLE_TIMEOUT_MS',
      description:
        'How long a WebSocket may be open without a subscription, in milliseconds; looked at with every ping.',
    },
    { min: 1_000, max: 86_400_000, fallback: 300_000 },
  ),
  wsKeepAliveMs: wholeNumber(
    {
      variable: 'WS_KEEP_ALIVE_MS',
      description:
        'The time between two pings of a WebSocket, or two comments in an event stream, in milliseconds; less than proxies wait before they cut off what is silent.',
    },
    { min: 1_000, max: 600_000, fallback: 15_000 },
  ),
  shutdownTimeoutMs: wholeNumber(
    {
      variable: 'SHUTDOWN_TIMEOUT_MS',
      description: 'How long a stop waits for what is under way, in milliseconds, before it cuts it off.',
    },
    { min: 0, max: 600_000, fallback: 10_000 },
  ),
} satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
type ValueOf<S> = S extends Setting<infer T> ? T : never;
type Values = { readonly [K in keyof Settings]: ValueOf<Settings[K]> };

/** The configuration, checked; a field is named like its variable (`DATABASE_URL`: `databaseUrl`, null when absent). */
export interface Config extends Omit<Values, 'sampleData'> {
  readonly sampleData: boolean;
}

/** The environment does not make a configuration; `faults` has a sentence for each variable that is wrong. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * Reads the configuration from the environment. A variable that is set to nothing counts as absent.
 * @throws ConfigError with every fault at once.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];
  const entries = Object.entries(SETTINGS as Record<string, Setting<unknown>>).map(([field, setting]) => [
    field,
    readSetting(setting, env[setting.variable], faults),
  ]);
  const values = Object.fromEntries(entries) as Values;
  faults.push(...findContradictions(env));
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    ...values,
    dataDir: path.resolve(values.dataDir),
    sampleData: values.sampleData ?? values.databaseUrl === null,
  };
}

function readSetting(setting: Setting<unknown>, given: string | undefined, faults: string[]): unknown {
  const trimmed = given?.trim();
  if (!trimmed) return setting.fallback;
  const value = setting.parse(trimmed);
  if (value !== undefined) return value;
  const got = setting.secret ? '' : `, got '${trimmed}'`;
  faults.push(`${setting.variable} must be ${setting.kind}${got}`);
  return setting.fallback;
}

/** Looks at what was given and not at what came of it, so that a secret that is refused does not count as missing too. */
function findContradictions(env: Readonly<Record<string, string | undefined>>): string[] {
  const given = (setting: Setting<unknown>) => Boolean(env[setting.variable]?.trim());
  const { jwtSecret, jwtJwksUrl, jwtIssuer, jwtAudience } = SETTINGS;
  const faults: string[] = [];
  if (given(jwtSecret) && given(jwtJwksUrl)) {
    faults.push(
      'JWT_SECRET and JWT_JWKS_URL exclude each other: set the one that your tokens are signed with',
    );
  }
  if (!given(jwtSecret) && !given(jwtJwksUrl) && (given(jwtIssuer) || given(jwtAudience))) {
    faults.push(
      'JWT_ISSUER and JWT_AUDIENCE need JWT_SECRET or JWT_JWKS_URL, which says how tokens are verified',
    );
  }
  faults.push(...findListFaults(env));
  return faults;
}

function findListFaults(env: Readonly<Record<string, string | undefined>>): string[] {
  const { persistedOperations, persistedOperationsFile } = SETTINGS;
  const mode = env[persistedOperations.variable]?.trim() || persistedOperations.fallback;
  const hasFile = Boolean(env[persistedOperationsFile.variable]?.trim());
  if (mode === 'locked' && !hasFile)
    return ['PERSISTED_OPERATIONS=locked needs PERSISTED_OPERATIONS_FILE, the list of what may run'];
  if (mode === 'off' && hasFile)
    return ['PERSISTED_OPERATIONS_FILE needs PERSISTED_OPERATIONS to be automatic or locked'];
  return [];
}

/** What the client of the bus takes, so that a slip shows at the start and not as a bus that stays away. */
function isRedisUrl(address: string): boolean {
  if (!isUrl(address, ['redis:', 'rediss:'])) return false;
  const { hostname, pathname, username, password } = new URL(address);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return hostname !== '' && /^\/?\d{0,4}$/.test(pathname);
}

function isOrigin(word: string): boolean {
  return word === '*' || (isUrl(word, ['http:', 'https:']) && new URL(word).origin === word);
}
