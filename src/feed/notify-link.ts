import pg from 'pg';
import { within } from '../within.js';
import type { OpenWakeUpLink } from './wake-up-link.js';

const CHANNEL = 'leadpulse_feed';
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Wake-ups by LISTEN and NOTIFY, on a connection of its own and outside any transaction.
 * @param url address of the database.
 */
export function notifyLink(url: string, applicationName: string): OpenWakeUpLink {
  return async ({ onPayload, onLost }) => {
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    // The other end may be gone, and its goodbye with it.
    const close = () => within(CLOSE_TIMEOUT_MS, client.end()).catch(() => undefined);
    client.on('error', onLost);
    client.on('end', () => onLost(new Error('the connection ended')));
    client.on('notification', (message) => onPayload(message.payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      void close();
      throw error;
    }
    const text = 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload';
    return {
      send: (payloads) => client.query({ name: 'notify', text, values: [CHANNEL, payloads] }),
      check: () => client.query('SELECT 1'),
      close,
    };
  };
}
