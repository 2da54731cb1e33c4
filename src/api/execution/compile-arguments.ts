import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql';
import { UNUSUAL, type Variables } from './compile-variables.js';

/** The arguments of a field, by the variables of the request; throws when they are wrong. */
export type CompileArguments = (variables: Variables) => Record<string, unknown>;

type TakeArgument = (variables: Variables, into: Record<string, unknown>) => void;

/** What graphql's `getArgumentValues` does, with the field's arguments and those of the document matched once. */
export function compileArguments(
  { args }: GraphQLField<unknown, unknown>,
  node: FieldNode | undefined,
): CompileArguments {
  const given = new Map(node?.arguments?.map(({ name, value }) => [name.value, value]));
  const parts = args.map((argument) => takerOf(argument, given.get(argument.name)));
  return (variables) => {
    const values: Record<string, unknown> = {};
    for (const part of parts) part(variables, values);
    return values;
  };
}

function takerOf({ name, type, defaultValue }: GraphQLArgument, node: ValueNode | undefined): TakeArgument {
  const takeDefault: TakeArgument = (_variables, into) => {
    if (defaultValue !== undefined) into[name] = defaultValue;
    else if (isNonNullType(type)) throw UNUSUAL;
  };
  if (!node) return takeDefault;
  const variable = node.kind === Kind.VARIABLE ? node.name.value : null;
  const takeValue: TakeArgument = (variables, into) => {
    const value: unknown = variable === null ? valueFromAST(node, type, variables) : variables[variable];
    if (value === undefined || (value === null && isNonNullType(type))) throw UNUSUAL;
    into[name] = value;
  };
  if (variable === null) return takeValue;
  return (variables, into) =>
    Object.hasOwn(variables, variable) ? takeValue(variables, into) : takeDefault(variables, into);
}
