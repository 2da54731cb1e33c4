import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import type { ApiContext } from './context.js';
import { executePrepared, type PreparedOperation, prepareOperation } from './execution/execute-prepared.js';
import { maskError } from './mask-error.js';
import type { QueryCost } from './query-cost.js';
import { logRequest } from './request-log.js';

const DOCUMENTS_MAX = 1_000;
/** Longer documents are seldom sent twice; variables carry what varies. */
const DOCUMENT_CHARS_MAX = 20_000;

/** The parts of a request that execution needs. */
export interface OperationRequest {
  query: string;
  operationName: string | undefined;
  variables: Record<string, unknown> | undefined;
}

interface PreparedDocument {
  document: DocumentNode;
  /** By the name that requests give. */
  operations: Map<string | undefined, PreparedOperation>;
}

/** The answer as JSON, with its HTTP status. */
export interface OperationAnswer {
  status: number;
  body: string;
}

/**
 * Documents that Apollo has parsed, validated and let through; the same text again goes straight to execution. That was
 * worth 1.4x to 1.8x for operations without database work (docs/decisions/007), and compiling them, with shorter ways
 * behind, another 2.3x for recordAction (docs/decisions/025).
 */
export class PreparedOperations {
  readonly #schema: GraphQLSchema;
  readonly #cost: QueryCost;
  readonly #documents = new Map<string, PreparedDocument>();

  constructor(schema: GraphQLSchema, cost: QueryCost) {
    this.#schema = schema;
    this.#cost = cost;
  }

  /** Remembers a document that is valid and within all limits; over `DOCUMENTS_MAX` the oldest goes. */
  add(query: string, document: DocumentNode): void {
    if (query.length > DOCUMENT_CHARS_MAX || this.#documents.has(query)) return;
    if (this.#documents.size >= DOCUMENTS_MAX) {
      const oldest = this.#documents.keys().next().value;
      if (oldest !== undefined) this.#documents.delete(oldest);
    }
    this.#documents.set(query, { document, operations: new Map() });
  }

  /** The operation to run when the document is known; null when Apollo has to look at it. */
  find(query: string, operationName: string | undefined): PreparedOperation | null {
    const known = this.#documents.get(query);
    if (!known) return null;
    const { document, operations } = known;
    const found = operations.get(operationName);
    if (found) return found;
    const operation = getOperationAST(document, operationName);
    // Names that the document does not have are not remembered: there is no end of them.
    if (!operation || operation.operation === 'subscription') return null;
    const prepared = prepareOperation(this.#schema, document, operation);
    operations.set(operationName, prepared);
    return prepared;
  }

  /** Runs an operation that `find` gave, and answers as Apollo would. */
  async run(
    found: PreparedOperation,
    request: OperationRequest,
    context: ApiContext,
  ): Promise<OperationAnswer> {
    const startedAtMs = performance.now();
    const result = await this.#execute(found, request, context);
    const { log } = context.services;
    const errors = result.errors?.map(
      (error): GraphQLFormattedError => maskError(error, context.requestId, log),
    );
    const { operation } = found;
    logRequest(log, context, {
      operation: operation.operation,
      operationName: operation.name?.value ?? null,
      startedAtMs,
      codes: errors?.map((error) => error.extensions?.code) ?? [],
    });
    // Variables that cannot be read leave no data at all; that is a bad request and not a partial answer.
    const status = errors && result.data === undefined ? 400 : 200;
    return { status, body: JSON.stringify(errors ? { errors, data: result.data } : { data: result.data }) };
  }

  #execute(
    prepared: PreparedOperation,
    request: OperationRequest,
    context: ApiContext,
  ): ExecutionResult | Promise<ExecutionResult> {
    const variables = request.variables ?? {};
    const tooComplex = this.#cost.fault(prepared.document, prepared.operation, variables);
    return tooComplex ? { errors: [tooComplex] } : executePrepared(prepared, variables, context);
  }
}
