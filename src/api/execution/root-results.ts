import type { GraphQLFieldResolver, GraphQLObjectType } from 'graphql';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

const remembering = new WeakSet<Resolver>();

/**
 * What the root resolvers of one request gave, by response key. Whoever executes the same operation again with it, as its root
 * value, gets the same and calls none of them twice: a mutation must not be.
 */
export class RootResults {
  readonly #results = new Map<string | number, () => unknown>();

  /** @param resolve called unless the field has been resolved before. */
  of(key: string | number, resolve: () => unknown): unknown {
    let give = this.#results.get(key);
    if (!give) {
      give = outcomeOf(resolve);
      this.#results.set(key, give);
    }
    return give();
  }
}

/** Gives the result of a call, or throws its error, as often as asked. */
function outcomeOf(resolve: () => unknown): () => unknown {
  try {
    const result = resolve();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Lets the fields of a root type be resolved once for all executions that share a `RootResults`. */
export function rememberRootResults(type: GraphQLObjectType): void {
  for (const field of Object.values(type.getFields())) {
    const { resolve } = field;
    if (!resolve) continue;
    const remembered: Resolver = (source, args, context, info) =>
      source instanceof RootResults
        ? source.of(info.path.key, () => resolve(undefined, args, context, info))
        : resolve(source, args, context, info);
    remembering.add(remembered);
    field.resolve = remembered;
  }
}

/** Whether the resolver of a root field may be asked again. */
export function isRemembered(resolve: Resolver | undefined): boolean {
  return resolve !== undefined && remembering.has(resolve);
}
