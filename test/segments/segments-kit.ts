import { ContactService } from '../../src/contacts/contact-service.js';
import { WakeUps } from '../../src/feed/wake-ups.js';
import { createLog } from '../../src/log.js';
import { openSegments, type Segments } from '../../src/segments/open-segments.js';
import type { SegmentRow } from '../../src/segments/segment-row.js';
import { SegmentWorker } from '../../src/segments/segment-worker.js';
import type { ContactFilter } from '../../src/store/contact-filter.js';
import { IngestKit } from '../support/ingest-kit.js';

/** Segments of one tenant over a database, with a worker that runs when it is told to. */
export class SegmentsKit {
  readonly ingest: IngestKit;
  readonly contacts: ContactService;
  readonly worker: SegmentWorker;
  readonly #parts: Segments;

  private constructor(ingest: IngestKit, url: string) {
    const { db, registry } = ingest;
    this.ingest = ingest;
    this.contacts = new ContactService(db, registry);
    const log = createLog('silent');
    this.#parts = openSegments({ db, registry, contacts: this.contacts, wakeUps: new WakeUps({ url, log }) });
    this.worker = this.anotherWorker();
  }

  static async open(url: string): Promise<SegmentsKit> {
    return new SegmentsKit(await IngestKit.open(url), url);
  }

  get tenantId(): string {
    return this.ingest.tenantId;
  }

  get segments(): Segments['segments'] {
    return this.#parts.segments;
  }

  /** A worker as another process would have it. */
  anotherWorker(): SegmentWorker {
    const { db, registry } = this.ingest;
    return new SegmentWorker({
      db,
      registry,
      log: createLog('silent'),
      feedRetentionDays: 90,
      announce() {},
    });
  }

  close(): Promise<void> {
    return this.ingest.close();
  }

  create(key: string, filter: ContactFilter): Promise<SegmentRow> {
    return this.segments.create({ tenantId: this.tenantId, name: 'test' }, { key, name: key, filter });
  }

  update(segment: SegmentRow, filter: ContactFilter): Promise<SegmentRow> {
    return this.segments.update({ tenantId: this.tenantId, name: 'test' }, segment.id, { filter });
  }

  /** Lets the worker do all there is to do. */
  async settle(): Promise<void> {
    while (await this.worker.runOnce());
  }

  /** Emails of those noted as members, in order. */
  async members({ id }: SegmentRow): Promise<string[]> {
    const rows = await this.ingest.query<{ email: string }>(
      `SELECT c.email FROM segment_members m JOIN contacts c ON c.tenant_id = m.tenant_id AND c.id = m.contact_id
       WHERE m.tenant_id = $1 AND m.segment_id = $2 ORDER BY c.email`,
      id,
    );
    return rows.map((row) => row.email);
  }

  /** Emails of those that the filter holds for now. */
  async matching({ id }: SegmentRow): Promise<string[]> {
    const { entries } = await this.contacts.page(this.tenantId, {
      filter: { segmentId: id },
      from: 'START',
      count: 200,
      after: null,
      before: null,
    });
    return entries.map((entry) => entry.row.email ?? '').sort();
  }

  /** The changes so far as `+key email` and `-key email`, in order; an email that is gone shows as `?`. */
  async changes(): Promise<string[]> {
    const { changes } = await this.#parts.segmentFeed.page(this.tenantId, null, 1_000, () => true);
    const rows = await this.ingest.query<{ id: string; email: string }>(
      'SELECT id, email FROM contacts WHERE tenant_id = $1',
    );
    const emails = new Map(rows.map((row) => [row.id, row.email]));
    const keys = new Map((await this.segments.list(this.tenantId)).map((one) => [one.id, one.key]));
    return changes.map(
      ({ entered, segmentId, contactId }) =>
        `${entered ? '+' : '-'}${keys.get(segmentId)} ${emails.get(contactId) ?? '?'}`,
    );
  }
}
