import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type GraphQLNamedType, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { buildApiSchema } from '../../src/api/schema/build-schema.js';
import { printApiSchema } from '../../src/api/schema/print-api-schema.js';

const schema = buildApiSchema();

test('schema.graphql is what the code says (npm run schema writes it)', () => {
  const file = readFileSync(path.resolve(import.meta.dirname, '../../schema.graphql'), 'utf8');
  expect(file).toBe(printApiSchema(schema));
});

test('every type, field, argument and enum value is described', () => {
  const own = Object.values(schema.getTypeMap()).filter(
    ({ name }) => !name.startsWith('__') && !BUILT_IN.has(name),
  );
  expect(own.length).toBeGreaterThan(50);
  expect(own.flatMap(undescribed)).toEqual([]);
});

test('inputs of which exactly one field is given say so', () => {
  const oneOf = Object.values(schema.getTypeMap()).filter((type) => isInputObjectType(type) && type.isOneOf);
  expect(oneOf.map(String).sort()).toEqual([
    'BulkActionInput',
    'ContactKey',
    'CriterionInput',
    'ModelChange',
  ]);
});

const BUILT_IN = new Set(['Boolean', 'Float', 'ID', 'Int', 'String']);

function undescribed(type: GraphQLNamedType): string[] {
  const missing = type.description ? [] : [type.name];
  if (isEnumType(type)) {
    return [
      ...missing,
      ...type.getValues().flatMap((value) => (value.description ? [] : [`${type}.${value.name}`])),
    ];
  }
  if (isInputObjectType(type)) {
    return [
      ...missing,
      ...Object.values(type.getFields()).flatMap((field) =>
        field.description ? [] : [`${type}.${field.name}`],
      ),
    ];
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return missing;
  for (const field of Object.values(type.getFields())) {
    if (!field.description) missing.push(`${type}.${field.name}`);
    for (const argument of field.args) {
      if (!argument.description) missing.push(`${type}.${field.name}(${argument.name})`);
    }
  }
  return missing;
}
