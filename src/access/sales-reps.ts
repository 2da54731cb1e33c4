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

/**
 * Creates a sales representative, or changes the one of this email (compared trimmed and in lower case).
 * @throws LeadpulseError CONFLICT when there are `SALES_REPS_PER_TENANT_MAX` already.
 */
export function upsertSalesRep(db: Database, tenantId: string, fields: SalesRepFields): Promise<SalesRepRow> {
  const email = fields.email.trim().toLowerCase();
  const values = { name: fields.name.trim(), active: fields.active };
  return tenantTransaction(db, tenantId, async (manager) => {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('leadpulse.sales_reps.' || $1, 0))`, [
      tenantId,
    ]);
    const known = await manager.findOneBy(SalesRep, { tenantId, email });
    if (known) {
      await manager.update(SalesRep, { tenantId, id: known.id }, values);
      return { id: known.id, email, ...values };
    }
    if ((await manager.countBy(SalesRep, { tenantId })) >= SALES_REPS_PER_TENANT_MAX) {
      const message = `There are ${SALES_REPS_PER_TENANT_MAX} sales representatives, which is all a tenant can have.`;
      throw new LeadpulseError('CONFLICT', message);
    }
    const row = { id: uuidv7(), email, ...values };
    await manager.insert(SalesRep, { tenantId, ...row });
    return row;
  });
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
