import { LeadpulseError } from '../errors.js';
import type { Role } from './roles.js';
import type { Viewer } from './viewer.js';

/**
 * Lets the viewer pass when its role is one of `roles`.
 * @throws LeadpulseError FORBIDDEN otherwise; the message names the roles that may.
 */
export function requireRole(viewer: Viewer, ...roles: Role[]): void {
  if (roles.includes(viewer.role)) return;
  throw new LeadpulseError(
    'FORBIDDEN',
    `The role ${viewer.role} may not do this; use a key with the role ${roles.join(', ').replace(/, ([A-Z]+)$/, ' or $1')}.`,
  );
}
