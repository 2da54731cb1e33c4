import type { FastifyInstance } from 'fastify';
import { within } from '../within.js';
import type { Services } from './services.js';

/** The database counts as unreachable when it has not answered by then. */
const DATABASE_TIMEOUT_MS = 2_000;
const UNAVAILABLE = 503;

/** Handles on the health of the process. */
export interface Health {
  /** From now on the process is not ready. */
  drain(): void;
}

/**
 * `/livez`: the process answers. `/readyz`: it should be sent requests, because the database answers, is migrated, and the
 * server is not about to stop; 503 with the reason otherwise. A lost bus only costs time: it is told (`bus`) and nothing more.
 * Neither needs a key.
 */
export function addHealthRoutes(app: FastifyInstance, services: Services): Health {
  let draining = false;
  let migrated = false;
  app.get('/livez', (_request, reply) => reply.send({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const reason = draining ? 'stopping' : await findReason();
    const { bus } = services.wakeUps;
    if (reason === null) return { status: 'ready', ...(bus === null ? {} : { bus }) };
    return reply.code(UNAVAILABLE).send({ status: 'unavailable', reason });
  });
  const findReason = async (): Promise<string | null> => {
    try {
      await within(DATABASE_TIMEOUT_MS, services.db.reads.query('SELECT 1'));
      // Migrations are never taken back, so this is asked until it holds once.
      migrated ||= !(await within(DATABASE_TIMEOUT_MS, services.db.dataSource.showMigrations()));
      return migrated ? null : 'the database is not migrated; run `leadpulse migrate`';
    } catch (error) {
      services.log.warn({ err: error }, 'the database does not answer');
      return 'the database does not answer';
    }
  };
  return {
    drain: () => {
      draining = true;
    },
  };
}
