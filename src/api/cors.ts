import type { FastifyInstance } from 'fastify';

const ALLOWED_HEADERS = 'authorization, content-type, x-request-id, apollo-require-preflight';
/** Browsers ask again after this. */
const PREFLIGHT_AGE_SECONDS = '600';

/**
 * Lets web pages of the given origins call the API; `*` lets any. Keys travel in a header that scripts set themselves, never
 * in cookies, so no page can use a visitor's rights. Without origins, browsers keep other pages out.
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  const any = origins.includes('*');
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin !== undefined && (any || origins.includes(origin))) {
      reply.header('access-control-allow-origin', any ? '*' : origin);
      reply.header('access-control-expose-headers', 'x-request-id');
      if (!any) reply.header('vary', 'origin');
    }
    done();
  });
  app.options('/graphql', (_request, reply) =>
    reply
      .code(204)
      .header('access-control-allow-methods', 'GET, POST, OPTIONS')
      .header('access-control-allow-headers', ALLOWED_HEADERS)
      .header('access-control-max-age', PREFLIGHT_AGE_SECONDS)
      .send(),
  );
}
