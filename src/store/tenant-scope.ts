import type pg from 'pg';
import type { EntityManager } from 'typeorm';
import { LeadpulseError } from '../errors.js';
import type { Database } from './database.js';
import { Flight, type FlightStatement } from './flight.js';

/**
 * A TypeORM transaction in which row-level security lets one tenant's rows through. Use only the manager that is
 * handed in: a repository beside it would take a second connection.
 */
export function tenantTransaction<T>(
  db: Database,
  tenantId: string,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return db.dataSource.transaction(async (manager) => {
    await manager.query(`SELECT set_config('app.tenant', $1, true)`, [tenantId]);
    return work(manager);
  });
}

/**
 * A pooled connection on which row-level security lets one tenant's rows through. It is pipelined: queries sent
 * without waiting for each other share a round trip. No transaction: each statement sees what is committed by then.
 */
export function tenantRead<T>(
  db: Pick<Database, 'reads'>,
  tenantId: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return withConnection(db, async (client) => {
    const scoped = client.query(scopeConnection(tenantId));
    const result = work(client);
    const [, value] = await Promise.all([scoped, result]);
    return value;
  });
}

/**
 * The same for statements that are known beforehand: they are one flight with what scopes the connection.
 * @param fill adds the statements, once there is a connection.
 * @param work is given the connection when the flight is back, and may ask for more.
 */
export function tenantFlight<Answers, T>(
  db: Pick<Database, 'reads'>,
  tenantId: string,
  fill: (flight: Flight) => Answers,
  work: (answers: Answers, client: pg.PoolClient) => Promise<T> | T,
): Promise<T> {
  return withConnection(db, async (client) => {
    const flight = new Flight();
    flight.add(scopeConnection(tenantId));
    const answers = fill(flight);
    await flight.send(client);
    return work(answers, client);
  });
}

async function withConnection<T>(
  db: Pick<Database, 'reads'>,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await db.reads.connect();
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    // After anything but a fault of the caller the connection is in doubt; a fresh one is cheaper than to find out.
    broken = !(error instanceof LeadpulseError);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The statement that scopes a whole connection to a tenant until the next one does. */
export function scopeConnection(tenantId: string): FlightStatement {
  return { name: 'scope_connection', text: `SELECT set_config('app.tenant', $1, false)`, values: [tenantId] };
}

/** The statement that scopes the running transaction to a tenant. */
export function scopeTransaction(tenantId: string): FlightStatement {
  return { name: 'scope_transaction', text: `SELECT set_config('app.tenant', $1, true)`, values: [tenantId] };
}
