import { createParameterDecorator, type ParameterDecorator } from 'type-graphql';
import type { ApiContext } from './context.js';

type CustomParameter = NonNullable<Parameters<typeof createParameterDecorator>[1]>;
type TypeFunc = NonNullable<CustomParameter['arg']>['typeFunc'];

interface RawArgOptions {
  nullable?: boolean;
}

/**
 * Declares an argument and hands it to the resolver as graphql coerced it: plain objects in which an absent field is absent
 * and null is null. type-graphql's own `@Arg` makes class instances, in which the two cannot be told apart.
 * @param name the argument's name.
 * @param typeFunc its GraphQL type.
 * @param description what the schema says about it.
 */
export function RawArg(
  name: string,
  typeFunc: TypeFunc,
  description: string,
  options: RawArgOptions = {},
): ParameterDecorator {
  return createParameterDecorator<ApiContext>(({ args }) => args[name], {
    arg: { name, typeFunc, options: { ...options, description } },
  });
}
