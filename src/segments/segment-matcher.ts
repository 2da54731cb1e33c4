import DataLoader from 'dataloader';
import type { ContactService } from '../contacts/contact-service.js';

const LOOKUPS_PER_STATEMENT_MAX = 1_000;

interface MemberKey {
  tenantId: string;
  segmentId: string;
  contactId: string;
}

/**
 * Whether contacts belong to segments now. Never cached; the questions of all subscribers that are woken by the same change
 * are asked in one statement per segment.
 */
export class SegmentMatcher {
  readonly #contacts: ContactService;
  readonly #loader: DataLoader<MemberKey, boolean>;

  constructor(contacts: ContactService) {
    this.#contacts = contacts;
    this.#loader = new DataLoader((keys) => this.#load(keys), {
      cache: false,
      maxBatchSize: LOOKUPS_PER_STATEMENT_MAX,
    });
  }

  /** @throws LeadpulseError BAD_USER_INPUT when there is no such segment (any more), or when it cannot be asked. */
  isMember(tenantId: string, segmentId: string, contactId: string): Promise<boolean> {
    return this.#loader.load({ tenantId, segmentId, contactId });
  }

  async #load(keys: readonly MemberKey[]): Promise<(boolean | Error)[]> {
    const groups = new Map<string, MemberKey[]>();
    for (const key of keys) {
      const name = `${key.tenantId} ${key.segmentId}`;
      groups.set(name, [...(groups.get(name) ?? []), key]);
    }
    const found = new Map<string, Set<string> | Error>();
    await Promise.all(
      [...groups].map(async ([name, group]) => {
        found.set(name, await this.#members(group).catch((error: unknown) => toError(error)));
      }),
    );
    return keys.map(({ tenantId, segmentId, contactId }) => {
      const members = found.get(`${tenantId} ${segmentId}`);
      return members instanceof Error ? members : members?.has(contactId) === true;
    });
  }

  async #members(group: readonly MemberKey[]): Promise<Set<string>> {
    const [first] = group;
    if (!first) return new Set();
    const ids = [...new Set(group.map((key) => key.contactId))];
    const filter = { segmentId: first.segmentId };
    return this.#contacts.matchingAmong(first.tenantId, filter, ids, 'filter');
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
