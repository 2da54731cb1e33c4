import { badInput, LeadpulseError } from '../errors.js';
import type { JsonObject } from '../scoring/json-value.js';
import { mergeContacts } from '../store/rewriting/merge-contacts.js';
import {
  type RewriteOutcome,
  type RewriteRequest,
  type RewriteScope,
  runRewrite,
} from '../store/rewriting/run-rewrite.js';
import { type UnmergeWish, unmergeContact } from '../store/rewriting/unmerge-contact.js';
import { tenantRead } from '../store/tenant-scope.js';
import { type Amendment, amendAction, type EntryToCorrect, retractEntry } from './correct-entry.js';
import { type ErasureWish, eraseContact } from './erase-contact.js';
import { type DuplicatePage, type DuplicatePlace, findDuplicates } from './find-duplicates.js';
import { readPersonData } from './person-data.js';
import { type MergePreview, previewMerge } from './preview-merge.js';

/**
 * The id that a key leads to; null when it leads to nobody. That is a fault only where the same request has not been answered
 * before: its answer may be why the key leads nowhere.
 */
type MaybeId = string | null;

type EntryOfSomebody = Omit<EntryToCorrect, 'contactId'> & { contactId: MaybeId };

/** Who a contact is: merges, corrections of what was recorded, and erasure. */
export class IdentityService {
  readonly #scope: RewriteScope;

  constructor(scope: RewriteScope) {
    this.#scope = scope;
  }

  /**
   * Makes two contacts one. Asked again for contacts that were merged before, it answers with that merge.
   * @returns the merge's id, and the contact that stays.
   * @throws LeadpulseError as `mergeContacts`; BAD_USER_INPUT when both are one contact without any merge.
   */
  merge(request: RewriteRequest, intoId: MaybeId, fromId: MaybeId): Promise<RewriteOutcome> {
    return runRewrite(this.#scope, request, async (rewrite) => {
      const { mergeId, contactId } = await mergeContacts(rewrite, {
        intoId: known(intoId),
        fromIds: [known(fromId)],
      });
      if (mergeId === null) throw sameContact();
      return { id: mergeId, contactId };
    });
  }

  /** Undoes a merge. @returns the merge's id, and the contact that stands by itself again. @throws as `unmergeContact`. */
  unmerge(request: RewriteRequest, wish: UnmergeWish): Promise<RewriteOutcome> {
    return runRewrite(this.#scope, request, async (rewrite) => {
      const { mergeId, contactId } = await unmergeContact(rewrite, wish);
      return { id: mergeId ?? '', contactId };
    });
  }

  /** See `previewMerge`. @throws LeadpulseError NOT_FOUND; BAD_USER_INPUT when both are one contact already. */
  async previewMerge(tenantId: string, intoId: string, fromId: string): Promise<MergePreview> {
    if (intoId === fromId) throw sameContact();
    const { db, registry } = this.#scope;
    const active = await registry.current(tenantId);
    return tenantRead(db, tenantId, (client) =>
      previewMerge({ client, tenantId, active, registry }, intoId, fromId),
    );
  }

  /** See `retractEntry`. @returns the correction's id, and the contact. */
  retract(request: RewriteRequest, target: EntryOfSomebody): Promise<RewriteOutcome> {
    return runRewrite(this.#scope, request, async (rewrite) =>
      retractEntry(rewrite, { ...target, contactId: known(target.contactId) }),
    );
  }

  /** See `amendAction`. @returns the correction's id, and the contact. */
  amend(request: RewriteRequest, target: EntryOfSomebody, amendment: Amendment): Promise<RewriteOutcome> {
    return runRewrite(this.#scope, request, async (rewrite) =>
      amendAction(rewrite, { ...target, contactId: known(target.contactId) }, amendment),
    );
  }

  /** See `eraseContact`. @returns the id that the contact had. */
  erase(
    request: RewriteRequest,
    wish: Pick<ErasureWish, 'reason' | 'remember'> & { contactId: MaybeId },
  ): Promise<RewriteOutcome> {
    const { installationId } = this.#scope.db;
    const idempotencyKey = request.idempotencyKey ?? null;
    return runRewrite(this.#scope, request, async (rewrite) =>
      eraseContact(rewrite, { ...wish, contactId: known(wish.contactId), installationId, idempotencyKey }),
    );
  }

  /** See `readPersonData`. */
  personData(tenantId: string, contactId: string): Promise<JsonObject> {
    return tenantRead(this.#scope.db, tenantId, (client) => readPersonData(client, tenantId, contactId));
  }

  /** See `findDuplicates`. */
  duplicates(tenantId: string, groupsMax: number, after: DuplicatePlace | null): Promise<DuplicatePage> {
    return tenantRead(this.#scope.db, tenantId, (client) =>
      findDuplicates(client, tenantId, groupsMax, after),
    );
  }
}

function sameContact(): LeadpulseError {
  return badInput([
    { path: 'from', message: 'Both keys lead to the same contact; there is nothing to merge.' },
  ]);
}

/** @throws LeadpulseError NOT_FOUND. */
function known(contactId: MaybeId): string {
  if (contactId !== null) return contactId;
  throw new LeadpulseError('NOT_FOUND', 'There is no contact with this key.');
}
