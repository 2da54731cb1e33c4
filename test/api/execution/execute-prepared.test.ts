import fc from 'fast-check';
import {
  type DocumentNode,
  execute,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import type { ApiContext } from '../../../src/api/context.js';
import {
  executePrepared,
  type PreparedOperation,
  prepareOperation,
} from '../../../src/api/execution/execute-prepared.js';
import { rememberRootResults } from '../../../src/api/execution/root-results.js';

/** How a field is answered; what is not said is left out of the source. */
interface Behaviour {
  how: 'value' | 'later' | 'throw' | 'reject' | 'error';
  value?: unknown;
}

type Source = Record<string, Behaviour>;

const FIELDS: Record<string, (node: GraphQLOutputType) => GraphQLOutputType> = {
  number: () => GraphQLInt,
  count: () => new GraphQLNonNull(GraphQLInt),
  text: () => GraphQLString,
  child: (node) => node,
  must: (node) => new GraphQLNonNull(node),
  some: (node) => new GraphQLList(node),
  many: (node) => new GraphQLNonNull(new GraphQLList(node)),
  // Not among the random ones: when an item throws, graphql 16 leaves the promises of those before it to nobody.
  strict: (node) => new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(node))),
};

/** A schema whose root fields count how often they are called. */
function schemaOf(source: Source, called: string[]): GraphQLSchema {
  const node: GraphQLObjectType = new GraphQLObjectType({
    name: 'Node',
    fields: () => ({
      ...Object.fromEntries(
        Object.entries(FIELDS).map(([name, typeOf]) => [
          name,
          { type: typeOf(node), resolve: (from: Source) => answer(from[name]) },
        ]),
      ),
      plain: { type: GraphQLString },
    }),
  });
  const rootOf = (name: string) =>
    new GraphQLObjectType({
      name,
      fields: Object.fromEntries(
        Object.entries(FIELDS).map(([field, typeOf]) => [
          field,
          {
            type: typeOf(node),
            args: { add: { type: GraphQLInt, defaultValue: 0 } },
            resolve: (_root: unknown, { add }: { add: number }) => {
              called.push(`${field} ${add}`);
              return answer(source[field]);
            },
          },
        ]),
      ),
    });
  const schema = new GraphQLSchema({ query: rootOf('Query'), mutation: rootOf('Mutation') });
  for (const root of [schema.getQueryType(), schema.getMutationType()]) if (root) rememberRootResults(root);
  return schema;
}

function answer(behaviour: Behaviour | undefined): unknown {
  if (behaviour === undefined) return null;
  if (behaviour.how === 'throw') throw new Error('thrown');
  if (behaviour.how === 'reject') return Promise.reject(new Error('rejected'));
  if (behaviour.how === 'error') return new Error('returned');
  const { how, value } = behaviour;
  // Made here, so that no promise lies about that nobody waits for.
  const made = Array.isArray(value) ? value.map(itemOf) : value;
  return how === 'later' ? Promise.resolve(made) : made;
}

function itemOf(item: unknown): unknown {
  const isLater = typeof item === 'object' && item !== null && 'later' in item;
  return isLater ? Promise.resolve(item.later) : item;
}

const DEPTH_MAX = 3;
const leaf = fc.constantFrom<unknown>(1, 2, 'text', null, undefined, 1.5);
const soon = fc.constantFrom('value', 'later');

/** Mostly sound; every kind of fault now and then. */
function behaviourOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 40, arbitrary: fc.record({ how: soon, value }) },
    { weight: 1, arbitrary: fc.record({ how: fc.constantFrom('throw', 'reject', 'error') }) },
    { weight: 1, arbitrary: fc.record({ how: soon, value: leaf }) },
  );
}

function sourceOf(depth: number): fc.Arbitrary<Source> {
  const child: fc.Arbitrary<unknown> = depth >= DEPTH_MAX ? fc.constant(null) : sourceOf(depth + 1);
  const later = child.map((value) => ({ later: value }));
  const items = fc.array(fc.oneof({ weight: 5, arbitrary: child }, { weight: 1, arbitrary: later }), {
    maxLength: depth >= DEPTH_MAX ? 0 : 2,
  });
  return fc.record({
    number: behaviourOf(fc.constantFrom(1, 2, null)),
    count: behaviourOf(fc.nat(9)),
    text: behaviourOf(fc.constantFrom('a', '', 1, null)),
    child: behaviourOf(fc.option(child)),
    must: behaviourOf(child),
    some: behaviourOf(fc.option(items)),
    many: behaviourOf(items),
    plain: fc.constantFrom('plain', null, () => 'called'),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<Source>;
}

function selectionOf(depth: number): fc.Arbitrary<string> {
  const leaves = fc.constantFrom('number', 'count', 'text', 'plain', '__typename', 'n: number', '...Leaves');
  const nested = () => [
    fc
      .tuple(fc.constantFrom('child', 'must', 'some', 'many', 'c: child', 'm: many'), selectionOf(depth + 1))
      .map(([name, inner]) => `${name} ${inner}`),
    selectionOf(depth + 1).map((inner) => `... on Node ${inner}`),
  ];
  const part = depth >= DEPTH_MAX ? leaves : fc.oneof(leaves, ...nested());
  return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `{ ${parts.join(' ')} }`);
}

const operation = fc
  .tuple(
    fc.constantFrom('query', 'mutation'),
    fc.array(fc.tuple(fc.constantFrom('child', 'must', 'some', 'many'), selectionOf(0)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([kind, fields]) => {
    const roots = fields.map(([name, inner], index) => `f${index}: ${name}(add: $add) ${inner}`);
    return `${kind} ($add: Int) { ${roots.join(' ')} count } fragment Leaves on Node { text number }`;
  });

/** Each fragment asks for the next one under two names. */
function doubling(levels: number): string {
  const fragments = Array.from({ length: levels }, (_, level) => {
    const inner = level + 1 < levels ? `...F${level + 1}` : 'count';
    return `fragment F${level} on Node { a: child { ${inner} } b: child { ${inner} } }`;
  });
  return `{ count child { ...F0 } } ${fragments.join(' ')}`;
}

/** Each fragment spreads the next one twice, at last one with a directive, which graphql is to execute. */
function spreading(levels: number): string {
  const fragments = Array.from({ length: levels }, (_, level) => {
    const inner = level + 1 < levels ? `...F${level + 1}` : 'count @skip(if: false)';
    return `fragment F${level} on Node { child { ${inner} } child { ${inner} } }`;
  });
  return `{ count child { ...F0 } } ${fragments.join(' ')}`;
}

const context = {} as ApiContext;

function preparedOf(schema: GraphQLSchema, document: DocumentNode): PreparedOperation {
  const found = getOperationAST(document);
  if (!found) throw new Error('the document has no operation');
  return prepareOperation(schema, document, found);
}

describe('a compiled operation', () => {
  test('answers what graphql answers, faults included, and calls no root resolver twice', async () => {
    let withoutFault = 0;
    await fc.assert(
      fc.asyncProperty(sourceOf(0), operation, async (world, text) => {
        const called: string[] = [];
        const schema = schemaOf(world, called);
        const document = parse(text);
        fc.pre(validate(schema, document).every(({ message }) => message.includes('never used')));
        const prepared = preparedOf(schema, document);
        expect(prepared.compiled).not.toBeNull();
        const actual = await executePrepared(prepared, { add: 1 }, context);
        const calledOnce = [...called];
        called.length = 0;
        const expected = await execute({ schema, document, variableValues: { add: 1 } });
        expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
        expect(calledOnce).toEqual(called);
        if (!expected.errors) withoutFault++;
      }),
      { numRuns: 400 },
    );
    expect(withoutFault).toBeGreaterThan(40);
  });

  test('does the fields of a mutation one after the other, also when one of them fails within', async () => {
    const called: string[] = [];
    const broken: Source = { count: { how: 'throw' } };
    const schema = schemaOf(
      { child: { how: 'later', value: broken }, count: { how: 'value', value: 1 } },
      called,
    );
    const document = parse(
      'mutation { a: child(add: 1) { count } b: child(add: 2) { text } c: count(add: 3) }',
    );
    const prepared = preparedOf(schema, document);
    const { data, errors } = await executePrepared(prepared, {}, context);
    expect(called).toEqual(['child 1', 'child 2', 'count 3']);
    expect({ ...data }).toEqual({ a: null, b: { text: null }, c: 1 });
    expect(errors?.map(({ path }) => path)).toEqual([['a', 'count']]);
  });

  test.each([
    ['sound ones', [{ count: { how: 'later', value: 1 } }, { count: { how: 'value', value: 2 } }]],
    ['one that is null', [{ count: { how: 'value', value: 1 } }, null]],
    ['one that fails later', [{ count: { how: 'value', value: 1 } }, { count: { how: 'reject' } }]],
    ['no list', 'text'],
  ])('treats a list that may not hold null as graphql does: %s', async (_what, value) => {
    const schema = schemaOf({ strict: { how: 'value', value } }, []);
    const document = parse('{ strict { count } }');
    const actual = await executePrepared(preparedOf(schema, document), {}, context);
    expect(JSON.stringify(actual)).toBe(JSON.stringify(await execute({ schema, document })));
  });

  test.each([
    [
      '@skip and @include',
      'query ($yes: Boolean = true) { child { text @include(if: $yes) } count @skip(if: true) }',
    ],
    ['a short document of very many fields', doubling(12)],
    ['fragments that are spread again and again', spreading(25)],
    ['introspection', '{ count __schema { queryType { name } } }'],
    ['a key that would set a prototype', '{ count __proto__: count }'],
  ])('leaves %s to graphql', async (_what, text) => {
    const schema = schemaOf({ count: { how: 'value', value: 1 } }, []);
    const document = parse(text);
    const prepared = preparedOf(schema, document);
    expect(prepared.compiled).toBeNull();
    const expected = await execute({ schema, document });
    expect(JSON.stringify(await executePrepared(prepared, {}, context))).toBe(JSON.stringify(expected));
  });
});
