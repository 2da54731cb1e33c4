import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Tables whose rows belong to one tenant; row-level security backs up the `tenant_id` that every statement names.
 * tenant_feeds, jobs and api_keys are read across tenants (by workers, and before the tenant is known): they hold keys,
 * counters and hashes only.
 */
const TENANT_TABLES = [
  'sales_reps',
  'contacts',
  'contact_identities',
  'contact_lists',
  'list_members',
  'timeline',
  'idempotency_keys',
  'scoring_models',
  'scoring_model_versions',
  'contact_scores',
  'score_events',
] as const;

/**
 * The whole foundation. Keys start with `tenant_id`. The hot tables (timeline, contact_scores, score_events,
 * idempotency_keys) carry no foreign keys: with them a batch ran at 0.89 of its speed.
 */
export class Foundation1700000000000 implements MigrationInterface {
  name = 'Foundation1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...REGISTRY, ...CONTACTS, ...MODELS, ...SCORES]) await runner.query(statement);
    for (const table of TENANT_TABLES) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY tenant_isolation ON ${table} USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = [...TENANT_TABLES, 'jobs', 'api_keys', 'tenant_feeds', 'tenants', 'installation'];
    await runner.query(`DROP TABLE ${tables.join(', ')}`);
    await runner.query('DROP SEQUENCE recording_batches');
  }
}

const REGISTRY = [
  // One row: names this database in cursors, so that a cursor of another one is recognised.
  `CREATE TABLE installation (
    id uuid NOT NULL CONSTRAINT installation_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `INSERT INTO installation (id) VALUES (gen_random_uuid())`,
  `CREATE TABLE tenants (
    id uuid NOT NULL CONSTRAINT tenants_pkey PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  // position: the last position of the feed. floor: positions up to it were removed by retention. epoch: raised whenever the
  // set of active model versions changes; a batch that computed with another epoch matches no row and is done again.
  // due_at: not later than the earliest due_at of the tenant's scores.
  `CREATE TABLE tenant_feeds (
    tenant_id uuid NOT NULL CONSTRAINT tenant_feeds_pkey PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    floor bigint NOT NULL DEFAULT 0,
    epoch integer NOT NULL DEFAULT 0,
    due_at timestamptz
  ) WITH (fillfactor = 50)`,
  `CREATE TABLE api_keys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE UNIQUE INDEX api_keys_key_hash ON api_keys (key_hash)`,
];

const CONTACTS = [
  `CREATE TABLE sales_reps (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sales_reps_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE UNIQUE INDEX sales_reps_email ON sales_reps (tenant_id, email)`,
  // The profile as it stands: a projection of the timeline's profile entries.
  // sort_name: what lists are ordered by; search_text: what text filters look through, both lower case.
  `CREATE TABLE contacts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    email text,
    external_id text,
    first_name text,
    last_name text,
    job_title text,
    company text,
    company_size integer,
    industry text,
    annual_revenue double precision,
    country text,
    attributes jsonb NOT NULL DEFAULT '{}',
    owner_id uuid,
    sort_name text NOT NULL DEFAULT '',
    search_text text NOT NULL DEFAULT '',
    merged_into uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contacts_pkey PRIMARY KEY (tenant_id, id)
  ) WITH (fillfactor = 90)`,
  `CREATE INDEX contacts_sort_name ON contacts (tenant_id, sort_name, id)`,
  `CREATE INDEX contacts_created ON contacts (tenant_id, created_at, id)`,
  `CREATE INDEX contacts_owner ON contacts (tenant_id, owner_id, id) WHERE owner_id IS NOT NULL`,
  // kind: 1 email, 2 externalId, 3 anonymousId.
  `CREATE TABLE contact_identities (
    tenant_id uuid NOT NULL,
    kind smallint NOT NULL,
    value text NOT NULL,
    contact_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contact_identities_pkey PRIMARY KEY (tenant_id, kind, value)
  )`,
  `CREATE INDEX contact_identities_contact ON contact_identities (tenant_id, contact_id)`,
  `CREATE TABLE contact_lists (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contact_lists_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE UNIQUE INDEX contact_lists_key ON contact_lists (tenant_id, key)`,
  `CREATE TABLE list_members (
    tenant_id uuid NOT NULL,
    list_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    joined_at timestamptz NOT NULL,
    CONSTRAINT list_members_pkey PRIMARY KEY (tenant_id, list_id, contact_id)
  )`,
  `CREATE INDEX list_members_contact ON list_members (tenant_id, contact_id)`,
  // kind: 1 action, 2 profile, 3 list, 4 adjustment. seq: the order of recording, from recording_batches.
  // body: properties of an action, attributes set by a profile, {joined} of a list, {points, reason, expiresAfterDays}.
  `CREATE SEQUENCE recording_batches`,
  `CREATE TABLE timeline (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    seq bigint NOT NULL,
    id uuid NOT NULL,
    kind smallint NOT NULL,
    type text NOT NULL,
    body text,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT timeline_pkey PRIMARY KEY (tenant_id, contact_id, occurred_at, seq)
  )`,
  `CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    result text NOT NULL,
    position bigint,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, key)
  )`,
  `CREATE INDEX idempotency_keys_created ON idempotency_keys (tenant_id, created_at)`,
];

const MODELS = [
  // revision: raised whenever every score has to be made anew: a version published, a model switched on again.
  `CREATE TABLE scoring_models (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    "primary" boolean NOT NULL DEFAULT false,
    version integer NOT NULL,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scoring_models_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE UNIQUE INDEX scoring_models_key ON scoring_models (tenant_id, key)`,
  `CREATE UNIQUE INDEX scoring_models_primary ON scoring_models (tenant_id) WHERE "primary"`,
  `CREATE TABLE scoring_model_versions (
    tenant_id uuid NOT NULL,
    model_id uuid NOT NULL,
    version integer NOT NULL,
    definition jsonb NOT NULL,
    message text,
    published_by text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scoring_model_versions_pkey PRIMARY KEY (tenant_id, model_id, version)
  )`,
  `CREATE TABLE jobs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    model_id uuid,
    version integer,
    done integer NOT NULL DEFAULT 0,
    total integer,
    cursor uuid,
    error text,
    leased_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT jobs_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE INDEX jobs_open ON jobs (tenant_id, created_at) WHERE finished_at IS NULL`,
  `CREATE INDEX jobs_model ON jobs (tenant_id, model_id, created_at)`,
];

const SCORES = [
  // as_of: the instant at which total, stage, label and dimensions were published. folded_at: occurred_at of the last entry in
  // the state. due_at: when something may change by itself. pending_at: the earliest recorded entry that lies ahead of the clock.
  `CREATE TABLE contact_scores (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    model_id uuid NOT NULL,
    version integer NOT NULL,
    revision integer NOT NULL,
    total integer NOT NULL,
    previous_total integer,
    stage text NOT NULL,
    label text,
    dimensions double precision[] NOT NULL,
    as_of timestamptz NOT NULL,
    folded_at timestamptz,
    last_activity_at timestamptz NOT NULL DEFAULT '-infinity',
    due_at timestamptz,
    pending_at timestamptz,
    state text NOT NULL,
    CONSTRAINT contact_scores_pkey PRIMARY KEY (tenant_id, contact_id, model_id)
  ) WITH (toast_tuple_target = 8160)`,
  // Uncompressed and inline as long as it fits: compressing the state cost more than it saved.
  `ALTER TABLE contact_scores ALTER COLUMN state SET STORAGE EXTERNAL`,
  `CREATE INDEX contact_scores_total ON contact_scores (tenant_id, model_id, total, contact_id)`,
  `CREATE INDEX contact_scores_activity ON contact_scores (tenant_id, model_id, last_activity_at, contact_id)`,
  `CREATE INDEX contact_scores_due ON contact_scores (tenant_id, due_at, contact_id) WHERE due_at IS NOT NULL`,
  // cause: see src/store/change-causes.ts. (action_at, action_seq): the timeline entry behind it. reasons: rule keys and points.
  `CREATE TABLE score_events (
    tenant_id uuid NOT NULL,
    position bigint NOT NULL,
    contact_id uuid NOT NULL,
    model_id uuid NOT NULL,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    cause text NOT NULL,
    action_at timestamptz,
    action_seq bigint,
    points double precision NOT NULL,
    total_before integer NOT NULL,
    total_after integer NOT NULL,
    stage_before text,
    stage_after text NOT NULL,
    label_before text,
    label_after text,
    reasons text NOT NULL,
    CONSTRAINT score_events_pkey PRIMARY KEY (tenant_id, position)
  )`,
  `CREATE INDEX score_events_contact ON score_events (tenant_id, contact_id, model_id, position)`,
];
