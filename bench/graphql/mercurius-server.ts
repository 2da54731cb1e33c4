import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { DateTimeScalar, JsonScalar } from '../../src/api/scalars.js';
import { answerOf, type SentInput } from './answer-of.js';
import { answerParent } from './answer-parent.js';

/** The part of schema.graphql that the mutation uses. */
const SCHEMA = `
  scalar DateTime
  scalar JSON
  input ContactKey @oneOf { id: ID email: String externalId: String anonymousId: String }
  input RecordActionInput {
    contact: ContactKey!
    type: String!
    occurredAt: DateTime
    properties: JSON
    idempotencyKey: String
  }
  type RecordedAction { id: ID! type: String! occurredAt: DateTime! recordedAt: DateTime! properties: JSON! }
  type ContactScore { modelVersion: Int! total: Int! previousTotal: Int label: String asOf: DateTime! }
  type RecordActionPayload { cursor: String scores: [ContactScore!]! action: RecordedAction! duplicate: Boolean! }
  type Query { version: String! }
  type Mutation { recordAction(input: RecordActionInput!): RecordActionPayload! }`;

/** Mercurius with its JIT compiler from the first request on; the resolver answers at once, without looking who asks. */
const app = Fastify();
await app.register(mercurius, {
  schema: SCHEMA,
  jit: 1,
  resolvers: {
    DateTime: DateTimeScalar,
    JSON: JsonScalar,
    Query: { version: () => '1' },
    Mutation: { recordAction: async (_root: unknown, { input }: { input: SentInput }) => answerOf(input) },
  },
});
await app.listen({ host: '127.0.0.1', port: 0 });
answerParent((app.server.address() as AddressInfo).port);
