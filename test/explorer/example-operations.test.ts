import { getVariableValues, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { EXAMPLE_OPERATIONS } from '../../src/api/explorer/example-operations.js';
import { buildApiSchema } from '../../src/api/schema/build-schema.js';

const schema = buildApiSchema();

function operationsOf(query: string): OperationDefinitionNode[] {
  return parse(query).definitions.filter((part) => part.kind === Kind.OPERATION_DEFINITION);
}

test.each(
  EXAMPLE_OPERATIONS.map((example) => [operationsOf(example.query)[0]?.name?.value ?? '', example] as const),
)('%s can be sent as it is', (_name, { query, variables = {} }) => {
  expect(validate(schema, parse(query))).toEqual([]);
  const given = variables.until === null ? { ...variables, until: '2030-01-01T00:00:00.000Z' } : variables;
  const definitions = operationsOf(query)[0]?.variableDefinitions ?? [];
  expect(getVariableValues(schema, definitions, given).errors).toBeUndefined();
  expect(Object.keys(given).sort()).toEqual(definitions.map((each) => each.variable.name.value).sort());
});

test('each has one operation with a name of its own, and the first has no variables', () => {
  const names = EXAMPLE_OPERATIONS.flatMap(({ query }) =>
    operationsOf(query).map((each) => each.name?.value),
  );
  expect(new Set(names).size).toBe(EXAMPLE_OPERATIONS.length);
  expect(names).not.toContain(undefined);
  expect(EXAMPLE_OPERATIONS[0]?.variables).toBeUndefined();
});

test('queries, mutations and subscriptions are among them', () => {
  const kinds = EXAMPLE_OPERATIONS.flatMap(({ query }) => operationsOf(query).map((each) => each.operation));
  expect(new Set(kinds)).toEqual(new Set(['query', 'mutation', 'subscription']));
});
