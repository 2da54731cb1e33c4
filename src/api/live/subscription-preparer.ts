import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { LeadpulseError } from '../../errors.js';
import type { ApiContext } from '../context.js';
import { maxTokens, validationRules } from '../limits.js';
import type { PersistedOperations } from '../persisted/persisted-operations.js';
import { QueryCost } from '../query-cost.js';
import type { SubscriptionArgs } from './fan-out/subscription-args.js';

/** Documents kept after their checks: thousands of consoles send the same few, all at once after a restart. */
const DOCUMENTS_CACHED_MAX = 200;
const CACHED_CHARS_MAX = 8_192;
const RULES = [...specifiedRules, ...validationRules];

/** Makes subscribe messages ready to run, held to the same limits as requests over HTTP. */
export class SubscriptionPreparer {
  readonly #schema: GraphQLSchema;
  readonly #cost: QueryCost;
  readonly #persisted: PersistedOperations;
  readonly #hideSuggestions: boolean;
  readonly #documents = new Map<string, DocumentNode>();

  /** @param introspection whether clients may know the schema; else faults suggest no names of it. */
  constructor(schema: GraphQLSchema, persisted: PersistedOperations, introspection: boolean) {
    this.#schema = schema;
    this.#persisted = persisted;
    this.#hideSuggestions = !introspection;
    this.#cost = new QueryCost(schema);
  }

  /**
   * Reads and checks what a client wants to subscribe to.
   * @returns what to run, or the errors to answer with.
   */
  prepare(payload: SubscribePayload, contextValue: ApiContext): SubscriptionArgs | readonly GraphQLError[] {
    try {
      const query = this.#persisted.textOf(payload.query, payload.extensions);
      const known = this.#documents.get(query);
      const document = known ?? parse(query, { maxTokens });
      const errors = known ? [] : this.#faultsOf(document);
      if (errors.length > 0) return errors;
      this.#remember(query, document);
      return this.#argumentsOf(document, payload, contextValue);
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      if (error instanceof LeadpulseError) return [asGraphQLError(error)];
      throw error;
    }
  }

  #faultsOf(document: DocumentNode): readonly GraphQLError[] {
    return validate(this.#schema, document, RULES, { hideSuggestions: this.#hideSuggestions });
  }

  #remember(query: string, document: DocumentNode): void {
    if (query.length > CACHED_CHARS_MAX || this.#documents.has(query)) return;
    if (this.#documents.size >= DOCUMENTS_CACHED_MAX) {
      const oldest = this.#documents.keys().next().value;
      if (oldest !== undefined) this.#documents.delete(oldest);
    }
    this.#documents.set(query, document);
  }

  #argumentsOf(
    document: DocumentNode,
    payload: SubscribePayload,
    contextValue: ApiContext,
  ): SubscriptionArgs | readonly GraphQLError[] {
    const operation = getOperationAST(document, payload.operationName);
    if (!operation) return [badInput('Send one operation, or name one of them by operationName.')];
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      return [
        badInput(
          'Sockets and event streams carry subscriptions alone; send queries and mutations over HTTP.',
        ),
      ];
    }
    const variableValues = payload.variables ?? {};
    const tooComplex = this.#cost.fault(document, operation, variableValues);
    if (tooComplex) return [asGraphQLError(tooComplex)];
    return {
      schema: this.#schema,
      document,
      operationName: payload.operationName,
      variableValues,
      contextValue,
    };
  }
}

function badInput(message: string): GraphQLError {
  return asGraphQLError(new LeadpulseError('BAD_USER_INPUT', message));
}

/** The error as graphql passes it around; masking finds it again behind. */
export function asGraphQLError(error: Error): GraphQLError {
  return new GraphQLError(error.message, { originalError: error });
}
