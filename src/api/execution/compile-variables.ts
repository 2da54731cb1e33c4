import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';

/** Values of variables by name, as sent or as coerced. */
export type Variables = Readonly<Record<string, unknown>>;
/** Coerces the variables of an operation; throws when anything is wrong with them. */
export type CoerceVariables = (given: Variables) => Variables;

type Coerce = (value: unknown) => unknown;

/** All operations share them; an input type may contain itself. */
const inputCoercers = new WeakMap<GraphQLInputObjectType, Coerce>();

/** Tells that graphql is to look at it and to say what is wrong; nobody sees it, so it carries no trace. */
export const UNUSUAL = new Error('left to graphql');

/**
 * What graphql's `getVariableValues` does, with types looked up once: 6 % of a recordAction that touches no database (`npm run bench:graphql`).
 * It answers for values without fault alone; whatever else comes, it throws, and graphql has to find the words.
 * @param operation of a document that has passed validation.
 */
export function compileVariables(schema: GraphQLSchema, operation: OperationDefinitionNode): CoerceVariables {
  const parts = (operation.variableDefinitions ?? []).map((node) => variableOf(schema, node));
  return (given) => {
    const coerced: Record<string, unknown> = {};
    for (const part of parts) part(given, coerced);
    return coerced;
  };
}

function variableOf(
  schema: GraphQLSchema,
  { variable, type: typeNode, defaultValue }: VariableDefinitionNode,
): (given: Variables, coerced: Record<string, unknown>) => void {
  const name = variable.name.value;
  const type = typeFromAST(schema, typeNode);
  if (!isInputType(type)) throw UNUSUAL;
  const coerce = coercerOf(type);
  return (given, coerced) => {
    if (Object.hasOwn(given, name)) coerced[name] = coerce(given[name]);
    else if (defaultValue) coerced[name] = valueFromAST(defaultValue, type);
    else if (isNonNullType(type)) throw UNUSUAL;
  };
}

function coercerOf(type: GraphQLInputType): Coerce {
  if (isNonNullType(type)) {
    const coerce = coercerOf(type.ofType);
    return (value) => {
      if (value == null) throw UNUSUAL;
      return coerce(value);
    };
  }
  if (isListType(type)) {
    const coerce = coercerOf(type.ofType);
    return (value) => {
      if (value == null) return null;
      // A single value instead of a list is allowed, and rare.
      if (!Array.isArray(value)) throw UNUSUAL;
      return value.map(coerce);
    };
  }
  if (isInputObjectType(type)) {
    const known = inputCoercers.get(type);
    if (known) return known;
    let made: Coerce | undefined;
    const coerce: Coerce = (value) => {
      made ??= objectCoercerOf(type);
      return value == null ? null : made(value);
    };
    inputCoercers.set(type, coerce);
    return coerce;
  }
  return (value) => {
    if (value == null) return null;
    const parsed = type.parseValue(value);
    if (parsed === undefined) throw UNUSUAL;
    return parsed;
  };
}

function objectCoercerOf(type: GraphQLInputObjectType): Coerce {
  const fields = Object.values(type.getFields()).map(({ name, type: fieldType, defaultValue }) => ({
    name,
    coerce: coercerOf(fieldType),
    defaultValue,
    isNeeded: isNonNullType(fieldType) && defaultValue === undefined,
  }));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw UNUSUAL;
    const given = value as Variables;
    const coerced: Record<string, unknown> = {};
    let known = 0;
    for (const { name, coerce, defaultValue, isNeeded } of fields) {
      const part = given[name];
      if (part !== undefined) {
        known++;
        coerced[name] = coerce(part);
      } else if (defaultValue !== undefined) coerced[name] = defaultValue;
      else if (isNeeded) throw UNUSUAL;
    }
    const names = Object.keys(given);
    if (names.length !== known) throw UNUSUAL;
    if (type.isOneOf && (known !== 1 || coerced[names[0] ?? ''] === null)) throw UNUSUAL;
    return coerced;
  };
}
