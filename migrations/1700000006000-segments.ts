import type { MigrationInterface, QueryRunner } from 'typeorm';
import { uuidv7 } from 'uuidv7';

/** Tables whose rows belong to one tenant. The others hold ids and counters only: workers read them across tenants. */
const TENANT_TABLES = ['segments', 'segment_members', 'segment_changes', 'bulk_actions'] as const;
/** Those that tenants began with when this was written. */
const DEFAULT_SEGMENTS = [
  { key: 'hot', name: 'Hot', filter: { minTotal: 76, maxTotal: 100 } },
  { key: 'warm', name: 'Warm', filter: { minTotal: 51, maxTotal: 75 } },
  { key: 'cold', name: 'Cold', filter: { minTotal: 0, maxTotal: 50 } },
] as const;
/** For text that is found by parts and with typing errors. All three may be created by whoever owns the database. */
const EXTENSIONS = ['pg_trgm', 'btree_gin', 'fuzzystrmatch'] as const;
const INSUFFICIENT_PRIVILEGE = '42501';

/** Segments with their members and changes, bulk actions, and the index behind text filters. */
export class Segments1700000006000 implements MigrationInterface {
  name = 'Segments1700000006000';

  async up(runner: QueryRunner): Promise<void> {
    for (const name of EXTENSIONS) await createExtension(runner, name);
    for (const statement of [...SEARCH, ...SEGMENTS, ...TOUCHES, ...BULK]) await runner.query(statement);
    for (const table of [...TENANT_TABLES, 'contact_search']) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY tenant_isolation ON ${table} USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))`,
      );
    }
    for (const table of TENANT_TABLES) await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    await furnishTenants(runner);
    // Behind the rows: building it in one go is many times quicker than row by row.
    await runner.query(
      'CREATE INDEX contact_search_text ON contact_search USING gin (tenant_id, search_text gin_trgm_ops)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { table, name } of TRIGGERS) await runner.query(`DROP TRIGGER ${name} ON ${table}`);
    await runner.query(
      'DROP FUNCTION touch_contacts(), index_contact_text(), find_contacts_by_text(text[], integer), text_closeness(text, text[]), misspelling_likeness(text)',
    );
    const keys = ['contact_search', 'segment_feeds', 'segment_touches', 'bulk_action_parts'];
    await runner.query(`DROP TABLE ${[...TENANT_TABLES, ...keys].join(', ')}`);
  }
}

async function createExtension(runner: QueryRunner, name: string): Promise<void> {
  const known: unknown[] = await runner.query('SELECT 1 FROM pg_extension WHERE extname = $1', [name]);
  if (known.length > 0) return;
  try {
    await runner.query(`CREATE EXTENSION ${name}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why =
      code === INSUFFICIENT_PRIVILEGE
        ? 'the role of DATABASE_URL may not create it'
        : (error as Error).message;
    const message =
      `The PostgreSQL extension ${name} is needed, and ${why}. Let a superuser, or the owner of the database, run ` +
      `${EXTENSIONS.map((extension) => `CREATE EXTENSION IF NOT EXISTS ${extension};`).join(' ')} in this database ` +
      '(on Debian and Ubuntu they are in the package postgresql-contrib), then start again. Nothing was changed.';
    throw new Error(message, { cause: error });
  }
}

/** What the tenants that are there already get: their texts under the index, and the segments that new ones begin with. */
async function furnishTenants(runner: QueryRunner): Promise<void> {
  const tenants: { id: string }[] = await runner.query('SELECT id FROM tenants');
  for (const { id: tenantId } of tenants) {
    await runner.query(`SELECT set_config('app.tenant', $1, true)`, [tenantId]);
    for (const { key, name, filter } of DEFAULT_SEGMENTS) {
      await runner.query(
        `INSERT INTO segments (tenant_id, id, key, name, filter, created_by, changed_by)
         VALUES ($1, $2, $3, $4, $5, 'leadpulse', 'leadpulse')`,
        [tenantId, uuidv7(), key, name, JSON.stringify(filter)],
      );
    }
    await runner.query('INSERT INTO segment_feeds (tenant_id, sweep_at) VALUES ($1, now())', [tenantId]);
    await runner.query(
      'INSERT INTO contact_search SELECT tenant_id, id, search_text FROM contacts WHERE tenant_id = $1',
      [tenantId],
    );
  }
  await runner.query(`SELECT set_config('app.tenant', '', true)`);
}

const SEARCH = [
  // A copy of contacts.search_text under an index by trigrams. Under a policy that is enforced PostgreSQL would not use that
  // index (LIKE is not leakproof), so the owner is let through here, and one function reads it, which checks the tenant itself.
  `CREATE TABLE contact_search (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    search_text text NOT NULL,
    CONSTRAINT contact_search_pkey PRIMARY KEY (tenant_id, contact_id)
  )`,
  `CREATE FUNCTION index_contact_text() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'DELETE' THEN
      DELETE FROM contact_search s USING touched t WHERE s.tenant_id = t.tenant_id AND s.contact_id = t.id;
    ELSIF TG_OP = 'INSERT' THEN
      INSERT INTO contact_search SELECT tenant_id, id, search_text FROM touched;
    ELSE
      UPDATE contact_search s SET search_text = t.search_text FROM touched t
      WHERE s.tenant_id = t.tenant_id AND s.contact_id = t.id AND s.search_text <> t.search_text;
    END IF;
    RETURN NULL;
  END $$`,
  // How like one of its trigrams a word of a text has to be to be looked at as a misspelling of it; null for a word that is taken
  // literally: a short one, or one with anything but letters in it. Longer words share more with what was meant,
  // and a higher bound spares looking at many that were not.
  `CREATE FUNCTION misspelling_likeness(word text) RETURNS real LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(word) NOT BETWEEN 4 AND 60 OR word ~ '[\\u0001-@\\[-\\x60{-\\u007f]' THEN NULL
      WHEN length(word) <= 5 THEN 0.3 ELSE 0.4 END::real $$`,
  // How close a text comes to words, 0 to 100; 0 when a word is not in it. A word stands somewhere in the text (100 as a whole
  // word, 90 as the beginning of one, 75 inside), or, from 4 letters on, differs from a word of the text by one letter, or two
  // swapped ones (60), from 8 letters on by two (45).
  `CREATE FUNCTION text_closeness(search_text text, words text[]) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
  DECLARE
    padded text := ' ' || search_text || ' ';
    word text;
    token text;
    errors integer;
    best integer;
    total integer := 0;
  BEGIN
    FOREACH word IN ARRAY words LOOP
      IF strpos(padded, word) > 0 THEN
        best := CASE WHEN strpos(padded, ' ' || word || ' ') > 0 THEN 100 WHEN strpos(padded, ' ' || word) > 0 THEN 90 ELSE 75 END;
      ELSIF word_similarity(word, search_text) >= misspelling_likeness(word) THEN
        best := 0;
        FOREACH token IN ARRAY regexp_split_to_array(search_text, '[\\s.@_+,;:/()&-]+') LOOP
          CONTINUE WHEN abs(length(token) - length(word)) > 2 OR length(token) > 60;
          errors := levenshtein_less_equal(word, token, 2);
          IF errors = 1 THEN best := 60;
          ELSIF errors = 2 AND best < 60 AND length(word) = length(token)
            AND (SELECT array_agg(l ORDER BY l) FROM unnest(string_to_array(word, NULL)) l)
              = (SELECT array_agg(l ORDER BY l) FROM unnest(string_to_array(token, NULL)) l) THEN best := 60;
          ELSIF errors = 2 AND best < 45 AND length(word) >= 8 THEN best := 45;
          END IF;
        END LOOP;
      ELSE best := 0;
      END IF;
      IF best = 0 THEN RETURN 0; END IF;
      total := total + best;
    END LOOP;
    RETURN CASE WHEN cardinality(words) = 0 THEN 0 ELSE total / cardinality(words) END;
  END $$`,
  // The contacts of the tenant that the connection is scoped to whose text comes close to all words, rows_max at most. Words
  // shorter than a trigram are left to the check.
  `CREATE FUNCTION find_contacts_by_text(words text[], rows_max integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
    SET enable_seqscan = off AS $$
  DECLARE
    conditions text := '';
    word text;
    pattern text;
    likeness_min real := 1;
  BEGIN
    FOREACH word IN ARRAY words LOOP
      CONTINUE WHEN length(word) < 3;
      pattern := '%' || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%';
      likeness_min := least(likeness_min, misspelling_likeness(word));
      conditions := conditions || CASE WHEN misspelling_likeness(word) IS NULL
        THEN format(' AND search_text LIKE %L', pattern)
        ELSE format(' AND (search_text LIKE %L OR search_text %%> %L)', pattern, word) END;
    END LOOP;
    PERFORM set_config('pg_trgm.word_similarity_threshold', likeness_min::text, true);
    RETURN QUERY EXECUTE 'SELECT contact_id FROM contact_search
      WHERE tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid' || conditions
      || ' AND text_closeness(search_text, $1) > 0 LIMIT $2' USING words, rows_max;
  END $$`,
];

const SEGMENTS = [
  // filter: a ContactFilter. filled: its members have been gathered once; before that they make no events. sweep: null, WAITING or
  // RUNNING.
  `CREATE TABLE segments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    filter jsonb NOT NULL,
    filled boolean NOT NULL DEFAULT false,
    sweep text DEFAULT 'WAITING',
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT segments_pkey PRIMARY KEY (tenant_id, id)
  )`,
  'CREATE UNIQUE INDEX segments_key ON segments (tenant_id, key)',
  `CREATE TABLE segment_members (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    segment_id uuid NOT NULL,
    CONSTRAINT segment_members_pkey PRIMARY KEY (tenant_id, contact_id, segment_id)
  )`,
  `CREATE TABLE segment_changes (
    tenant_id uuid NOT NULL,
    position bigint NOT NULL,
    segment_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    entered boolean NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT segment_changes_pkey PRIMARY KEY (tenant_id, position)
  )`,
  // position, floor: of segment_changes, as in tenant_feeds. epoch, models: which models the members were gathered under.
  // sweep_at: when the next pass over all contacts begins; sweep_cursor: the last contact of the pass that is under way.
  `CREATE TABLE segment_feeds (
    tenant_id uuid NOT NULL CONSTRAINT segment_feeds_pkey PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    floor bigint NOT NULL DEFAULT 0,
    epoch integer,
    models text NOT NULL DEFAULT '',
    sweep_at timestamptz,
    sweep_cursor uuid
  ) WITH (fillfactor = 50)`,
];

/** Statements after which somebody may belong to other segments. */
const TRIGGERS = [
  ...triggersOf('contacts', 'id', ['INSERT', 'UPDATE', 'DELETE']),
  // What writes scores says so itself: see write-scores.ts.
  ...triggersOf('contact_scores', 'contact_id', ['DELETE']),
  ...triggersOf('list_members', 'contact_id', ['INSERT', 'DELETE']),
  ...(['INSERT', 'UPDATE', 'DELETE'] as const).map((event) => ({
    table: 'contacts',
    name: `index_text_${event.toLowerCase()}`,
    event,
    call: 'index_contact_text()',
  })),
];

function triggersOf<Event extends 'INSERT' | 'UPDATE' | 'DELETE'>(
  table: string,
  column: string,
  events: readonly Event[],
) {
  return events.map((event) => ({
    table,
    name: `touch_${event.toLowerCase()}`,
    event,
    call: `touch_contacts('${column}')`,
  }));
}

const TOUCHES = [
  // Contacts that a statement wrote to, one row a statement (1,000 contacts at most each). Taken away by the worker that looks at
  // them again; nothing else orders or keeps them.
  `CREATE TABLE segment_touches (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    contact_ids uuid[] NOT NULL,
    CONSTRAINT segment_touches_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE FUNCTION touch_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_ARGV[0] = 'id' THEN
      INSERT INTO segment_touches (tenant_id, contact_ids) SELECT t.tenant_id, array_agg(t.id)
      FROM (SELECT tenant_id, id, row_number() OVER () / 1000 AS part FROM touched) t GROUP BY t.tenant_id, t.part;
    ELSE
      INSERT INTO segment_touches (tenant_id, contact_ids) SELECT t.tenant_id, array_agg(t.contact_id)
      FROM (SELECT tenant_id, contact_id, row_number() OVER () / 1000 AS part FROM touched) t GROUP BY t.tenant_id, t.part;
    END IF;
    RETURN NULL;
  END $$`,
  ...TRIGGERS.map(
    ({ table, name, event, call }) => `CREATE TRIGGER ${name} AFTER ${event} ON ${table}
    REFERENCING ${event === 'DELETE' ? 'OLD' : 'NEW'} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION ${call}`,
  ),
];

const BULK = [
  // action: see src/bulk/bulk-action.ts. fixed_at: when it was settled who is meant. filter and contact_ids: one of them.
  `CREATE TABLE bulk_actions (
    tenant_id uuid NOT NULL,
    job_id uuid NOT NULL,
    action jsonb NOT NULL,
    filter jsonb,
    contact_ids uuid[],
    fixed_at timestamptz,
    changed integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    faults jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT bulk_actions_pkey PRIMARY KEY (tenant_id, job_id)
  )`,
  // Who is still to be done, in the order of ids; a part goes when it is done.
  `CREATE TABLE bulk_action_parts (
    tenant_id uuid NOT NULL,
    job_id uuid NOT NULL,
    part integer NOT NULL,
    contact_ids uuid[] NOT NULL,
    CONSTRAINT bulk_action_parts_pkey PRIMARY KEY (tenant_id, job_id, part)
  )`,
];
