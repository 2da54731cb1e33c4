import { AsyncLocalStorage } from 'node:async_hooks';
import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';
import type { ApiContext } from './context.js';
import { maxTokens, validationRules } from './limits.js';
import { maskError } from './mask-error.js';
import type { PreparedOperations } from './prepared-operations.js';
import type { QueryCost } from './query-cost.js';
import { logRequest } from './request-log.js';

const SUBSCRIPTION_OVER_HTTP =
  'Subscriptions run over WebSocket (graphql-transport-ws) at the same address, or as server-sent events with `Accept: text/event-stream`.';

/** The request id, for the one hook of Apollo that is not given the context. */
export const requestIds = new AsyncLocalStorage<string>();

/** What the server is made of. */
export interface ApolloParts {
  schema: GraphQLSchema;
  cost: QueryCost;
  prepared: PreparedOperations;
  log: Log;
  /** Whether clients may ask for the schema; without it, errors do not hint at it either. */
  introspection: boolean;
}

/**
 * Apollo with what clients cannot use, or the route does for it, switched off: batching, persisted queries, landing page, reporting. It reads requests,
 * guards against forged ones (csrfPrevention), parses and validates; documents it lets through are then prepared.
 */
export function createApollo(parts: ApolloParts): ApolloServer<ApiContext> {
  return new ApolloServer<ApiContext>({
    schema: parts.schema,
    introspection: parts.introspection,
    hideSchemaDetailsFromClientErrors: !parts.introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    parseOptions: { maxTokens },
    validationRules: [...validationRules],
    logger: parts.log,
    formatError: (_formatted, error) => maskError(error, requestIds.getStore() ?? 'none', parts.log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      createRequestPlugin(parts),
    ],
  });
}

function createRequestPlugin({ cost, prepared, log }: ApolloParts): ApolloServerPlugin<ApiContext> {
  return {
    requestDidStart: async () => {
      const startedAtMs = performance.now();
      return {
        didResolveOperation: async ({ request, document, operation }) => {
          if (!operation) return;
          if (operation.operation === 'subscription')
            throw badRequest(new LeadpulseError('BAD_USER_INPUT', SUBSCRIPTION_OVER_HTTP));
          if (request.query) prepared.add(request.query, document);
          const tooComplex = cost.fault(document, operation, request.variables ?? {});
          if (tooComplex) throw badRequest(tooComplex);
        },
        willSendResponse: async (done) => logDone(log, done, startedAtMs),
      };
    },
  };
}

/** Apollo takes the HTTP status from the error's extensions; without one, it would say that the server is at fault. */
function badRequest(error: Error): GraphQLError {
  return new GraphQLError(error.message, { originalError: error, extensions: { http: { status: 400 } } });
}

function logDone(log: Log, done: GraphQLRequestContext<ApiContext>, startedAtMs: number): void {
  const { body } = done.response;
  const errors = body?.kind === 'single' ? (body.singleResult.errors ?? []) : [];
  logRequest(log, done.contextValue, {
    operation: done.operation?.operation ?? null,
    operationName: done.operationName ?? null,
    startedAtMs,
    codes: errors.map((error) => error.extensions?.code),
  });
}
