import type { FastifyInstance } from 'fastify';

/** What pages of other origins may call, and how. */
const ROUTES: readonly (readonly [path: string, methods: string])[] = [
  ['/graphql', 'GET, POST, OPTIONS'],
  ['/import/*', 'GET, POST, PUT, OPTIONS'],
  ['/export/*', 'GET, POST, OPTIONS'],
];
const ALLOWED_HEADERS = 'authorization, content-type, x-request-id, last-event-id, apollo-require-preflight';
/** Browsers ask again after this. */
const PREFLIGHT_AGE_SECONDS = '600';

/**
 * Lets web pages of the given origins call the API, files included; `*` lets any. Keys travel in a header that scripts set themselves, never
 * in cookies, so no page can use a visitor's rights. Without origins, browsers keep other pages out.
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  const any = origins.includes('*');
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin !== undefined && (any || origins.includes(origin))) {
      reply.header('access-control-allow-origin', any ? '*' : origin);
      reply.header('access-control-expose-headers', 'x-request-id, content-disposition');
      if (!any) reply.header('vary', 'origin');
    }
    done();
  });
  for (const [path, methods] of ROUTES) {
    app.options(path, (_request, reply) =>
      reply
        .code(204)
        .header('access-control-allow-methods', methods)
        .header('access-control-allow-headers', ALLOWED_HEADERS)
        .header('access-control-max-age', PREFLIGHT_AGE_SECONDS)
        .send(),
    );
  }
}
