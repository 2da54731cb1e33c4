import 'reflect-metadata';
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import type { JsonValue } from '../scoring/json-value.js';

/** How deep a JSON literal in a query may nest; deeper values come in variables. */
const JSON_LITERAL_DEPTH_MAX = 32;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/** Reads RFC 3339 (`2026-03-01T09:30:00Z`, any offset); digits beyond the millisecond are dropped. */
export function parseDateTime(text: unknown): Date {
  const parts = typeof text === 'string' ? RFC_3339.exec(text) : null;
  if (!parts) {
    throw new GraphQLError('Give an instant in RFC 3339 with an offset, such as "2026-03-01T09:30:00Z".');
  }
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  // Date.parse lets 30 February pass as 2 March.
  const inCalendar = month! >= 1 && month! <= 12 && day! >= 1 && day! <= daysIn(year!, month!);
  const inDay = hour! <= 23 && minute! <= 59 && second! <= 59;
  const ms = inCalendar && inDay ? Date.parse((text as string).replace(' ', 'T').toUpperCase()) : Number.NaN;
  if (Number.isNaN(ms)) throw new GraphQLError(`There is no instant "${String(text)}".`);
  return new Date(ms);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function serializeDateTime(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number') return new Date(value).toISOString();
  throw new TypeError(`DateTime cannot show a ${typeof value}`);
}

/** An instant: RFC 3339 in, UTC with milliseconds out; a Date (or, from resolvers, ms since 1970) inside. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description:
    'An instant in RFC 3339, such as "2026-03-01T09:30:00Z". Any offset is read; answers are in UTC with milliseconds.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: serializeDateTime,
  parseValue: parseDateTime,
  parseLiteral: (node) => {
    if (node.kind !== Kind.STRING)
      throw new GraphQLError('Give an instant as a string in RFC 3339.', { nodes: node });
    return parseDateTime(node.value);
  },
});

const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const YEAR_MIN = 1970;

/** Reads a date of the calendar, years 1970 to 9999. */
export function parseDate(text: unknown): string {
  const parts = typeof text === 'string' ? ISO_DATE.exec(text) : null;
  if (!parts) throw new GraphQLError('Give a date as YYYY-MM-DD, such as "2026-03-01".');
  const [, year, month, day] = parts.map(Number);
  const isThere =
    year! >= YEAR_MIN && month! >= 1 && month! <= 12 && day! >= 1 && day! <= daysIn(year!, month!);
  if (!isThere) throw new GraphQLError(`There is no date "${parts[0]}" in the years ${YEAR_MIN} to 9999.`);
  return parts[0];
}

function serializeDate(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`Date cannot show a ${typeof value}`);
}

/** A date without a time, the same text inside and outside. */
export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description:
    'A date of the calendar as YYYY-MM-DD, years 1970 to 9999, such as "2026-03-01". Which instants it stands for depends on the time zone.',
  serialize: serializeDate,
  parseValue: parseDate,
  parseLiteral: (node) => {
    if (node.kind !== Kind.STRING)
      throw new GraphQLError('Give a date as a string, YYYY-MM-DD.', { nodes: node });
    return parseDate(node.value);
  },
});

function jsonLiteral(
  node: ValueNode,
  variables: Record<string, unknown> | null | undefined,
  depth: number,
): JsonValue {
  if (depth > JSON_LITERAL_DEPTH_MAX) {
    throw new GraphQLError(`A JSON literal nests at most ${JSON_LITERAL_DEPTH_MAX} deep; use a variable.`, {
      nodes: node,
    });
  }
  switch (node.kind) {
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((item) => jsonLiteral(item, variables, depth + 1));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map((field) => [field.name.value, jsonLiteral(field.value, variables, depth + 1)]),
      );
    case Kind.VARIABLE:
      return (variables?.[node.name.value] ?? null) as JsonValue;
    default:
      return null;
  }
}

/** Any JSON value, as it is. */
export const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value: an object, a list, a string, a number, true, false or null.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => jsonLiteral(node, variables, 0),
});
