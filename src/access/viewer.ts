import type { Role } from './roles.js';

/** Who makes a request, and for which tenant. */
export interface Viewer {
  tenantId: string;
  tenantName: string;
  role: Role;
  /** Id of the API key; null when a token was presented. */
  keyId: string | null;
  /** The key's name, or the token's subject. */
  name: string;
}
