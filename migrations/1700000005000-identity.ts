import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANT_TABLES = [
  'contact_merges',
  'timeline_corrections',
  'erased_contacts',
  'erased_identities',
] as const;
const TENANTS_PER_PAGE = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Contacts that were merged, entries that were corrected, and people who were erased. */
export class Identity1700000005000 implements MigrationInterface {
  name = 'Identity1700000005000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...COLUMNS, ...TABLES]) await runner.query(statement);
    for (const table of TENANT_TABLES) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY tenant_isolation ON ${table} USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))`,
      );
    }
    await fillEmailBases(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TENANT_TABLES.join(', ')}`);
    await runner.query('DROP INDEX contacts_merged');
    await runner.query('ALTER TABLE contacts DROP COLUMN email_base');
    await runner.query('ALTER TABLE contact_identities DROP COLUMN origin_id');
    await runner.query('ALTER TABLE timeline DROP COLUMN origin_id, DROP COLUMN amended_at');
  }
}

/** Tenant by tenant: row-level security lets the rows of one through. */
async function fillEmailBases(runner: QueryRunner): Promise<void> {
  let after = FIRST_ID;
  for (;;) {
    const tenants: { id: string }[] = await runner.query(
      `SELECT id FROM tenants WHERE id > $1 ORDER BY id LIMIT ${TENANTS_PER_PAGE}`,
      [after],
    );
    for (const { id } of tenants) {
      await runner.query(`SELECT set_config('app.tenant', $1, false)`, [id]);
      await runner.query(FILL_EMAIL_BASES, [id]);
      after = id;
    }
    if (tenants.length < TENANTS_PER_PAGE) break;
  }
  await runner.query(`SELECT set_config('app.tenant', '', false)`);
}

const COLUMNS = [
  // origin_id: the contact that the row was recorded for, where that is another one. amended_at: when it was last corrected.
  `ALTER TABLE timeline ADD COLUMN origin_id uuid, ADD COLUMN amended_at timestamptz`,
  `ALTER TABLE contact_identities ADD COLUMN origin_id uuid`,
  // The email address without dots and tag (see src/store/email-base.ts): what likely duplicates share.
  `ALTER TABLE contacts ADD COLUMN email_base text`,
  `CREATE INDEX contacts_email_base ON contacts (tenant_id, email_base, id) WHERE email_base IS NOT NULL`,
  // merged_into always names the contact that stands for this one now, however many merges lie between; the merges
  // themselves are in contact_merges.
  `CREATE INDEX contacts_merged ON contacts (tenant_id, merged_into) WHERE merged_into IS NOT NULL`,
];

const TABLES = [
  // into_id: what the contact was merged into, be that merged away itself since. owner_taken: the owner came with the merge.
  `CREATE TABLE contact_merges (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    into_id uuid NOT NULL,
    from_id uuid NOT NULL,
    merged_by text NOT NULL,
    merged_at timestamptz NOT NULL,
    entries integer NOT NULL,
    owner_taken boolean NOT NULL DEFAULT false,
    undone_by text,
    undone_at timestamptz,
    CONSTRAINT contact_merges_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE INDEX contact_merges_into ON contact_merges (tenant_id, into_id, id)`,
  `CREATE UNIQUE INDEX contact_merges_from ON contact_merges (tenant_id, from_id) WHERE undone_at IS NULL`,
  // kind: RETRACTED, AMENDED. before, after: {type, occurredAt, body} of the entry; after is null for one that was retracted.
  `CREATE TABLE timeline_corrections (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    origin_id uuid,
    entry_id uuid NOT NULL,
    kind text NOT NULL,
    reason text,
    corrected_by text NOT NULL,
    corrected_at timestamptz NOT NULL,
    before text NOT NULL,
    after text,
    CONSTRAINT timeline_corrections_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE INDEX timeline_corrections_contact ON timeline_corrections (tenant_id, contact_id, id)`,
  // Tombstones. into_id: the contact that stood for this one when both were erased; null for that contact itself.
  `CREATE TABLE erased_contacts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    into_id uuid,
    erased_by text NOT NULL,
    erased_at timestamptz NOT NULL,
    reason text,
    CONSTRAINT erased_contacts_pkey PRIMARY KEY (tenant_id, id)
  )`,
  // Keyed hashes of the identities of people who were erased: an import or a retry does not bring them back.
  `CREATE TABLE erased_identities (
    tenant_id uuid NOT NULL,
    hash bytea NOT NULL,
    erased_at timestamptz NOT NULL,
    CONSTRAINT erased_identities_pkey PRIMARY KEY (tenant_id, hash)
  )`,
];

const FILL_EMAIL_BASES = `UPDATE contacts SET email_base =
    left(replace(split_part(split_part(lower(btrim(email)), '@', 1), '+', 1), '.', ''), 200)
      || '@' || left(split_part(lower(btrim(email)), '@', 2), 200)
  WHERE tenant_id = $1 AND email LIKE '%@%'`;
