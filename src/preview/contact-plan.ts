import type pg from 'pg';
import { FIRST_UUID } from '../uuid.js';
import type { ContactRange } from './score-scope.js';

/** Contacts that one task looks at, unless there would be more than `RANGES_MAX` tasks. */
const RANGE_CONTACTS = 2_000;
const RANGES_MAX = 500;

/** The contacts of a tenant at one moment. */
export interface ContactStock {
  contacts: number;
  /** The last id; null when there is none. */
  untilId: string | null;
}

/** How many contacts there are. @param client a connection, scoped to the tenant. */
export async function readContactStock(client: pg.ClientBase, tenantId: string): Promise<ContactStock> {
  const { rows } = await client.query<{ contacts: number; until_id: string | null }>({
    name: 'contact_stock',
    text: `SELECT count(*)::int AS contacts,
        (SELECT id FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL ORDER BY id DESC LIMIT 1) AS until_id
      FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL`,
    values: [tenantId],
  });
  return { contacts: rows[0]?.contacts ?? 0, untilId: rows[0]?.until_id ?? null };
}

/** How many contacts are looked at when so many are asked for; null asks for all. */
export function pickedContacts(stock: ContactStock, sample: number | null): number {
  return Math.min(sample ?? stock.contacts, stock.contacts);
}

/**
 * The stock in ranges for single tasks, in order; a sample is spread evenly over all of them.
 * @param client a connection, scoped to the tenant.
 * @param sample contacts asked for; null for all.
 * @param after the last contact that is done with; `FIRST_UUID` at the beginning.
 */
export async function planRanges(
  client: pg.ClientBase,
  tenantId: string,
  stock: ContactStock,
  sample: number | null,
  after: string,
): Promise<ContactRange[]> {
  const { contacts, untilId } = stock;
  const picked = pickedContacts(stock, sample);
  if (untilId === null || picked === 0 || after >= untilId) return [];
  const ranges = Math.min(RANGES_MAX, Math.ceil(picked / RANGE_CONTACTS));
  const contactsBefore = after === FIRST_UUID ? 0 : await countUpTo(client, tenantId, after);
  const cuts = await readCuts(client, tenantId, {
    after,
    untilId,
    contactsBefore,
    stride: Math.ceil(contacts / ranges),
  });
  const ends = [...cuts.filter(({ id }) => id !== untilId), { id: untilId, place: contacts }];
  return ends.map(({ id }, index) => {
    const start = index === 0 ? { id: after, place: contactsBefore } : ends[index - 1];
    return {
      after: start?.id ?? after,
      until: id,
      contactsBefore: start?.place ?? contactsBefore,
      sample: picked === contacts ? null : { contacts: picked, of: contacts },
    };
  });
}

async function countUpTo(client: pg.ClientBase, tenantId: string, id: string): Promise<number> {
  const { rows } = await client.query<{ contacts: number }>({
    name: 'contacts_up_to',
    text: `SELECT count(*)::int AS contacts FROM contacts
      WHERE tenant_id = $1 AND merged_into IS NULL AND id <= $2`,
    values: [tenantId, id],
  });
  return rows[0]?.contacts ?? 0;
}

interface Cut {
  id: string;
  /** Its place among all contacts, from 1. */
  place: number;
}

/** Every so many contacts one, by its place among all. */
async function readCuts(
  client: pg.ClientBase,
  tenantId: string,
  {
    after,
    untilId,
    contactsBefore,
    stride,
  }: { after: string; untilId: string; contactsBefore: number; stride: number },
): Promise<Cut[]> {
  const { rows } = await client.query<Cut>({
    name: 'contact_cuts',
    text: `SELECT id, place::int FROM (SELECT id, row_number() OVER (ORDER BY id) + $4::bigint AS place FROM contacts
        WHERE tenant_id = $1 AND merged_into IS NULL AND id > $2 AND id <= $3) AS c
      WHERE place % $5::int = 0 ORDER BY id`,
    values: [tenantId, after, untilId, contactsBefore, stride],
  });
  return rows;
}
