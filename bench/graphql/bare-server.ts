import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { answerOf, type SentInput } from './answer-of.js';
import { answerParent } from './answer-parent.js';

interface Sent {
  variables: { input: SentInput };
}

/** Fastify alone: the same JSON in and out, and nothing in between. */
const app = Fastify();
app.post<{ Body: Sent }>('/graphql', async (request) => {
  const { action, scores, cursor } = answerOf(request.body.variables.input);
  const [score] = scores;
  return { data: { recordAction: { action: { id: action.id }, scores: [{ total: score?.total }], cursor } } };
});
await app.listen({ host: '127.0.0.1', port: 0 });
answerParent((app.server.address() as AddressInfo).port);
