import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';
import { badInput, LeadpulseError } from '../errors.js';
import type { Database } from '../store/database.js';
import { SalesRep } from '../store/entities/sales-rep.js';
import { tenantTransaction } from '../store/tenant-scope.js';

/** Sales representatives of one tenant, active or not. */
export const SALES_REPS_PER_TENANT_MAX = 1_000;

/** A person who owns contacts. */
export interface SalesRepRow {
  id: string;
  name: string;
  email: string;
  active: boolean;
}

/** What is known of a person; the email says who it is. */
export interface SalesRepFields {
  name: string;
  email: string;
  active: boolean;
}

/** All sales representatives, by name. */
export function listSalesReps(db: Database, tenantId: string): Promise<SalesRepRow[]> {
  return tenantTransaction(db, tenantId, (manager) =>
    manager.query<SalesRepRow[]>(
      `SELECT id, name, email, active FROM sales_reps WHERE tenant_id = $1 ORDER BY lower(name), id
       LIMIT ${SALES_REPS_PER_TENANT_MAX}`,
      [tenantId],
    ),
  );
}

/** One sales representative by id or by email (compared trimmed and in lower case); null when there is none. */
export function findSalesRep(
  db: Database,
  tenantId: string,
  key: { id: string } | { email: string },
): Promise<SalesRepRow | null> {
  const where = 'id' in key ? { id: key.id } : { email: normalEmail(key.email) };
  return tenantTransaction(db, tenantId, (manager) => manager.findOneBy(SalesRep, { tenantId, ...where }));
}

/**
 * Creates a sales representative, or changes the one of this email (compared trimmed and in lower case).
 * @throws LeadpulseError CONFLICT when there are `SALES_REPS_PER_TENANT_MAX` already.
 */
export function upsertSalesRep(db: Database, tenantId: string, fields: SalesRepFields): Promise<SalesRepRow> {
  const { email, ...values } = normalised(fields);
  return registerTransaction(db, tenantId, async (manager) => {
    const known = await manager.findOneBy(SalesRep, { tenantId, email });
    if (!known) return insertSalesRep(manager, tenantId, { email, ...values });
    await manager.update(SalesRep, { tenantId, id: known.id }, values);
    return { id: known.id, email, ...values };
  });
}

/**
 * Creates a sales representative.
 * @throws LeadpulseError CONFLICT when somebody has the email, or there are `SALES_REPS_PER_TENANT_MAX` already.
 */
export function createSalesRep(db: Database, tenantId: string, fields: SalesRepFields): Promise<SalesRepRow> {
  const values = normalised(fields);
  return registerTransaction(db, tenantId, async (manager) => {
    await checkEmailFree(manager, tenantId, values.email, null);
    return insertSalesRep(manager, tenantId, values);
  });
}

/**
 * Changes what is given of a sales representative.
 * @throws LeadpulseError NOT_FOUND, CONFLICT when somebody else has the email.
 */
export function updateSalesRep(
  db: Database,
  tenantId: string,
  id: string,
  fields: Partial<SalesRepFields>,
): Promise<SalesRepRow> {
  return registerTransaction(db, tenantId, async (manager) => {
    const known = await manager.findOneBy(SalesRep, { tenantId, id });
    if (!known) throw new LeadpulseError('NOT_FOUND', 'There is no sales representative of this id.');
    const { name, email, active } = normalised({ ...known, ...fields });
    await checkEmailFree(manager, tenantId, email, id);
    await manager.update(SalesRep, { tenantId, id }, { name, email, active });
    return { id: known.id, name, email, active };
  });
}

/** One change of the register at a time in a tenant. */
function registerTransaction<T>(
  db: Database,
  tenantId: string,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return tenantTransaction(db, tenantId, async (manager) => {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('leadpulse.sales_reps.' || $1, 0))`, [
      tenantId,
    ]);
    return work(manager);
  });
}

async function insertSalesRep(
  manager: EntityManager,
  tenantId: string,
  values: SalesRepFields,
): Promise<SalesRepRow> {
  if ((await manager.countBy(SalesRep, { tenantId })) >= SALES_REPS_PER_TENANT_MAX) {
    const message = `There are ${SALES_REPS_PER_TENANT_MAX} sales representatives, which is all a tenant can have.`;
    throw new LeadpulseError('CONFLICT', message);
  }
  const row = { id: uuidv7(), ...values };
  await manager.insert(SalesRep, { tenantId, ...row });
  return row;
}

async function checkEmailFree(
  manager: EntityManager,
  tenantId: string,
  email: string,
  ownId: string | null,
): Promise<void> {
  const holder = await manager.findOneBy(SalesRep, { tenantId, email });
  if (!holder || holder.id === ownId) return;
  throw new LeadpulseError(
    'CONFLICT',
    `The email ${email} belongs to ${holder.name}; change that one instead.`,
  );
}

function normalised({ name, email, active }: SalesRepFields): SalesRepFields {
  return { name: name.trim(), email: normalEmail(email), active };
}

function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

/**
 * Gives a contact to a sales representative, or to nobody.
 * @param ownerId null for nobody.
 * @throws LeadpulseError NOT_FOUND when the contact is gone; BAD_USER_INPUT when there is no active representative of that id.
 */
export function setContactOwner(
  db: Database,
  tenantId: string,
  contactId: string,
  ownerId: string | null,
): Promise<void> {
  return tenantTransaction(db, tenantId, async (manager) => {
    if (ownerId !== null && !(await manager.existsBy(SalesRep, { tenantId, id: ownerId, active: true }))) {
      const message = 'There is no active sales representative of this id; `salesReps` lists them.';
      throw badInput([{ path: 'input.ownerId', message }]);
    }
    const [, count] = await manager.query<[unknown, number]>(
      'UPDATE contacts SET owner_id = $3 WHERE tenant_id = $1 AND id = $2 AND merged_into IS NULL',
      [tenantId, contactId, ownerId],
    );
    if (count === 0) throw new LeadpulseError('NOT_FOUND', 'There is no such contact.');
  });
}
