import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { LeadpulseError } from '../errors.js';
import { PAGE_NODES_DEFAULT } from './pagination.js';

/** What one operation may cost: about as many objects as it may answer with. */
const COST_MAX = 50_000;
const COST_SHOWN_MAX = 1e12;
/** Elements that a list without `first` or `last` is taken to have. */
const LIST_ELEMENTS_ASSUMED = 5;
/** Arguments that list what is asked for, such as the keys of contactsByKey. */
const LIST_ARGUMENTS = ['keys', 'ids'];
/** Arguments that say how much there may be below a field. */
const SIZE_ARGUMENTS = ['first', 'last', 'batchMax'];
const SIZE_MAX = 1_000;

/**
 * What a report costs however little it answers with, for `@Extensions({ flatCost: REPORT_COST })`: it looks at all contacts.
 * Every report of `Analytics` fits into one request, the same one twenty times does not.
 */
export const REPORT_COST = 2_500;

type Variables = Readonly<Record<string, unknown>>;
type CostOf = (variables: Variables) => number;

/** Per schema field: what it costs beside its sub-selection (`complexity` of the field), else 1 for objects. */
function ownCost(field: GraphQLField<unknown, unknown>): number {
  const given: unknown = field.extensions.complexity;
  if (typeof given === 'number') return given;
  return isCompositeType(getNamedType(field.type)) ? 1 : 0;
}

/** What a field costs once, however large its page is. */
function flatCost(field: GraphQLField<unknown, unknown>): number {
  const given: unknown = field.extensions.flatCost;
  return typeof given === 'number' ? given : 0;
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

/** The costs of operations by document; a document is read once, its variables each time. */
export class QueryCost {
  readonly #schema: GraphQLSchema;
  readonly #known = new WeakMap<OperationDefinitionNode, CostOf>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /**
   * What is wrong with an operation that asks for too much, or null: every object counts 1, times `first` or `last` of the
   * pages above it.
   * @param operation of a document that has passed validation.
   * @returns TOO_COMPLEX, or null.
   */
  fault(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
  ): GraphQLError | null {
    let costOf = this.#known.get(operation);
    if (!costOf) {
      costOf = compileCost(this.#schema, document, operation);
      this.#known.set(operation, costOf);
    }
    const cost = costOf(variables);
    if (cost <= COST_MAX) return null;
    const message = `This operation could answer with about ${Math.min(cost, COST_SHOWN_MAX)} objects and may with ${COST_MAX}: ask for smaller pages or fewer fields.`;
    return new GraphQLError(message, { originalError: new LeadpulseError('TOO_COMPLEX', message) });
  }
}

function compileCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CostOf {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const root = schema.getRootType(operation.operation);
  const compiler = new CostCompiler(schema, fragments);
  return root ? compiler.selection(operation.selectionSet, root.name, false) : () => 0;
}

class CostCompiler {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** A fragment is compiled once, however often it is spread: nested spreads would double the work each time. */
  readonly #compiled = new Map<string, CostOf>();

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#schema = schema;
    this.#fragments = fragments;
  }

  /** @param counted true inside a page, whose size is already counted where the page is asked for. */
  selection(node: SelectionSetNode, typeName: string, counted: boolean): CostOf {
    const parts = node.selections.map((selection): CostOf => {
      if (selection.kind === Kind.FIELD) return this.#field(selection, typeName, counted);
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return this.selection(
          selection.selectionSet,
          selection.typeCondition?.name.value ?? typeName,
          counted,
        );
      }
      return this.#fragment(selection.name.value, counted);
    });
    return sumOf(parts);
  }

  #fragment(name: string, counted: boolean): CostOf {
    const key = `${name} ${counted}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const fragment = this.#fragments.get(name);
    const cost = fragment
      ? this.selection(fragment.selectionSet, fragment.typeCondition.name.value, counted)
      : () => 0;
    this.#compiled.set(key, cost);
    return cost;
  }

  #field(node: FieldNode, typeName: string, counted: boolean): CostOf {
    const parent = this.#schema.getType(typeName);
    const field = isObjectType(parent) ? parent.getFields()[node.name.value] : undefined;
    // Introspection has no fields here; its size is bounded by the schema's.
    if (!field || !isObjectType(parent)) return () => 0;
    const type = getNamedType(field.type);
    const own = ownCost(field);
    const isPage = field.args.some((argument) => SIZE_ARGUMENTS.includes(argument.name));
    const children = node.selectionSet ? this.selection(node.selectionSet, type.name, isPage) : () => 0;
    const times = isPage ? pageSize(node) : listSize(node, field.type, counted);
    const flat = flatCost(field);
    return (variables) => flat + times(variables) * (own + children(variables));
  }
}

function sumOf(parts: CostOf[]): CostOf {
  return (variables) => parts.reduce((sum, part) => sum + part(variables), 0);
}

function pageSize(node: FieldNode): CostOf {
  const given = node.arguments?.filter(({ name }) => SIZE_ARGUMENTS.includes(name.value)) ?? [];
  const sizes = given.map(({ value }) => numberOf(value));
  return (variables) => {
    const known = sizes.map((size) => size(variables)).filter((size) => size !== null);
    return known.length === 0 ? PAGE_NODES_DEFAULT : Math.min(Math.max(...known, 1), SIZE_MAX);
  };
}

function listSize(node: FieldNode, type: GraphQLOutputType, counted: boolean): CostOf {
  const named = node.arguments?.find(({ name }) => LIST_ARGUMENTS.includes(name.value));
  if (named) return lengthOf(named.value);
  const size = isList(type) && !counted ? LIST_ELEMENTS_ASSUMED : 1;
  return () => size;
}

function numberOf(node: ValueNode): (variables: Variables) => number | null {
  if (node.kind === Kind.INT) return () => Number(node.value);
  if (node.kind !== Kind.VARIABLE) return () => null;
  return (variables) => {
    const value = variables[node.name.value];
    return typeof value === 'number' ? value : null;
  };
}

function lengthOf(node: ValueNode): CostOf {
  if (node.kind === Kind.LIST) return () => node.values.length;
  if (node.kind !== Kind.VARIABLE) return () => 1;
  return (variables) => {
    const value = variables[node.name.value];
    return Array.isArray(value) ? value.length : 1;
  };
}
