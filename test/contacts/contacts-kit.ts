import { uuidv7 } from 'uuidv7';
import { ContactService } from '../../src/contacts/contact-service.js';
import type { JsonObject } from '../../src/scoring/json-value.js';
import { IngestKit } from '../support/ingest-kit.js';

/** A contact as a test describes it; what is left out is empty. */
export interface ContactSeed {
  id?: string;
  email?: string;
  firstName?: string;
  company?: string;
  attributes?: JsonObject;
  ownerId?: string | null;
  mergedInto?: string | null;
  createdAt?: string;
  /** By model id; a model left out does not score the contact. */
  scores?: Record<string, ScoreSeed>;
}

export interface ScoreSeed {
  total: number;
  version?: number;
  stage?: string;
  label?: string | null;
  dimensions?: number[];
  lastActivityAt?: string | null;
}

/** The contact service over a database, with rows written straight into the tables. */
export class ContactsKit {
  readonly ingest: IngestKit;
  readonly contacts: ContactService;

  private constructor(ingest: IngestKit) {
    this.ingest = ingest;
    this.contacts = new ContactService(ingest.db, ingest.registry);
  }

  static async open(url: string): Promise<ContactsKit> {
    return new ContactsKit(await IngestKit.open(url));
  }

  get tenantId(): string {
    return this.ingest.tenantId;
  }

  close(): Promise<void> {
    return this.ingest.close();
  }

  makePrimary(key: string): Promise<unknown> {
    return this.ingest.query('UPDATE scoring_models SET "primary" = (key = $2) WHERE tenant_id = $1', key);
  }

  /** @returns the ids in the order of the seeds. */
  async insert(seeds: readonly ContactSeed[]): Promise<string[]> {
    const contacts = seeds.map((seed) => ({
      id: seed.id ?? uuidv7(),
      email: seed.email ?? null,
      first_name: seed.firstName ?? null,
      company: seed.company ?? null,
      attributes: seed.attributes ?? {},
      owner_id: seed.ownerId ?? null,
      merged_into: seed.mergedInto ?? null,
      sort_name: (seed.firstName ?? seed.company ?? seed.email ?? '').toLowerCase(),
      search_text: [seed.firstName, seed.email, seed.company].filter(Boolean).join(' ').toLowerCase(),
      created_at: seed.createdAt ?? '2026-01-01T00:00:00Z',
    }));
    await this.ingest.query(
      `INSERT INTO contacts (tenant_id, id, email, first_name, company, attributes, owner_id, merged_into, sort_name,
        search_text, created_at)
      SELECT $1, r.* FROM jsonb_to_recordset($2) AS r(id uuid, email text, first_name text, company text, attributes jsonb,
        owner_id uuid, merged_into uuid, sort_name text, search_text text, created_at timestamptz)`,
      JSON.stringify(contacts),
    );
    await this.#insertScores(
      seeds,
      contacts.map((contact) => contact.id),
    );
    return contacts.map((contact) => contact.id);
  }

  async #insertScores(seeds: readonly ContactSeed[], ids: readonly string[]): Promise<void> {
    const scores = seeds.flatMap((seed, index) =>
      Object.entries(seed.scores ?? {}).map(([modelId, score]) => ({
        contact_id: ids[index],
        model_id: modelId,
        version: score.version ?? 1,
        total: score.total,
        stage: score.stage ?? 'cold',
        label: score.label ?? null,
        dimensions: `{${(score.dimensions ?? [0, 0]).join(',')}}`,
        last_activity_at: score.lastActivityAt ?? '-infinity',
      })),
    );
    await this.ingest.query(
      `INSERT INTO contact_scores (tenant_id, contact_id, model_id, version, total, stage, label, dimensions, last_activity_at,
        as_of, state, revision)
      SELECT $1, r.contact_id, r.model_id, r.version, r.total, r.stage, r.label, r.dimensions::float8[],
        r.last_activity_at::timestamptz, now(), '', 1
      FROM jsonb_to_recordset($2) AS r(contact_id uuid, model_id uuid, version integer, total integer, stage text, label text,
        dimensions text, last_activity_at text)`,
      JSON.stringify(scores),
    );
  }
}
