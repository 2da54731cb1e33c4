import process from 'node:process';
import { loadConfig } from '../config.js';
import { LeadpulseError } from '../errors.js';
import type { Answer } from '../simulation/graphql-client.js';

/** Addresses that stand for all of a machine's own. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/** The address of the API that the environment speaks of. @throws LeadpulseError when PORT does not tell it. */
export function apiUrlOf(env: NodeJS.ProcessEnv): string {
  const { host, port } = loadConfig(env);
  if (port === 0) {
    throw new LeadpulseError('BAD_USER_INPUT', 'PORT is 0, any free one: give the address with --url.');
  }
  const name = ANY_ADDRESS.includes(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}/graphql`;
}

/** The address as it was given. @throws LeadpulseError when it is none. */
export function checkUrl(url: string): string {
  const isHttp = URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
  if (isHttp) return url;
  throw new LeadpulseError('BAD_USER_INPUT', `--url must be an http or https address, got '${url}'`);
}

/** The API key that was given, or the one of the environment. @throws LeadpulseError when there is none. */
export function findKey(given: string | undefined): string {
  const key = given ?? process.env.LEADPULSE_API_KEY ?? process.env.BOOTSTRAP_API_KEY;
  if (key) return key;
  const message =
    'An API key is needed: give it with --key, or in LEADPULSE_API_KEY. The server showed one when it started for the first time; `leadpulse keys create` makes another.';
  throw new LeadpulseError('UNAUTHENTICATED', message);
}

/**
 * Why a command cannot go on with a server that answered so.
 * @param keyAdvice which key would do.
 */
export function unusable(
  answer: Exclude<Answer, { kind: 'OK' }>,
  url: string,
  keyAdvice: string,
): LeadpulseError {
  if (answer.kind === 'UNREACHABLE') {
    const advice = 'Is the server running (npm start), and is --url right?';
    return new LeadpulseError('UNAVAILABLE', `No server answers at ${url} (${answer.message}). ${advice}`);
  }
  if (answer.kind === 'REFUSED') return refusedKey(answer.message, keyAdvice);
  return new LeadpulseError('UNAVAILABLE', `The server at ${url} cannot be used: ${answer.message}`);
}

/** The server takes the key for nothing. */
export function refusedKey(message: string, keyAdvice: string): LeadpulseError {
  return new LeadpulseError('UNAUTHENTICATED', `The server refuses the key. ${message}\n${keyAdvice}`);
}
