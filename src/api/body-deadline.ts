import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

const SWEEPS_PER_DEADLINE = 6;

/**
 * Cuts off clients that take longer than `deadlineMs` to send a request: they only hold connections. Node's own requestTimeout
 * knows no exceptions, and a large file takes as long as it takes.
 * @param isExempt whether a path may take its time; it then sees to idle clients itself.
 */
export function addBodyDeadline(
  app: FastifyInstance,
  deadlineMs: number,
  isExempt: (path: string) => boolean,
): void {
  /** Requests whose body is awaited, with the instant on the process's clock at which they began. */
  const awaited = new Map<IncomingMessage, number>();
  const sweep = setInterval(() => {
    const latestMs = performance.now() - deadlineMs;
    for (const [request, startedAtMs] of awaited) {
      if (request.complete || request.destroyed) awaited.delete(request);
      else if (startedAtMs <= latestMs) {
        awaited.delete(request);
        request.destroy();
      }
    }
  }, deadlineMs / SWEEPS_PER_DEADLINE);
  sweep.unref();
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.raw.complete && !isExempt(request.url)) awaited.set(request.raw, performance.now());
    done();
  });
  app.addHook('preValidation', (request, _reply, done) => {
    awaited.delete(request.raw);
    done();
  });
  app.addHook('onClose', (_instance, done) => {
    clearInterval(sweep);
    done();
  });
}
