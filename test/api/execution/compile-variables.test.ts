import fc from 'fast-check';
import {
  type GraphQLInputType,
  getVariableValues,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { expect, test } from 'vitest';
import { compileVariables, type Variables } from '../../../src/api/execution/compile-variables.js';
import { buildApiSchema } from '../../../src/api/schema/build-schema.js';

const schema = buildApiSchema();
const DEPTH_MAX = 3;

function operationOf(type: string): OperationDefinitionNode {
  const { definitions } = parse(`mutation ($input: ${type}) { __typename }`);
  return definitions[0] as OperationDefinitionNode;
}

/** Values that are mostly right, and now and then not. */
function inputOf(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  const wrong = fc.constantFrom<unknown>(null, '', 'text', 7, 1.5, 2 ** 40, true, {}, [], { nothing: 1 });
  return fc.oneof({ weight: 24, arbitrary: rightOf(type, depth) }, { weight: 1, arbitrary: wrong });
}

function rightOf(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return rightOf(type.ofType, depth);
  if (isListType(type)) return fc.array(inputOf(type.ofType, depth), { maxLength: 3 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    if (depth >= DEPTH_MAX) return fc.constant({});
    const fields = Object.values(type.getFields());
    const parts = Object.fromEntries(fields.map((field) => [field.name, inputOf(field.type, depth + 1)]));
    if (type.isOneOf)
      return fc.oneof(...fields.map(({ name }) => fc.record({ [name]: parts[name] ?? fc.constant(null) })));
    const requiredKeys = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
    return fc.record(parts, { requiredKeys });
  }
  const byName: Record<string, fc.Arbitrary<unknown>> = {
    Int: fc.integer({ min: -100, max: 100 }),
    Float: fc.double({ noNaN: true, noDefaultInfinity: true }),
    Boolean: fc.boolean(),
    DateTime: fc.constantFrom('2026-03-01T09:30:00Z', '2026-02-30T00:00:00Z', '2026-03-01T09:30:00+02:00'),
    JSON: fc.jsonValue({ maxDepth: 2 }),
  };
  return byName[type.name] ?? fc.string({ maxLength: 5 });
}

const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);

test.each(inputs.map((type) => type.name))('%s is coerced as graphql does it, or left to graphql', (name) => {
  const type = inputs.find((one) => one.name === name);
  const operation = operationOf(`${name}!`);
  const coerce = compileVariables(schema, operation);
  fc.assert(
    fc.property(fc.record({ input: inputOf(type as GraphQLInputType, 0) }), (given) => {
      const expected = getVariableValues(schema, operation.variableDefinitions ?? [], given);
      let coerced: Variables | null = null;
      try {
        coerced = coerce(given);
      } catch {
        return expected.errors !== undefined || lists(expected.coerced) > lists(given);
      }
      expect(expected.errors).toBeUndefined();
      expect(coerced).toEqual(expected.coerced);
      return true;
    }),
    { numRuns: 60 },
  );
});

/** How many lists there are: graphql makes one of a single value, which is right and none of what is compiled. */
function lists(value: unknown): number {
  return JSON.stringify(value)?.split('[').length ?? 0;
}

test.each([
  [
    'an action',
    'RecordActionInput!',
    { contact: { email: 'a@b.example' }, type: 'x', properties: { a: [1] } },
  ],
  [
    'with an instant',
    'RecordActionInput!',
    { contact: { id: '1' }, type: 'x', occurredAt: '2026-01-01T00:00:00Z' },
  ],
  ['actions', '[RecordActionInput!]!', [{ contact: { externalId: '1' }, type: 'x', idempotencyKey: null }]],
  ['a default', 'UpsertContactInput!', { contact: { anonymousId: '1' }, firstName: null }],
])('%s is coerced at once, with the same values', (_what, type, input) => {
  const operation = operationOf(type);
  const expected = getVariableValues(schema, operation.variableDefinitions ?? [], { input });
  expect(expected.errors).toBeUndefined();
  expect(compileVariables(schema, operation)({ input })).toEqual(expected.coerced);
});

test.each([
  ['two keys of one contact', { contact: { email: 'a', id: 'b' }, type: 'x' }],
  ['no key', { contact: {}, type: 'x' }],
  ['a null key', { contact: { email: null }, type: 'x' }],
  ['a key that nobody knows', { contact: { email: 'a', phone: '1' }, type: 'x' }],
  ['a field that nobody knows', { contact: { email: 'a' }, type: 'x', kind: 'y' }],
  ['__proto__', JSON.parse('{"contact":{"email":"a"},"type":"x","__proto__":{}}')],
  ['no type', { contact: { email: 'a' } }],
  ['a type that is a number', { contact: { email: 'a' }, type: 7 }],
  ['null', null],
  ['a list', [{ contact: { email: 'a' }, type: 'x' }]],
])('%s is left to graphql, which refuses it', (_what, input) => {
  const operation = operationOf('RecordActionInput!');
  expect(getVariableValues(schema, operation.variableDefinitions ?? [], { input }).errors).toBeDefined();
  expect(() => compileVariables(schema, operation)({ input })).toThrow();
});
