import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeConditionSql } from '../../src/contacts/attribute-condition-sql.js';
import { textCollation } from '../../src/contacts/text-collation.js';
import { compileCondition } from '../../src/scoring/compile-condition.js';
import type { JsonObject, JsonValue } from '../../src/scoring/json-value.js';
import { type AttributeCondition, OPERATORS } from '../../src/scoring/model-definition.js';
import { valueAtPath } from '../../src/scoring/property-path.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { SqlParameters } from '../../src/store/sql-parameters.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const RUNS = 400;
const VALUES_PER_RUN = 25;

let server: TestDatabase;
let db: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  db = await openDatabase({ url: server.url, readsMax: 2, writesMax: 1, applicationName: 'test' });
});

afterAll(async () => {
  await db.close();
  await server.drop();
});

const COLUMNS: Record<string, { column: string; fits: (value: JsonValue) => boolean }> = {
  email: { column: 'email', fits: isString },
  jobTitle: { column: 'job_title', fits: isString },
  company: { column: 'company', fits: isString },
  country: { column: 'country', fits: isString },
  companySize: {
    column: 'company_size',
    fits: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 1e9,
  },
  annualRevenue: { column: 'annual_revenue', fits: (value) => typeof value === 'number' },
};

function isString(value: JsonValue): boolean {
  return typeof value === 'string';
}

/** Standard attributes go into their columns when they fit, as recording does it. */
function storedRow(row: JsonObject): JsonObject {
  const attributes: JsonObject = {};
  const columns: JsonObject = {};
  for (const [name, value] of Object.entries(row)) {
    const standard = COLUMNS[name];
    if (standard?.fits(value)) columns[standard.column] = value;
    else attributes[name] = value;
  }
  return { ...attributes, columns };
}

/** What the SQL says of each row of attributes (or standard columns). */
async function askSql(condition: AttributeCondition, rows: JsonObject[]): Promise<boolean[]> {
  const parameters = new SqlParameters();
  const table = parameters.add(JSON.stringify(rows.map(storedRow)), 'jsonb');
  const sql = attributeConditionSql(condition, await textCollation(db), parameters);
  const { rows: answers } = await db.reads.query<{ holds: boolean }>(
    `SELECT ${sql} AS holds FROM (
      SELECT r.value AS attributes, p.*, r.ordinality FROM jsonb_array_elements(${table}) WITH ORDINALITY AS r,
        jsonb_to_record(r.value -> 'columns') AS p(email text, external_id text, first_name text, last_name text,
          job_title text, company text, company_size integer, industry text, annual_revenue float8, country text)
    ) c ORDER BY ordinality`,
    parameters.values,
  );
  return answers.map((answer) => answer.holds);
}

function askCore(condition: AttributeCondition, rows: JsonObject[]): boolean[] {
  const test = compileCondition(condition);
  return rows.map((row) => test(valueAtPath(row, condition.attribute)));
}

async function expectAgreement(condition: AttributeCondition, rows: JsonObject[]): Promise<void> {
  const [sql, core] = [await askSql(condition, rows), askCore(condition, rows)];
  const differing = rows.filter((_, index) => sql[index] !== core[index]);
  expect(differing, `the core holds otherwise for ${JSON.stringify(condition)}`).toEqual([]);
}

const EDGES = [
  '',
  ' ',
  'true',
  'FALSE',
  '0',
  '-0',
  '007',
  '+5',
  '5.',
  '.5',
  '5e0',
  '1e3',
  '1E-3',
  '1e400',
  '-1e400',
  '1e-400',
  '0e99999',
  '1e99999',
  '1e-99999',
  '1e309',
  '1.7976931348623157e308',
  '5e-324',
  '4e-324',
  '0x10',
  '1_000',
  'NaN',
  'Infinity',
  '\u00a05\ufeff',
  'Director of Sales',
  'VP, Marketing',
  'cto',
  'head_of',
  'Head of Sales',
  'İSTANBUL',
  'ΟΔΟΣ',
  'ΟΔΟΣ ΑΣ',
  'Straße',
  'STRASSE',
  'Ǆ',
  '٣٤',
  '½ half',
  'naïve',
  'e\u0301cole',
  '東京 営業部',
  '🚀 lead',
  '%',
  '_',
  '\\',
  "o'hara",
  'a.b',
  'K',
  '2024-02-29',
  '2023-02-29',
  '2024-02-30',
  '0000-01-01',
  '2024-13-01',
  '2024-00-10',
  '2024-01-00',
  '2024-06-01T12:00',
  '2024-06-01t12:00:00z',
  '2024-06-01 12:00:00.5 +02:00',
  '2024-06-01T24:00:00Z',
  '2024-06-01T12:60',
  '2024-06-01T12:00:60Z',
  '2024-06-01T12:00:00,123456+0530',
  '2024-06-01T12:00:00-05',
  '9999-12-31',
  '2100-02-29',
  ' 2024-06-01 ',
  '2024-6-1',
] as const;

const numbers = fc.oneof(
  fc.integer({ min: -5, max: 60 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    1e21,
    1.5e-7,
    123456789012345680000,
    1e-6,
    0.1,
    5e-324,
    1.7976931348623157e308,
    1717243200000,
  ),
);
const texts = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...EDGES) },
  fc.stringMatching(/^[ a-cA-C_.0-2-]{0,6}$/),
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
  numbers.map(String),
);
const scalars: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 4, arbitrary: texts },
  numbers,
  fc.boolean(),
  fc.constant(null),
);
const values: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 5, arbitrary: scalars },
  fc.array(fc.oneof(scalars, fc.array(scalars, { maxLength: 2 })), { maxLength: 3 }),
  fc.constant({ nested: 1 }),
);
const operands: fc.Arbitrary<JsonValue> = fc.oneof(scalars, fc.array(scalars, { maxLength: 3 }));

describe('an attribute condition in SQL', () => {
  it('holds for exactly the values for which the core says so', async () => {
    const cases = fc.record({
      operator: fc.constantFrom(...OPERATORS),
      value: operands,
      seen: fc.array(values, { minLength: VALUES_PER_RUN, maxLength: VALUES_PER_RUN }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ operator, value, seen }) => {
        const entries = Array.isArray(value) ? value : [value];
        const rows = [...seen, ...entries].map((custom) => ({ custom }));
        await expectAgreement({ attribute: 'custom', operator, value }, [...rows, {}]);
      }),
      { numRuns: RUNS },
    );
  });

  it.each(OPERATORS)('agrees on every pair of odd texts: %s', async (operator) => {
    const rows = EDGES.map((custom) => ({ custom }));
    for (const value of EDGES) {
      const operand = operator === 'BETWEEN' ? [value, '2024-06-30'] : value;
      await expectAgreement({ attribute: 'custom', operator, value: operand }, rows);
    }
  });

  it('is not stopped by numbers beyond all bounds', async () => {
    const digits = '9'.repeat(60_000);
    const texts = [
      digits,
      `0.${digits}`,
      `${digits}e9999`,
      `.${digits}e-9999`,
      `1e${digits}`,
      `1e-${digits}`,
    ];
    const short = [
      '9'.repeat(3_990),
      `.${'9'.repeat(3_990)}e-9999`,
      `${'9'.repeat(3_990)}e9999`,
      `1e${'9'.repeat(900)}`,
    ];
    const rows = [...texts, ...short].map((custom) => ({ custom }));
    for (const operator of ['GT', 'EQUALS', 'CONTAINS', 'MATCHES_WORD'] as const) {
      const answers = await askSql({ attribute: 'custom', operator, value: 5 }, rows);
      expect(answers.every((answer) => typeof answer === 'boolean')).toBe(true);
    }
    await expectAgreement({ attribute: 'custom', operator: 'LTE', value: 5 }, rows.slice(texts.length));
  });

  it('agrees on standard attributes', async () => {
    const rows: fc.Arbitrary<JsonObject> = fc.record(
      {
        email: texts,
        jobTitle: fc.oneof(texts, values),
        company: fc.oneof(texts, values),
        country: texts,
        companySize: fc.oneof(fc.integer({ min: -5, max: 60 }), values),
        annualRevenue: fc.oneof(numbers, values),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    const names = fc.constantFrom('email', 'jobTitle', 'company', 'country', 'companySize', 'annualRevenue');
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.constantFrom(...OPERATORS),
        operands,
        fc.array(rows, { maxLength: VALUES_PER_RUN }),
        async (attribute, operator, value, seen) => expectAgreement({ attribute, operator, value }, seen),
      ),
      { numRuns: RUNS / 4 },
    );
  });

  it('agrees on paths: whole keys first, objects descended into, lists not', async () => {
    const keys = fc.constantFrom('a', 'b', 'a.b', 'b.c', 'a.b.c', 'c');
    const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<JsonValue>(1, 'a', null, ['b', 'a.b'], 'b.c'),
        fc.dictionary(keys, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    const objects = fc.dictionary(keys, tree, { maxKeys: 4, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.constantFrom('EXISTS' as const, 'EQUALS' as const, 'NOT_EQUALS' as const),
        fc.array(objects, { minLength: 5, maxLength: VALUES_PER_RUN }),
        async (attribute, operator, rows) => expectAgreement({ attribute, operator, value: 1 }, rows),
      ),
      { numRuns: RUNS / 4 },
    );
  });
});
