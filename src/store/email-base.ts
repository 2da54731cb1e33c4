const PART_CHARS_MAX = 200;

/**
 * An email address without what people vary: the tag behind a plus sign and the dots before the at sign. `Ada.L+x@Example.com`
 * and `adal@example.com` have the same. Null for what is no address.
 */
export function emailBase(email: string): string | null {
  const [local = '', domain] = email.trim().toLowerCase().split('@');
  if (domain === undefined) return null;
  const [name = ''] = local.split('+');
  return `${name.replaceAll('.', '').slice(0, PART_CHARS_MAX)}@${domain.slice(0, PART_CHARS_MAX)}`.toWellFormed();
}
