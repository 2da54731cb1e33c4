import { createClient } from '@redis/client';
import { within } from '../within.js';
import type { OpenWakeUpLink } from './wake-up-link.js';

const OPEN_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** One is sent at a time, beside a sign of life; more would mean that none is answered. */
const COMMANDS_MAX = 16;
/** Between the payloads of one message; no payload holds it. */
const SEPARATOR = '\n';

/** A Redis, or what speaks its protocol, as a bus. */
export interface RedisBus {
  /** `redis://` or `rediss://`, with user and password where it wants them. */
  url: string;
  /** Keeps installations that share a Redis apart. */
  installationId: string;
}

/** Wake-ups by PUBLISH and SUBSCRIBE, both on one connection, which takes protocol 3 (Redis 6 or newer). */
export function redisLink({ url, installationId }: RedisBus): OpenWakeUpLink {
  // Channels belong to the whole server, whatever database number the address names.
  const channel = `leadpulse:${installationId}:feed`;
  return async ({ onPayload, onLost }) => {
    const client = createClient({
      url,
      RESP: 3,
      name: 'leadpulse',
      // Lost messages are made up for by the polls; old ones, kept for later, would be of no use.
      disableOfflineQueue: true,
      commandsQueueMaxLength: COMMANDS_MAX,
      maintNotifications: 'disabled',
      socket: { connectTimeout: OPEN_TIMEOUT_MS, reconnectStrategy: false },
    });
    client.on('error', onLost);
    const listen = async () => {
      await client.connect();
      await client.subscribe(channel, (message) => {
        for (const payload of message.split(SEPARATOR)) onPayload(payload);
      });
    };
    try {
      await within(OPEN_TIMEOUT_MS, listen());
    } catch (error) {
      client.destroy();
      throw error;
    }
    return {
      send: (payloads) => within(ANSWER_TIMEOUT_MS, client.publish(channel, payloads.join(SEPARATOR))),
      check: () => within(ANSWER_TIMEOUT_MS, client.ping()),
      close: async () => client.destroy(),
    };
  };
}
