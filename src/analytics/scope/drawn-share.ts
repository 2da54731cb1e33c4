const TWO_TO_32 = 2 ** 32;

/** The first 32 bits of a hash below which a share of everything falls. */
export function hashesBelow(share: number): number {
  return share * TWO_TO_32;
}

/**
 * Whether something is in a stable random share, as SQL; `hashesBelow` with the first four bytes of the MD5 says the same.
 * @param text SQL of the text that is hashed.
 * @param share SQL of a number from 0 to 1.
 */
export function isDrawnSql(text: string, share: string): string {
  return `('x' || left(md5(${text}), 8))::bit(32)::bigint < ${share} * ${TWO_TO_32}::float8`;
}

/**
 * Whether a row is in a sample of one in so many, as SQL: the same one each time, spread by a hash that costs a tenth of the MD5.
 * @param id SQL of a uuid.
 * @param every SQL of a whole number from 1 on.
 */
export function isSampledSql(id: string, every: string): string {
  return `mod(uuid_hash(${id}), ${every}) = 0`;
}
