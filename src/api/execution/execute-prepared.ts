import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { ApiContext } from '../context.js';
import { type CompiledOperation, compileOperation } from './compile-operation.js';
import type { Variables } from './compile-variables.js';
import { RootResults } from './root-results.js';

/** An operation of a document that was let through. */
export interface PreparedOperation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  /** Null when graphql alone can execute it. */
  compiled: CompiledOperation | null;
}

/** @param document has passed validation. */
export function prepareOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): PreparedOperation {
  return { schema, document, operation, compiled: compileOperation(schema, document, operation) };
}

/**
 * Executes an operation as graphql's `execute` would. The compiled form answers when nothing goes wrong; else graphql executes it
 * as well, with what the root resolvers gave the first time.
 */
export async function executePrepared(
  { schema, document, operation, compiled }: PreparedOperation,
  variables: Variables,
  context: ApiContext,
): Promise<ExecutionResult> {
  const roots = new RootResults();
  if (compiled) {
    try {
      return { data: await compiled(variables, context, roots) };
    } catch {
      // Whatever it was, graphql meets it too and says what it is.
    }
  }
  return execute({
    schema,
    document,
    rootValue: roots,
    contextValue: context,
    variableValues: variables,
    operationName: operation.name?.value ?? null,
  });
}
