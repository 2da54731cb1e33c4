import { type Command, InvalidArgumentError, Option } from 'commander';
import { AccessService, type ApiKeyRow } from '../access/access-service.js';
import { isRole, ROLES, type Role } from '../access/roles.js';
import type { Database } from '../store/database.js';
import { findTenant, findTenantOfKey } from './find-tenant.js';
import { formatTable } from './format-table.js';
import { withOpenDatabase } from './with-open-database.js';

const NAME_CHARS_MAX = 200;
const DAYS_MAX = 36_500;
const DAY_MS = 86_400_000;

interface CreateOptions {
  role: string;
  name: string;
  tenant?: string;
  expiresInDays?: number;
}

/** `leadpulse keys`: API keys, made and revoked in the database itself, for those who have no key yet or none any more. */
export function registerKeysCommand(program: Command): void {
  const keys = program.command('keys').description('create, list and revoke API keys');
  const tenantFlags = '--tenant <name|id>';
  keys
    .command('create')
    .description('create an API key and show it, once')
    .addOption(new Option('--role <role>', 'what it may be used for').choices(ROLES).makeOptionMandatory())
    .requiredOption('--name <name>', 'what it is for; shown in lists', checkName)
    .option(tenantFlags, 'whose it is; needed when there are several tenants')
    .option('--expires-in-days <number>', 'how long it works; for ever, when left out', checkDays)
    .action(createKey);
  keys
    .command('list')
    .description('list the keys that are not revoked')
    .option(tenantFlags, 'whose; needed when there are several tenants')
    .action(({ tenant }: { tenant?: string }) => listKeys(tenant));
  keys
    .command('revoke')
    .description('revoke a key; it stops to work within seconds')
    .argument('<id>', 'id of the key, as listed')
    .action(revokeKey);
}

async function createKey({ role, name, tenant, expiresInDays }: CreateOptions): Promise<void> {
  const expiresAt = expiresInDays === undefined ? null : new Date(Date.now() + expiresInDays * DAY_MS);
  await withAccess(async (access, db) => {
    const owner = await findTenant(db, tenant);
    const { row, text } = await access.createApiKey(owner.id, { name, role: checkRole(role), expiresAt });
    console.error(`A key of the role ${role} for ${owner.name}, id ${row.id}. It is shown this once:`);
    // Alone on standard output, so that a script can take it from there.
    console.log(text);
  });
}

async function listKeys(tenant: string | undefined): Promise<void> {
  await withAccess(async (access, db) => {
    const { id } = await findTenant(db, tenant);
    const keys = await access.apiKeys(id);
    if (keys.length === 0) console.log('There are no keys.');
    else console.log(formatKeys(keys));
  });
}

async function revokeKey(id: string): Promise<void> {
  await withAccess(async (access, db) => {
    const { name } = await access.revokeApiKey(await findTenantOfKey(db, id), id);
    console.log(`The key '${name}' is revoked.`);
  });
}

function withAccess(work: (access: AccessService, db: Database) => Promise<void>): Promise<void> {
  return withOpenDatabase('keys', (db) => work(new AccessService(db, null), db));
}

function formatKeys(keys: readonly ApiKeyRow[]): string {
  const day = (at: Date | null) => at?.toISOString().slice(0, 10) ?? 'never';
  const rows = keys.map(({ id, role, prefix, createdAt, expiresAt, name }) => [
    id,
    role,
    prefix,
    day(createdAt),
    day(expiresAt),
    name,
  ]);
  return formatTable([['ID', 'ROLE', 'PREFIX', 'CREATED', 'EXPIRES', 'NAME'], ...rows]);
}

function checkRole(role: string): Role {
  if (isRole(role)) return role;
  throw new InvalidArgumentError(`It must be one of ${ROLES.join(', ')}.`);
}

function checkName(name: string): string {
  if (name.trim() !== '' && name.length <= NAME_CHARS_MAX) return name.trim();
  throw new InvalidArgumentError(`It must have 1 to ${NAME_CHARS_MAX} characters.`);
}

function checkDays(text: string): number {
  const days = Number(text);
  if (days > 0 && days <= DAYS_MAX) return days;
  throw new InvalidArgumentError(`It must be a number of days up to ${DAYS_MAX}.`);
}
