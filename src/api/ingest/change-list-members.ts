import { badInput, LeadpulseError } from '../../errors.js';
import type { ListItem } from '../../ingest/ingest-item.js';
import { type ContactKey as ContactKeyValue, normalizeIdentity } from '../../store/identity.js';
import type { ApiContext } from '../context.js';
import { checkTexts } from '../input-check.js';
import type { ChangeListMembersInput } from './change-list-members-input.js';
import { contactKeyOf } from './ingest-items.js';
import { type ListRow, madeList } from './made-list.js';
import { type Claim, claimOperation, finishOperation } from './operation-claim.js';
import { BulkTally, checkItemCount, type RejectedItem, recordAll } from './outcomes.js';
import { requestHash } from './request-hash.js';

const KEYS_MAX = 10_000;
const FILTERED_CONTACTS_MAX = 50_000;
/** Items handed to the recorder at a time. */
const STRETCH_ITEMS_MAX = 1_000;
const KEY_CHARS_MAX = 256;

/** What changed, as it is stored under the idempotency key. */
export interface ListChange {
  list: ListRow;
  added: number;
  removed: number;
  rejected: RejectedItem[];
  /** Last position in the feed; null when no score changed. */
  position: string | null;
}

/**
 * Lets contacts join and leave a list; each succeeds or fails by itself.
 * @throws LeadpulseError BAD_USER_INPUT, TOO_COMPLEX, IDEMPOTENCY_MISMATCH; nothing has changed then.
 */
export async function changeListMembers(
  context: ApiContext,
  input: ChangeListMembersInput,
): Promise<ListChange> {
  await checkInput(context, input);
  const claim = claimOf(context, input);
  const known = claim && (await claimOperation<ListChange>(context.services.db, claim));
  if (known) return known;
  const change = new ListMembersChange(context, input, claim);
  await change.record(input.add?.map(contactKeyOf) ?? [], true);
  await change.record(input.remove?.map(contactKeyOf) ?? [], false);
  if (input.filter) await recordFiltered(context, change, input.filter);
  const done = await change.finish();
  if (claim) await finishOperation(context.services.db, claim, done);
  return done;
}

async function checkInput({ services, viewer }: ApiContext, input: ChangeListMembersInput): Promise<void> {
  checkTexts({ 'input.list': input.list, 'input.idempotencyKey': input.idempotencyKey }, KEY_CHARS_MAX);
  if (!input.add && !input.remove && !input.filter) {
    throw badInput([{ path: 'input', message: 'Give `add`, `remove` or `filter`.' }]);
  }
  checkItemCount('input.add', (input.add?.length ?? 0) + (input.remove?.length ?? 0), KEYS_MAX);
  if (!input.filter) return;
  const { count, exact } = await services.contacts.count(viewer.tenantId, input.filter, 'input.filter');
  if (count > FILTERED_CONTACTS_MAX || !exact) {
    const held = exact ? `${count} contacts` : `more contacts than can be counted at once (about ${count})`;
    const message = `The filter holds for ${held} and may here for ${FILTERED_CONTACTS_MAX}: use bulkUpdateContacts, which does it in the background.`;
    throw new LeadpulseError('TOO_COMPLEX', message);
  }
}

function claimOf({ viewer }: ApiContext, input: ChangeListMembersInput): Claim | null {
  if (input.idempotencyKey == null) return null;
  return { tenantId: viewer.tenantId, key: input.idempotencyKey, requestHash: requestHash('list', input) };
}

async function recordFiltered(
  { services, viewer }: ApiContext,
  change: ListMembersChange,
  filter: NonNullable<ChangeListMembersInput['filter']>,
): Promise<void> {
  let afterId: string | null = null;
  for (;;) {
    const ids: string[] = await services.contacts.matchingIds(
      viewer.tenantId,
      filter,
      afterId,
      STRETCH_ITEMS_MAX,
      'input.filter',
    );
    const keys = ids.map((value): ContactKeyValue => ({ kind: 'id', value }));
    await change.record(keys, true);
    afterId = ids.at(-1) ?? null;
    if (ids.length < STRETCH_ITEMS_MAX) return;
  }
}

/** A key that comes twice counts once: both would carry the same idempotency key. */
function firstPlaces(keys: readonly ContactKeyValue[]): { key: ContactKeyValue; place: number }[] {
  const places = new Map<string, { key: ContactKeyValue; place: number }>();
  keys.forEach((key, place) => {
    const name = `${key.kind} ${normalizeIdentity(key.kind, key.value)}`;
    if (!places.has(name)) places.set(name, { key, place });
  });
  return [...places.values()];
}

/** One operation under way. */
class ListMembersChange {
  readonly #context: ApiContext;
  readonly #list: string;
  readonly #occurredAtMs: number | undefined;
  readonly #claim: Claim | null;
  readonly #tally = new BulkTally();
  /** Where the keys of the next call begin, counted through the whole input. */
  #index = 0;
  #added = 0;
  #removed = 0;

  constructor(context: ApiContext, input: ChangeListMembersInput, claim: Claim | null) {
    this.#context = context;
    this.#list = input.list.trim();
    this.#occurredAtMs = input.occurredAt?.getTime();
    this.#claim = claim;
  }

  async record(keys: readonly ContactKeyValue[], joined: boolean): Promise<void> {
    const places = firstPlaces(keys);
    for (let start = 0; start < places.length; start += STRETCH_ITEMS_MAX) {
      const stretch = places.slice(start, start + STRETCH_ITEMS_MAX);
      const items = stretch.map(({ key }) => this.#item(key, joined));
      const outcomes = await recordAll(this.#context, items);
      outcomes.forEach((outcome, nth) => {
        const written = this.#tally.add(this.#index + (stretch[nth]?.place ?? 0), outcome);
        if (written?.changed && joined) this.#added += 1;
        else if (written?.changed) this.#removed += 1;
      });
    }
    this.#index += keys.length;
  }

  async finish(): Promise<ListChange> {
    const { services, viewer } = this.#context;
    const list = await madeList(services.db, viewer.tenantId, this.#list);
    const { rejected, position } = this.#tally;
    return { list, added: this.#added, removed: this.#removed, rejected, position };
  }

  #item(contact: ContactKeyValue, joined: boolean): ListItem {
    const item: ListItem = { kind: 'list', contact, list: this.#list, joined };
    if (this.#occurredAtMs !== undefined) item.occurredAtMs = this.#occurredAtMs;
    if (this.#claim) {
      // A key of its own for each contact, so that an operation begun anew counts it once.
      const hash = requestHash('list member', { operation: this.#claim.key, contact, joined });
      item.idempotencyKey = `list:${Buffer.from(hash).toString('base64url')}`;
      item.requestHash = hash;
    }
    return item;
  }
}
