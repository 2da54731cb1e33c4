import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { LeadpulseError } from '../errors.js';

/** Tokens of a document at most; values belong into variables, which do not count. */
export const maxTokens = 10_000;

const DEPTH_MAX = 15;
const ALIASES_MAX = 30;
const DIRECTIVES_MAX = 8;
const ROOT_FIELDS_MAX = 20;
/** The same field, written again in one selection set. */
const REPEATS_MAX = 10;

/** The rules that documents are held to besides GraphQL's own; HTTP and WebSocket share them. */
export const validationRules: readonly ValidationRule[] = [limitCounts, limitDepth];

function tooComplex(message: string): GraphQLError {
  return new GraphQLError(message, { originalError: new LeadpulseError('TOO_COMPLEX', message) });
}

/** Aliases, directives, root fields and repeated fields: each is a way to make a small document costly. */
function limitCounts(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  let directives = 0;
  return {
    Field(node) {
      if (node.alias) aliases += 1;
    },
    Directive() {
      directives += 1;
    },
    SelectionSet(node) {
      const message = repeatFault(node);
      if (message) context.reportError(tooComplex(message));
    },
    OperationDefinition(node) {
      if (node.selectionSet.selections.length > ROOT_FIELDS_MAX) {
        context.reportError(tooComplex(`An operation has at most ${ROOT_FIELDS_MAX} root fields.`));
      }
    },
    Document: {
      leave() {
        if (aliases > ALIASES_MAX)
          context.reportError(tooComplex(`A document has at most ${ALIASES_MAX} aliases.`));
        if (directives > DIRECTIVES_MAX) {
          context.reportError(tooComplex(`A document has at most ${DIRECTIVES_MAX} directives.`));
        }
      },
    },
  };
}

function repeatFault(node: SelectionSetNode): string | null {
  const seen = new Map<string, number>();
  for (const selection of node.selections) {
    const name = selection.kind === Kind.INLINE_FRAGMENT ? '...' : selection.name.value;
    const count = (seen.get(name) ?? 0) + 1;
    if (count > REPEATS_MAX) return `One selection names ${name} more than ${REPEATS_MAX} times.`;
    seen.set(name, count);
  }
  return null;
}

/** How deep fields nest, fragments followed; introspection is left out, clients ask it deeply. */
function limitDepth(context: ValidationContext): ASTVisitor {
  const depths = new Map<FragmentDefinitionNode, number>();
  const depthOf = (node: SelectionSetNode): number => {
    let deepest = 0;
    for (const selection of node.selections) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value.startsWith('__')) continue;
        deepest = Math.max(deepest, 1 + (selection.selectionSet ? depthOf(selection.selectionSet) : 0));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        deepest = Math.max(deepest, depthOf(selection.selectionSet));
      } else {
        const fragment = context.getFragment(selection.name.value);
        if (fragment) deepest = Math.max(deepest, fragmentDepth(fragment));
      }
    }
    return deepest;
  };
  const fragmentDepth = (fragment: FragmentDefinitionNode): number => {
    const known = depths.get(fragment);
    if (known !== undefined) return known;
    // A fragment that contains itself is refused by another rule; here it must only come to an end.
    depths.set(fragment, 0);
    const depth = depthOf(fragment.selectionSet);
    depths.set(fragment, depth);
    return depth;
  };
  return {
    OperationDefinition(node) {
      if (depthOf(node.selectionSet) > DEPTH_MAX) {
        context.reportError(tooComplex(`Fields nest at most ${DEPTH_MAX} deep.`));
      }
    },
  };
}
