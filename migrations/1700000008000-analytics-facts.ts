import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables whose rows belong to one tenant. The others hold ids and counters only: workers read them across tenants. */
const TENANT_TABLES = [
  'conversion_settings',
  'action_type_ids',
  'contact_facts',
  'score_paths',
  'dimension_paths',
  'score_gains',
] as const;

/** What reports are counted from: facts derived from timelines, a row a contact, kept by a worker that is told who was touched. */
export class AnalyticsFacts1700000008000 implements MigrationInterface {
  name = 'AnalyticsFacts1700000008000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...SETTINGS, ...FACTS, ...TOUCHES]) await runner.query(statement);
    for (const table of TENANT_TABLES) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY tenant_isolation ON ${table} USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TRIGGERS) await runner.query(`DROP TRIGGER ${name} ON timeline`);
    await runner.query('DROP FUNCTION touch_facts(), touch_moved_facts()');
    await runner.query(`DROP TABLE ${[...TENANT_TABLES, 'fact_feeds', 'fact_touches'].join(', ')}`);
  }
}

const SETTINGS = [
  // Which actions count as outcomes; a tenant without a row has the defaults. revision: raised by every change.
  `CREATE TABLE conversion_settings (
    tenant_id uuid NOT NULL CONSTRAINT conversion_settings_pkey PRIMARY KEY,
    won_types text[] NOT NULL,
    lost_types text[] NOT NULL,
    value_property text NOT NULL,
    revision integer NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
  )`,
  // Short names of action types in the arrays below.
  `CREATE TABLE action_type_ids (
    tenant_id uuid NOT NULL,
    id integer NOT NULL,
    type text NOT NULL,
    CONSTRAINT action_type_ids_pkey PRIMARY KEY (tenant_id, id)
  )`,
  'CREATE UNIQUE INDEX action_type_ids_type ON action_type_ids (tenant_id, type)',
];

/** Instants are ms since 1970: width_bucket finds the one in force at an instant by halving, 0.4 us a contact. */
const FACTS = [
  // won_ms, lost_ms: the first outcome of either kind. type_ids, type_first_ms: each action type with its first instant.
  // feedback_kinds: see src/analytics/facts/lead-feedback.ts.
  `CREATE TABLE contact_facts (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    first_ms bigint NOT NULL,
    won_ms bigint,
    won_value double precision,
    lost_ms bigint,
    type_ids integer[] NOT NULL,
    type_first_ms bigint[] NOT NULL,
    feedback_ms bigint[],
    feedback_kinds smallint[],
    feedback_reasons text[],
    CONSTRAINT contact_facts_pkey PRIMARY KEY (tenant_id, contact_id)
  ) WITH (fillfactor = 90, toast_tuple_target = 8160)`,
  // Totals and stages from each instant on, under the version named, and the highest total so far. Beyond the last entry they
  // say what time alone brings. stages: indexes into the model's stages.
  `CREATE TABLE score_paths (
    tenant_id uuid NOT NULL,
    model_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    version integer NOT NULL,
    total_ms bigint[] NOT NULL,
    totals integer[] NOT NULL,
    stage_ms bigint[] NOT NULL,
    stages smallint[] NOT NULL,
    peak_ms bigint[] NOT NULL,
    peaks integer[] NOT NULL,
    CONSTRAINT score_paths_pkey PRIMARY KEY (tenant_id, model_id, contact_id)
  ) WITH (fillfactor = 90, toast_tuple_target = 8160)`,
  // points: whole points of each dimension in model order, as many for each instant as the model has dimensions.
  `CREATE TABLE dimension_paths (
    tenant_id uuid NOT NULL,
    model_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    version integer NOT NULL,
    at_ms bigint[] NOT NULL,
    points integer[] NOT NULL,
    labels text[] NOT NULL,
    CONSTRAINT dimension_paths_pkey PRIMARY KEY (tenant_id, model_id, contact_id)
  ) WITH (fillfactor = 90, toast_tuple_target = 8160)`,
  // What each rule gave, in the order of instants. rules: indexes among the version's active rules. type_ids: 0 where no action
  // earned it. rule_prevs, type_prevs: the place, from 1, of the gain before by the same rule, or action type; 0 for the first.
  // rule_ids, rule_first_ms: each rule with its first gain.
  `CREATE TABLE score_gains (
    tenant_id uuid NOT NULL,
    model_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    version integer NOT NULL,
    at_ms bigint[] NOT NULL,
    rules smallint[] NOT NULL,
    points double precision[] NOT NULL,
    type_ids integer[] NOT NULL,
    rule_prevs integer[] NOT NULL,
    type_prevs integer[] NOT NULL,
    rule_ids smallint[] NOT NULL,
    rule_first_ms bigint[] NOT NULL,
    CONSTRAINT score_gains_pkey PRIMARY KEY (tenant_id, model_id, contact_id)
  ) WITH (fillfactor = 90, toast_tuple_target = 8160)`,
  // built, building: what the facts were, and are being, derived with (see src/analytics/facts/fact-plan.ts). cursor: the last contact of
  // the pass over all that is under way; again: it has to be followed by another one. epoch: that of the tenant when it was last
  // served; null asks for a look at the settings.
  `CREATE TABLE fact_feeds (
    tenant_id uuid NOT NULL CONSTRAINT fact_feeds_pkey PRIMARY KEY,
    built text,
    built_at timestamptz,
    building text,
    cursor uuid,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    again boolean NOT NULL DEFAULT false,
    epoch integer
  ) WITH (fillfactor = 50)`,
];

/** Statements that take entries away or change them. What records entries says so itself: see src/store/fact-touches.ts. */
const TRIGGERS = [
  { name: 'touch_facts_delete', event: 'DELETE', tables: 'OLD TABLE AS touched', call: 'touch_facts()' },
  {
    name: 'touch_facts_update',
    event: 'UPDATE',
    tables: 'OLD TABLE AS touched NEW TABLE AS moved',
    call: 'touch_moved_facts()',
  },
] as const;

const TOUCHES = [
  // Contacts whose timeline a statement changed, one row a statement (1,000 contacts at most each). Taken away by the worker.
  `CREATE TABLE fact_touches (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    contact_ids uuid[] NOT NULL,
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT fact_touches_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE FUNCTION touch_facts() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO fact_touches (tenant_id, contact_ids) SELECT t.tenant_id, array_agg(t.contact_id)
    FROM (SELECT tenant_id, contact_id, row_number() OVER () / 1000 AS part
      FROM (SELECT DISTINCT tenant_id, contact_id FROM touched) d) t GROUP BY t.tenant_id, t.part;
    RETURN NULL;
  END $$`,
  `CREATE FUNCTION touch_moved_facts() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO fact_touches (tenant_id, contact_ids) SELECT t.tenant_id, array_agg(t.contact_id)
    FROM (SELECT tenant_id, contact_id, row_number() OVER () / 1000 AS part
      FROM (SELECT tenant_id, contact_id FROM touched UNION SELECT tenant_id, contact_id FROM moved) d) t
    GROUP BY t.tenant_id, t.part;
    RETURN NULL;
  END $$`,
  ...TRIGGERS.map(
    ({ name, event, tables, call }) => `CREATE TRIGGER ${name} AFTER ${event} ON timeline
    REFERENCING ${tables} FOR EACH STATEMENT EXECUTE FUNCTION ${call}`,
  ),
];
