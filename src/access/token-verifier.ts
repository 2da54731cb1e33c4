import { createRemoteJWKSet, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { isUuid } from '../uuid.js';
import { isRole, type Role } from './roles.js';

/** What decides whether a JSON Web Token is believed. Exactly one of `secret` and `jwksUrl`. */
export interface TokenSettings {
  /** Shared secret of HS256. */
  secret?: string;
  /** Where the issuer publishes its keys. */
  jwksUrl?: string;
  issuer?: string;
  audience?: string;
}

/** What a token says. */
export interface TokenClaims {
  tenantId: string;
  role: Role;
  /** The subject; `token` when there is none. */
  name: string;
  expiresAtMs: number;
}

/** Identity providers that insist on a namespace for custom claims get this one. */
const CLAIM_NAMESPACE = 'https://leadpulse/';
const CLOCK_TOLERANCE_SECONDS = 5;
const JWKS_TIMEOUT_MS = 5_000;
const MS_PER_SECOND = 1_000;
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Reads a token: its claims, or null when it is not to be believed. Rejects when the keys cannot be fetched. */
export type TokenVerifier = (token: string) => Promise<TokenClaims | null>;

/** Verifies signature, expiry (`exp` is required), issuer and audience, and reads `tenant`, `role` and `sub`. */
export function createTokenVerifier(settings: TokenSettings): TokenVerifier {
  const options: JWTVerifyOptions = {
    requiredClaims: ['exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    algorithms: settings.secret === undefined ? ASYMMETRIC : ['HS256'],
    ...(settings.issuer === undefined ? {} : { issuer: settings.issuer }),
    ...(settings.audience === undefined ? {} : { audience: settings.audience }),
  };
  const verify = createVerify(settings, options);
  return async (token) => {
    try {
      return readClaims(await verify(token));
    } catch (error) {
      if (isTokenFault(error)) return null;
      throw error;
    }
  };
}

function createVerify(
  settings: TokenSettings,
  options: JWTVerifyOptions,
): (token: string) => Promise<JWTPayload> {
  if (settings.secret !== undefined) {
    const secret = new TextEncoder().encode(settings.secret);
    return async (token) => (await jwtVerify(token, secret, options)).payload;
  }
  if (settings.jwksUrl === undefined) throw new Error('a token verifier needs a secret or a JWKS address');
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS });
  return async (token) => (await jwtVerify(token, keys, options)).payload;
}

function readClaims(payload: JWTPayload): TokenClaims | null {
  const tenantId = payload.tenant ?? payload[`${CLAIM_NAMESPACE}tenant`];
  const role = payload.role ?? payload[`${CLAIM_NAMESPACE}role`];
  if (typeof tenantId !== 'string' || !isUuid(tenantId) || !isRole(role) || payload.exp === undefined)
    return null;
  return { tenantId, role, name: payload.sub ?? 'token', expiresAtMs: payload.exp * MS_PER_SECOND };
}

/** jose's errors about the token itself; what is left are keys that could not be fetched. */
function isTokenFault(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  if (typeof code !== 'string') return false;
  return (
    code.startsWith('ERR_JWT') ||
    code.startsWith('ERR_JWS') ||
    code.startsWith('ERR_JOSE') ||
    code === 'ERR_JWKS_NO_MATCHING_KEY'
  );
}
