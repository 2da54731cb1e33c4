import { IdentityService } from '../../src/identity/identity-service.js';
import type { IngestItem } from '../../src/ingest/ingest-item.js';
import type { RewriteOutcome, RewriteRequest } from '../../src/store/rewriting/run-rewrite.js';
import type { UnmergeWish } from '../../src/store/rewriting/unmerge-contact.js';
import { IngestKit } from '../support/ingest-kit.js';

/** A row of `contacts` with the keys of its lists. */
export type StoredContact = Record<string, unknown> & { lists: string[] };

/** A tenant whose contacts are merged, corrected and erased. */
export class IdentityKit {
  readonly ingest: IngestKit;
  readonly identity: IdentityService;

  private constructor(ingest: IngestKit) {
    this.ingest = ingest;
    const { db, registry, announced } = ingest;
    this.identity = new IdentityService({ db, registry, announce: (tenantId) => announced.push(tenantId) });
  }

  static async open(url: string): Promise<IdentityKit> {
    return new IdentityKit(await IngestKit.open(url));
  }

  /** The same tenant in another process: nothing in memory is shared. */
  static async openBeside(kit: IdentityKit, url: string): Promise<IdentityKit> {
    const ingest = await IngestKit.open(url);
    Object.defineProperty(ingest, 'tenantId', { value: kit.ingest.tenantId });
    return new IdentityKit(ingest);
  }

  close(): Promise<void> {
    return this.ingest.close();
  }

  /** A request of the tenant; one with a key is answered once. */
  request(idempotencyKey?: string): RewriteRequest {
    const request = { tenantId: this.ingest.tenantId, by: 'test' };
    if (idempotencyKey === undefined) return request;
    return { ...request, idempotencyKey, requestHash: new TextEncoder().encode(idempotencyKey) };
  }

  /** Records an item. @returns the id of its contact. */
  async record(item: IngestItem): Promise<string> {
    return (await this.ingest.accept(item)).contactId;
  }

  recordById(contactId: string, type: string): Promise<string> {
    return this.record({ kind: 'action', contact: { kind: 'id', value: contactId }, type, properties: {} });
  }

  merge(intoId: string, fromId: string): Promise<RewriteOutcome> {
    return this.identity.merge(this.request(), intoId, fromId);
  }

  unmerge(wish: UnmergeWish): Promise<RewriteOutcome> {
    return this.identity.unmerge(this.request(), wish);
  }

  /** What is on the timelines of contacts, in the order of recording. */
  async entriesOf(...contactIds: string[]): Promise<string[]> {
    const rows = await this.ingest.query<{ line: string }>(
      `SELECT concat_ws(' ', seq, occurred_at, kind, type, body) AS line FROM timeline
       WHERE tenant_id = $1 AND contact_id = ANY ($2::uuid[]) ORDER BY seq`,
      contactIds,
    );
    return rows.map((row) => row.line);
  }

  /** Every way in which a contact's scores are not what its timeline says. */
  faults(contactId: string): Promise<string[]> {
    return this.ingest.differencesFromReplay(contactId);
  }

  async contact(contactId: string): Promise<StoredContact> {
    const [row] = await this.ingest.query<{ row: Record<string, unknown>; lists: string[] }>(
      `SELECT to_jsonb(c) AS row, ARRAY(SELECT l.key FROM list_members m JOIN contact_lists l
         ON l.tenant_id = m.tenant_id AND l.id = m.list_id
         WHERE m.tenant_id = c.tenant_id AND m.contact_id = c.id ORDER BY l.key) AS lists
       FROM contacts c WHERE c.tenant_id = $1 AND c.id = $2`,
      contactId,
    );
    return { ...row?.row, lists: row?.lists ?? [] };
  }
}
