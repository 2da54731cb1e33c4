import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import type { ApiContext } from '../context.js';
import { type CompileArguments, compileArguments } from './compile-arguments.js';
import { compileVariables, UNUSUAL, type Variables } from './compile-variables.js';
import { isRemembered, type RootResults } from './root-results.js';

/** Executes an operation; throws or rejects when anything is not as it should be. */
export type CompiledOperation = (
  given: Variables,
  context: ApiContext,
  roots: RootResults,
) => Promise<Record<string, unknown>>;

type Path = GraphQLResolveInfo['path'];

/** Fields of one operation at most, counted wherever a fragment is spread: short documents can have very many. */
const FIELDS_MAX = 200;

/** One execution. */
interface Run {
  context: ApiContext;
  variables: Variables;
}

type Complete = (value: unknown, run: Run, path: Path | undefined) => unknown;

interface CompiledField {
  key: string;
  /** The value as it is answered, or a promise of it. */
  resolve(source: unknown, run: Run, path: Path | undefined): unknown;
}

/**
 * What graphql's `execute` does with an operation, with everything looked up once that is the same in every request. It knows
 * the usual course alone: at the first fault it gives up, and graphql executes the operation once more with the same
 * `RootResults`, so that errors, nulls and paths are graphql's own.
 * @param document has passed validation.
 * @returns null for what only graphql executes: directives, introspection, interfaces and unions, one of several operations, and
 *   more than `FIELDS_MAX` fields.
 */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CompiledOperation | null {
  const root = schema.getRootType(operation.operation);
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  // What is compiled is kept, so a document may not have it done for each of its operations.
  if (!root || operations.length > 1) return null;
  try {
    const compiler = new OperationCompiler(schema, document, operation);
    const fields = compiler.selection(root, [operation.selectionSet]);
    const coerce = compileVariables(schema, operation);
    const runRoot = operation.operation === OperationTypeNode.MUTATION ? runOneByOne : runFields;
    return async (given, context, roots) => runRoot(fields, roots, { context, variables: coerce(given) });
  } catch (error) {
    if (error === UNUSUAL) return null;
    throw error;
  }
}

class OperationCompiler {
  readonly #info: Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'rootValue' | 'operation'>;
  readonly #fragments: Record<string, FragmentDefinitionNode> = {};
  readonly #root: unknown;
  #fields = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments[definition.name.value] = definition;
    }
    this.#info = { schema, fragments: this.#fragments, rootValue: undefined, operation };
    this.#root = schema.getRootType(operation.operation);
  }

  selection(type: GraphQLObjectType, nodes: readonly SelectionSetNode[]): CompiledField[] {
    const collected = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const node of nodes) this.#collect(type, node, collected, spread);
    return [...collected].map(([key, fieldNodes]) => this.#field(type, key, fieldNodes));
  }

  /** Fields by response key in the order of the document. @param spread fragments that are in: once is enough. */
  #collect(
    type: GraphQLObjectType,
    node: SelectionSetNode,
    into: Map<string, FieldNode[]>,
    spread: Set<string>,
  ): void {
    for (const selection of node.selections) {
      if (selection.directives && selection.directives.length > 0) throw UNUSUAL;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const known = into.get(key);
        if (known) known.push(selection);
        else into.set(key, [selection]);
        continue;
      }
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
      if (isSpread && spread.has(selection.name.value)) continue;
      if (isSpread) spread.add(selection.name.value);
      const fragment = isSpread ? this.#fragments[selection.name.value] : selection;
      const on = fragment?.typeCondition?.name.value ?? type.name;
      if (!fragment || on !== type.name) throw UNUSUAL;
      this.#collect(type, fragment.selectionSet, into, spread);
    }
  }

  #field(parent: GraphQLObjectType, key: string, nodes: FieldNode[]): CompiledField {
    this.#fields++;
    if (this.#fields > FIELDS_MAX) throw UNUSUAL;
    const name = nodes[0]?.name.value ?? '';
    if (name === '__typename') return { key, resolve: () => parent.name };
    const field = parent.getFields()[name];
    // A key of this name would set the prototype.
    if (!field || key === '__proto__') throw UNUSUAL;
    if (parent === this.#root && !isRemembered(field.resolve)) throw UNUSUAL;
    const complete = this.#complete(field.type, nodes);
    const read = this.#reader(parent, field, nodes);
    return {
      key,
      resolve: (source, run, path) => {
        const own = { prev: path, key, typename: parent.name };
        const value = read(source, run, own);
        if (!isPromise(value)) return complete(value, run, own);
        return value.then((done) => complete(done, run, own));
      },
    };
  }

  /** Calls the field's resolver, or takes the property of its name as graphql does. */
  #reader(
    parent: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    fieldNodes: FieldNode[],
  ): (source: unknown, run: Run, path: Path) => unknown {
    const { name: fieldName, type: returnType, resolve } = field;
    const readArguments: CompileArguments = compileArguments(field, fieldNodes[0]);
    const fixed = { ...this.#info, fieldName, fieldNodes, returnType, parentType: parent };
    const infoOf = (run: Run, path: Path): GraphQLResolveInfo => ({
      ...fixed,
      path,
      variableValues: run.variables as GraphQLResolveInfo['variableValues'],
    });
    if (resolve) {
      return (source, run, path) =>
        resolve(source, readArguments(run.variables), run.context, infoOf(run, path));
    }
    return (source, run, path) => {
      if (typeof source !== 'object' || source === null) throw UNUSUAL;
      const value: unknown = (source as Record<string, unknown>)[fieldName];
      if (typeof value !== 'function') return value;
      return value.call(source, readArguments(run.variables), run.context, infoOf(run, path));
    };
  }

  #complete(type: GraphQLOutputType, nodes: FieldNode[]): Complete {
    if (isNonNullType(type)) {
      const complete = this.#complete(type.ofType, nodes);
      return (value, run, path) => {
        const done = complete(value, run, path);
        if (done === null) throw UNUSUAL;
        return isPromise(done) ? done.then(notNull) : done;
      };
    }
    if (isListType(type)) return listOf(this.#complete(type.ofType, nodes));
    if (isLeafType(type)) {
      return (value) => {
        if (value == null) return null;
        if (value instanceof Error) throw UNUSUAL;
        const serialised: unknown = type.serialize(value);
        if (serialised == null) throw UNUSUAL;
        return serialised;
      };
    }
    if (!isObjectType(type) || type.isTypeOf) throw UNUSUAL;
    const selections = nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
    const fields = this.selection(type, selections);
    return (value, run, path) => {
      if (value == null) return null;
      if (value instanceof Error) throw UNUSUAL;
      return runFields(fields, value, run, path);
    };
  }
}

function listOf(complete: Complete): Complete {
  return (value, run, path) => {
    if (value == null) return null;
    if (!Array.isArray(value)) throw UNUSUAL;
    const items: unknown[] = [];
    try {
      value.forEach((item: unknown, key) => {
        const own = { prev: path, key, typename: undefined };
        items.push(
          isPromise(item) ? item.then((done) => complete(done, run, own)) : complete(item, run, own),
        );
      });
    } catch (error) {
      abandon(items.filter(isPromise));
      throw error;
    }
    return items.some(isPromise) ? Promise.all(items) : items;
  };
}

/** Of those under way others may fail as well, and nobody waits for them any more. */
function abandon(pending: readonly Promise<unknown>[]): void {
  for (const one of pending) one.catch(() => undefined);
}

type Data = Record<string, unknown>;

function runFields(
  fields: readonly CompiledField[],
  source: unknown,
  run: Run,
  path?: Path,
): Data | Promise<Data> {
  const data: Data = {};
  const pending: Promise<void>[] = [];
  try {
    for (const field of fields) {
      const { key } = field;
      const value = field.resolve(source, run, path);
      data[key] = value;
      if (!isPromise(value)) continue;
      pending.push(
        value.then((done) => {
          data[key] = done;
        }),
      );
    }
  } catch (error) {
    abandon(pending);
    throw error;
  }
  return pending.length === 0 ? data : Promise.all(pending).then(() => data);
}

/** The fields of a mutation: each begins when the one before it is done. */
async function runOneByOne(fields: readonly CompiledField[], source: unknown, run: Run): Promise<Data> {
  const data: Data = {};
  for (const { key, resolve } of fields) data[key] = await resolve(source, run, undefined);
  return data;
}

function notNull(value: unknown): unknown {
  if (value === null) throw UNUSUAL;
  return value;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
