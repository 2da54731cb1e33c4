import type { SqlParameters } from '../store/sql-parameters.js';
import { wordCharacterRanges } from './word-characters.js';

/**
 * SQL for what the scoring core's conditions see in one value, each null when it sees nothing there. Each is exact (but for
 * numbers of over 4,000 digits), and none can fail on any value that a row may hold: a statement over all contacts must not stop at one odd attribute.
 */
export interface ScalarSql {
  /** As text: strings trimmed and in lower case, numbers as JavaScript prints them. */
  text(): string;
  /** The number that it is or spells, double precision. */
  number(): string;
  /** The instant that an ISO date spells, ms since 1970. */
  instant(): string;
  /** Its words in lower case, each between single spaces. */
  words(parameters: SqlParameters): string;
}

/** What JavaScript's `trim` and `\s` take for white space. */
const WHITE_SPACE =
  "E'\\t\\n\\u000b\\f\\r \\u00a0\\u1680\\u2000\\u2001\\u2002\\u2003\\u2004\\u2005\\u2006\\u2007\\u2008\\u2009\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'";

const NUMERIC_TEXT = "'^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$'";
const ZERO_TEXT = "'^[+-]?[0.]+([eE]|$)'";
/** Exponents of five digits and more are far beyond any double, and beyond what numeric can hold. */
const HUGE_TEXT = "'[eE][+]?0*[1-9][0-9]{4,}$'";
const TINY_TEXT = "'[eE]-0*[1-9][0-9]{4,}$'";
/**
 * Longer texts are no numbers here, whatever they spell: numeric has room for 16,383 decimals, and one text beyond would fail the
 * statement for everybody.
 */
const NUMERIC_TEXT_CHARS_MAX = 4_000;
/** From here on a decimal rounds to infinity; below the other it rounds to zero. */
const DOUBLE_OVERFLOW = '1.7976931348623158e308';
const DOUBLE_UNDERFLOW = '2.4703282292062328e-324';

const ISO_DATE_TIME =
  "'^([0-9]{4})-([0-9]{2})-([0-9]{2})([Tt ]([0-9]{2}):([0-9]{2})(:([0-9]{2})([.,]([0-9]+))?)?[' || " +
  `${WHITE_SPACE} || ']?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?)?$'`;

/** JavaScript prints numbers with an exponent from here on, and below the other. */
const PLAIN_NUMBER_MAX = '1e21';
const PLAIN_NUMBER_MIN = '1e-6';

/**
 * A column or expression of text.
 * @param collation see `textCollation`.
 */
export function textScalar(raw: string, collation: string): ScalarSql {
  return {
    text: () => `lower(${trimmed(raw)} COLLATE ${collation})`,
    number: () => numberOfText(raw),
    instant: () => instantOfText(raw),
    words: (parameters) => wordsOfText(raw, collation, parameters),
  };
}

/** An expression of text that holds a number as JSON writes it. */
export function numberScalar(raw: string, collation: string): ScalarSql {
  return {
    text: () => textOfNumber(raw),
    number: () => `(${raw})::float8`,
    instant: () => 'NULL::float8',
    words: (parameters) => wordsOfText(textOfNumber(raw), collation, parameters),
  };
}

/** A jsonb expression: a string, a number or a boolean; of anything else it sees nothing. */
export function jsonScalar(json: string, collation: string): ScalarSql {
  const raw = `(${json} #>> '{}')`;
  const text = textScalar(raw, collation);
  const number = numberScalar(raw, collation);
  const byType = (ofString: string, ofNumber: string, ofBoolean: string) =>
    `CASE jsonb_typeof(${json}) WHEN 'string' THEN ${ofString} WHEN 'number' THEN ${ofNumber} WHEN 'boolean' THEN ${ofBoolean} END`;
  return {
    text: () => byType(text.text(), number.text(), raw),
    number: () => byType(text.number(), number.number(), 'NULL'),
    instant: () => byType(text.instant(), 'NULL', 'NULL'),
    words: (parameters) => {
      const words = text.words(parameters);
      return byType(words, number.words(parameters), words);
    },
  };
}

function trimmed(raw: string): string {
  return `btrim(${raw}, ${WHITE_SPACE})`;
}

function numberOfText(raw: string): string {
  return `(SELECT CASE
    WHEN length(n.t) > ${NUMERIC_TEXT_CHARS_MAX} OR n.t !~ ${NUMERIC_TEXT} THEN NULL
    WHEN n.t ~ ${ZERO_TEXT} THEN 0
    WHEN n.t ~ ${HUGE_TEXT} THEN NULL
    WHEN n.t ~ ${TINY_TEXT} THEN 0
    WHEN abs(n.t::numeric) >= ${DOUBLE_OVERFLOW} THEN NULL
    WHEN abs(n.t::numeric) <= ${DOUBLE_UNDERFLOW} THEN 0
    ELSE n.t::numeric::float8 END
    FROM (SELECT ${trimmed(raw)} AS t OFFSET 0) n)`;
}

function textOfNumber(raw: string): string {
  const size = `abs((${raw})::numeric)`;
  // 1.5e-07 of PostgreSQL is 1.5e-7 in JavaScript.
  const exponential = `regexp_replace((${raw})::float8::text, 'e([+-])0([0-9])$', 'e\\1\\2')`;
  return `CASE WHEN ${size} >= ${PLAIN_NUMBER_MAX} OR (${size} < ${PLAIN_NUMBER_MIN} AND ${size} > 0)
    THEN ${exponential} ELSE trim_scale((${raw})::numeric)::text END`;
}

/** Days are counted in a 400-year cycle of its own, since `make_date` refuses the year 0. */
function instantOfText(raw: string): string {
  return `(SELECT CASE WHEN i.month BETWEEN 1 AND 12 AND i.day >= 1 AND i.hour <= 23 AND i.minute <= 59 AND i.second <= 59 THEN
    CASE WHEN i.day <= extract(day FROM make_date(2000 + i.year % 400, i.month, 1) + interval '1 month -1 day') THEN
      ((make_date(2000 + i.year % 400, i.month, i.day) - date '1970-01-01') + (i.year / 400 - 5) * 146097)::float8 * 86400000
      + i.hour * 3600000 + i.minute * 60000 + i.second * 1000 + i.ms
      - i.sign * (substr(i.zone, 1, 2)::int * 60 + substr(i.zone, 3, 2)::int) * 60000
    END END
    FROM (SELECT m.p[1]::int AS year, m.p[2]::int AS month, m.p[3]::int AS day, COALESCE(m.p[5]::int, 0) AS hour,
      COALESCE(m.p[6]::int, 0) AS minute, COALESCE(m.p[8]::int, 0) AS second,
      substr(rpad(COALESCE(m.p[10], ''), 3, '0'), 1, 3)::int AS ms,
      CASE WHEN m.p[11] LIKE '-%' THEN -1 ELSE 1 END AS sign,
      rpad(translate(COALESCE(m.p[11], ''), 'zZ+-:', ''), 4, '0') AS zone
      FROM (SELECT regexp_match(${trimmed(raw)}, ${ISO_DATE_TIME}) AS p OFFSET 0) m) i)`;
}

function wordsOfText(raw: string, collation: string, parameters: SqlParameters): string {
  const separators = parameters.shared('word separators', 'text', () => `[^${wordCharacterRanges()}]+`);
  return `(' ' || btrim(regexp_replace(lower(${raw} COLLATE ${collation}), ${separators}, ' ', 'g')) || ' ')`;
}
