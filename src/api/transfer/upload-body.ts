import type { IncomingMessage } from 'node:http';
import { badInput, LeadpulseError } from '../../errors.js';

/** For how long an upload may send nothing while it is waited for. */
const IDLE_MS_MAX = 60_000;

/**
 * The body of an upload, part by part, as fast as it is taken.
 * @throws LeadpulseError UNAVAILABLE when it stops coming, or the client goes away.
 */
export async function* uploadBody(request: IncomingMessage): AsyncGenerator<Buffer> {
  if (request.headers['content-encoding'] !== undefined) {
    throw badInput([{ path: 'content-encoding', message: 'Send the file as it is, not compressed.' }]);
  }
  const parts = request[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (;;) {
    const next = await nextPart(request, parts);
    if (next.done) return;
    yield next.value;
  }
}

async function nextPart(
  request: IncomingMessage,
  parts: AsyncIterator<Buffer>,
): Promise<IteratorResult<Buffer>> {
  let idle = false;
  const timer = setTimeout(() => {
    idle = true;
    request.destroy(new Error('the upload stopped'));
  }, IDLE_MS_MAX);
  try {
    return await parts.next();
  } catch (error) {
    const reason = idle ? `nothing came for ${IDLE_MS_MAX / 1_000} s` : 'the connection was lost';
    const fault = new LeadpulseError(
      'UNAVAILABLE',
      `The upload ended early: ${reason}. Send the rest again.`,
    );
    fault.cause = error;
    throw fault;
  } finally {
    clearTimeout(timer);
  }
}
