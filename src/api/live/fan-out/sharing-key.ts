import { createHash } from 'node:crypto';
import { type DocumentNode, getOperationAST, Kind, print, visit } from 'graphql';
import type { SubscriptionArgs } from './subscription-args.js';

/** The argument that says where a subscriber begins; it changes nothing about what an event looks like. */
const POSITION_ARGUMENT = 'after';

/** What a document says about sharing, whoever sends it. */
interface DocumentTraits {
  /** The document without what means nothing: white space, commas, comments. */
  text: string;
  /** The variable that is used as the position of the root field and nowhere else; null when there is none. */
  positionVariable: string | null;
  fieldNames: ReadonlySet<string>;
}

const traits = new WeakMap<DocumentNode, Map<string, DocumentTraits>>();

/**
 * What two subscriptions have in common when each event of the one looks like that of the other: tenant, rights, document,
 * operation, and the variables but for the position to begin at.
 */
export function sharingKey(args: SubscriptionArgs): string {
  const { tenantId, role } = args.contextValue.viewer;
  const { text, positionVariable } = traitsOf(args);
  const variables = Object.entries(args.variableValues ?? {})
    .filter(([name]) => name !== positionVariable)
    .sort(([one], [two]) => (one < two ? -1 : 1));
  const parts = JSON.stringify([tenantId, role, args.operationName ?? null, text, variables]);
  // A digest, since variables may be long and there may be a group for every subscription.
  return createHash('sha256').update(parts).digest('base64');
}

/** True when a field of this name may be asked for anywhere in the document. */
export function mentions(args: SubscriptionArgs, fieldName: string): boolean {
  return traitsOf(args).fieldNames.has(fieldName);
}

function traitsOf({ document, operationName }: SubscriptionArgs): DocumentTraits {
  const known = traits.get(document) ?? new Map<string, DocumentTraits>();
  traits.set(document, known);
  const name = operationName ?? '';
  const found = known.get(name) ?? readTraits(document, operationName);
  known.set(name, found);
  return found;
}

function readTraits(document: DocumentNode, operationName: string | null | undefined): DocumentTraits {
  const fieldNames = new Set<string>();
  const uses = new Map<string, number>();
  visit(document, {
    Field: (node) => void fieldNames.add(node.name.value),
    VariableDefinition: () => false,
    Variable: (node) => void uses.set(node.name.value, (uses.get(node.name.value) ?? 0) + 1),
  });
  const root = getOperationAST(document, operationName)?.selectionSet.selections[0];
  const given = root?.kind === Kind.FIELD ? root.arguments : undefined;
  const position = given?.find(({ name }) => name.value === POSITION_ARGUMENT)?.value;
  const variable = position?.kind === Kind.VARIABLE ? position.name.value : null;
  const positionVariable = variable !== null && uses.get(variable) === 1 ? variable : null;
  return { text: print(document), positionVariable, fieldNames };
}
