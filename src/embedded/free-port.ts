import { createServer } from 'node:net';

const PORTS_TRIED_MAX = 100;
const PORT_MAX = 65_535;

/**
 * The first free port of 127.0.0.1 from `preferred` upwards, at most `PORTS_TRIED_MAX` further.
 * Somebody else can still take it before the caller does.
 * @throws Error when all of them are taken.
 */
export async function findFreePort(preferred: number): Promise<number> {
  const last = Math.min(PORT_MAX, preferred + PORTS_TRIED_MAX);
  for (let port = preferred; port <= last; port += 1) {
    if (await isFree(port)) return port;
  }
  throw new Error(`none of the ports ${preferred} to ${last} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
