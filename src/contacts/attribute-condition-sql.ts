import { numberOf, spacedWords } from '../scoring/compile-condition.js';
import { parseIsoInstant } from '../scoring/iso-instant.js';
import type { JsonValue } from '../scoring/json-value.js';
import type {
  AttributeCondition,
  Condition,
  Operator,
  PropertyCondition,
} from '../scoring/model-definition.js';
import type { SqlParameters } from '../store/sql-parameters.js';
import { type AttributeSource, attributeSource, propertySource } from './attribute-source.js';
import { jsonScalar, numberScalar, type ScalarSql, textScalar } from './scalar-sql.js';

type Scalar = string | number | boolean;
type ScalarTestSql = (value: ScalarSql) => string;

const FALSE = 'FALSE';

const POSITIVE_OF: Partial<Record<Operator, Operator>> = {
  NOT_EQUALS: 'EQUALS',
  NOT_IN: 'IN',
  NOT_CONTAINS: 'CONTAINS',
  NOT_EXISTS: 'EXISTS',
};

const COMPARISONS: Partial<Record<Operator, string>> = { GT: '>', GTE: '>=', LT: '<', LTE: '<=' };

/**
 * A condition on an attribute of `contacts c` as SQL that is true or false, never null. It holds for exactly the values for
 * which `compileCondition` of the scoring core holds; a test compares the two on random values.
 * @param collation see `textCollation`.
 */
export function attributeConditionSql(
  condition: AttributeCondition,
  collation: string,
  parameters: SqlParameters,
): string {
  return conditionSql(condition, attributeSource(condition.attribute, parameters), collation, parameters);
}

/**
 * The same for a property of an action.
 * @param object SQL of the jsonb that holds the properties.
 */
export function propertyConditionSql(
  condition: PropertyCondition,
  object: string,
  collation: string,
  parameters: SqlParameters,
): string {
  return conditionSql(
    condition,
    propertySource(object, condition.property, parameters),
    collation,
    parameters,
  );
}

function conditionSql(
  condition: Condition,
  source: AttributeSource,
  collation: string,
  parameters: SqlParameters,
): string {
  const positive = POSITIVE_OF[condition.operator];
  const sql = positiveSql(
    { ...condition, operator: positive ?? condition.operator },
    source,
    collation,
    parameters,
  );
  return positive === undefined ? sql : `(NOT ${sql})`;
}

function positiveSql(
  condition: Condition,
  { column, json, isPresent }: AttributeSource,
  collation: string,
  parameters: SqlParameters,
): string {
  const whenPresent = (sql: string) => (isPresent === null ? sql : `(${isPresent} AND ${sql})`);
  if (condition.operator === 'EXISTS') {
    const exists = whenPresent(`COALESCE(jsonb_typeof(${json}) <> 'null', FALSE)`);
    return column ? `(${column.sql} IS NOT NULL OR ${exists})` : exists;
  }
  const test = scalarTest(condition.operator, condition.value, parameters);
  // Most contacts have none of the attributes that somebody may ask for: the look at the keys spares 9 of 10 parts of the work.
  const onJson = whenPresent(onSomeElement(json, collation, test));
  if (column === null) return onJson;
  // A number's text by way of jsonb, which prints doubles in full and without an exponent.
  const scalar =
    column.type === 'text'
      ? textScalar(column.sql, collation)
      : numberScalar(`(to_jsonb(${column.sql}) #>> '{}')`, collation);
  return `CASE WHEN ${column.sql} IS NOT NULL THEN COALESCE(${test(scalar)}, FALSE) ELSE ${onJson} END`;
}

/** Lists are looked into at any depth, as the core does; a value that is no list is spared the recursion. */
function onSomeElement(json: string, collation: string, test: ScalarTestSql): string {
  const some = `EXISTS (WITH RECURSIVE elements(v) AS (
      SELECT a.v UNION ALL
      SELECT item.value FROM elements, jsonb_array_elements(
        CASE jsonb_typeof(elements.v) WHEN 'array' THEN elements.v ELSE '[]'::jsonb END) AS item
    ) SELECT FROM elements WHERE ${test(jsonScalar('elements.v', collation))})`;
  const alone = test(jsonScalar('a.v', collation));
  return `COALESCE((SELECT CASE jsonb_typeof(a.v) WHEN 'array' THEN ${some} ELSE ${alone} END
    FROM (SELECT ${json} AS v OFFSET 0) a), FALSE)`;
}

function scalarTest(
  operator: Operator,
  operand: JsonValue | undefined,
  parameters: SqlParameters,
): ScalarTestSql {
  switch (operator) {
    case 'EQUALS':
      return equalTo(scalarsOf(operand).slice(0, 1), parameters);
    case 'IN':
      return equalTo(scalarsOf(operand), parameters);
    case 'CONTAINS':
      return onSomeNeedle(operand, parameters, (text, needle) => `strpos(${text}, ${needle}) > 0`);
    case 'STARTS_WITH':
      return onSomeNeedle(operand, parameters, (text, needle) => `starts_with(${text}, ${needle})`);
    case 'ENDS_WITH':
      return onSomeNeedle(
        operand,
        parameters,
        (text, needle) => `right(${text}, char_length(${needle})) = ${needle}`,
      );
    case 'MATCHES_WORD':
      return wordTest(scalarsOf(operand), parameters);
    case 'BETWEEN': {
      const bounds = Array.isArray(operand) ? operand : [];
      const [low, high] = [comparison('>=', bounds[0], parameters), comparison('<=', bounds[1], parameters)];
      return (value) => `(${low(value)} AND ${high(value)})`;
    }
    default:
      return comparison(COMPARISONS[operator] ?? '=', operand, parameters);
  }
}

function scalarsOf(operand: JsonValue | undefined): Scalar[] {
  const entries = Array.isArray(operand) ? operand : [operand];
  return entries.filter((entry) => entry !== undefined && entry !== null && typeof entry !== 'object');
}

function textOf(value: Scalar): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : String(value);
}

/** Equal texts are both numeric or both not, so that texts need not be asked whether they spell a number. */
function equalTo(operands: Scalar[], parameters: SqlParameters): ScalarTestSql {
  const numbers = operands.map(numberOf).filter((number) => number !== null);
  const texts = operands.filter((operand) => numberOf(operand) === null).map(textOf);
  const numberList = numbers.length > 0 ? parameters.add(numbers, 'float8[]') : null;
  const textList = texts.length > 0 ? parameters.add(texts, 'text[]') : null;
  return (value) => {
    const tests: string[] = [];
    if (textList !== null) tests.push(`${value.text()} = ANY(${textList})`);
    if (numberList !== null) tests.push(`${value.number()} = ANY(${numberList})`);
    return tests.length === 0 ? FALSE : `(${tests.map((test) => `COALESCE(${test}, FALSE)`).join(' OR ')})`;
  };
}

function onSomeNeedle(
  operand: JsonValue | undefined,
  parameters: SqlParameters,
  test: (text: string, needle: string) => string,
): ScalarTestSql {
  const needles = scalarsOf(operand).map(textOf);
  if (needles.length === 0) return () => FALSE;
  const list = parameters.add(needles, 'text[]');
  return (value) =>
    `EXISTS (SELECT FROM unnest(${list}) AS w(needle) WHERE ${test(value.text(), 'w.needle')})`;
}

function wordTest(keywords: Scalar[], parameters: SqlParameters): ScalarTestSql {
  const needles = keywords.map((keyword) => spacedWords(String(keyword))).filter((words) => words !== '');
  if (needles.length === 0) return () => FALSE;
  const list = parameters.add(needles, 'text[]');
  return (value) =>
    `(SELECT bool_or(strpos(v.words, w.needle) > 0) FROM (SELECT ${value.words(parameters)} AS words OFFSET 0) v, unnest(${list}) AS w(needle))`;
}

/** Numeric when the operand is or spells a number, by instant when it is an ISO date, else it holds for nothing. */
function comparison(
  operator: string,
  operand: JsonValue | undefined,
  parameters: SqlParameters,
): ScalarTestSql {
  const number = numberOf(operand);
  if (number !== null) {
    const bound = parameters.add(number, 'float8');
    return (value) => `${value.number()} ${operator} ${bound}`;
  }
  const instant = typeof operand === 'string' ? parseIsoInstant(operand) : null;
  if (instant === null) return () => FALSE;
  const bound = parameters.add(instant, 'float8');
  return (value) => `${value.instant()} ${operator} ${bound}`;
}
