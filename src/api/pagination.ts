import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { badInput, type FieldFault } from '../errors.js';

/** Nodes of one page at most, and when neither `first` nor `last` is given. */
export const PAGE_NODES_MAX = 200;
export const PAGE_NODES_DEFAULT = 25;

/** A cursor is never longer than this; what is longer was not made here. */
const CURSOR_CHARS_MAX = 8_192;

/** Where a page stands in its list. */
@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, {
    simple: true,
    description:
      'True when more follows after this page. Paging backwards (`last`), it is true when `before` was given.',
  })
  hasNextPage!: boolean;

  @Field(() => Boolean, {
    simple: true,
    description:
      'True when more lies before this page. Paging forwards (`first`), it is true when `after` was given.',
  })
  hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The first node's cursor, for `before`; null on an empty page.",
  })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The last node's cursor, for `after`; null on an empty page.",
  })
  endCursor!: string | null;
}

/** Arguments of a list that is read forwards only. */
@ArgsType()
export class ForwardPageArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many, counted from the start of the list or from \`after\`: 0 to ${PAGE_NODES_MAX}, ${PAGE_NODES_DEFAULT} when absent.`,
  })
  first?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The cursor after which to begin, from `pageInfo.endCursor` or an edge. BAD_USER_INPUT when it belongs to another list.',
  })
  after?: string | null;
}

/** Arguments of a list that is read from either end. */
@ArgsType()
export class PageArgs extends ForwardPageArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many, counted from the end of the list or from \`before\`: 0 to ${PAGE_NODES_MAX}. Not together with \`first\`.`,
  })
  last?: number | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The cursor before which to end, from `pageInfo.startCursor` or an edge. BAD_USER_INPUT when it belongs to another list.',
  })
  before?: string | null;
}

/** Page arguments after their checks. */
export interface PageRequest {
  /** Which end of the list (or of what lies between the cursors) the page is taken from. */
  from: 'START' | 'END';
  /** 0 to `PAGE_NODES_MAX`. */
  count: number;
  after: string | null;
  before: string | null;
}

/** @throws LeadpulseError BAD_USER_INPUT when `first` and `last` are both given, a count is out of bounds or a cursor too long. */
export function checkPage(args: PageArgs): PageRequest {
  const faults: FieldFault[] = [];
  if (args.first != null && args.last != null) {
    faults.push({ path: 'last', message: 'Give either first or last, not both.' });
  }
  checkCount('first', args.first, faults);
  checkCount('last', args.last, faults);
  checkLength('after', args.after, faults);
  checkLength('before', args.before, faults);
  if (faults.length > 0) throw badInput(faults);
  return {
    from: args.last != null ? 'END' : 'START',
    count: args.last ?? args.first ?? PAGE_NODES_DEFAULT,
    after: args.after ?? null,
    before: args.before ?? null,
  };
}

function checkCount(path: string, count: number | null | undefined, faults: FieldFault[]): void {
  if (count == null || (count >= 0 && count <= PAGE_NODES_MAX)) return;
  faults.push({ path, message: `Give a number from 0 to ${PAGE_NODES_MAX}.` });
}

function checkLength(path: string, cursor: string | null | undefined, faults: FieldFault[]): void {
  if (cursor == null || cursor.length <= CURSOR_CHARS_MAX) return;
  faults.push({ path, message: 'This is not a cursor of this list.' });
}

/** A node with the cursor that names its place. */
export interface Edge<T> {
  cursor: string;
  node: T;
}

/** One page of a list. */
export interface Connection<T> {
  nodes: T[];
  edges: Edge<T>[];
  pageInfo: PageInfo;
}

/**
 * The page made of `edges`.
 * @param hasMore whether more lies in the direction of reading.
 */
export function connectionOf<T>(edges: Edge<T>[], request: PageRequest, hasMore: boolean): Connection<T> {
  const forwards = request.from === 'START';
  return {
    nodes: edges.map((edge) => edge.node),
    edges,
    pageInfo: {
      hasNextPage: forwards ? hasMore : request.before !== null,
      hasPreviousPage: forwards ? request.after !== null : hasMore,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/**
 * The GraphQL class `<name>Connection` (with `<name>Edge`): extend it and decorate the subclass with
 * `@ObjectType('<name>Connection', { description })`.
 * @param name of the node type in the schema.
 * @param node the class of the nodes, deferred so that types may refer to each other.
 */
export function createConnectionClass<T extends object>(
  name: string,
  node: () => ClassType<T>,
): abstract new () => Connection<T> {
  @ObjectType(`${name}Edge`, { description: `A ${name} and its place in a list.` })
  class EdgeClass implements Edge<T> {
    @Field(() => String, {
      simple: true,
      description: 'Names the place in the list, for `after` and `before`.',
    })
    cursor!: string;

    @Field(() => node(), { simple: true, description: `The ${name}.` })
    node!: T;
  }

  @ObjectType({ description: `A page of ${name}.` })
  abstract class ConnectionClass implements Connection<T> {
    @Field(() => [node()], { simple: true, description: 'What is on the page, in order.' })
    nodes!: T[];

    @Field(() => [EdgeClass], { simple: true, description: 'The same with a cursor each.' })
    edges!: Edge<T>[];

    @Field(() => PageInfo, { simple: true, description: 'Whether there is more, and where to go on.' })
    pageInfo!: PageInfo;
  }
  return ConnectionClass;
}
