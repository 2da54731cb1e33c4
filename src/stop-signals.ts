import process from 'node:process';

/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const SAME_KEYPRESS_MS = 1_000;
const EXIT_CODE_INTERRUPTED = 130;

/**
 * Calls `stop` once, at the first SIGINT or SIGTERM; when it has settled the process may end by itself. A further signal,
 * later than a second after the first, ends the process at once: for those who do not want to wait.
 * @param stop must not throw.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => Promise<void>): void {
  let firstAtMs: number | undefined;
  const handle = (signal: NodeJS.Signals) => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      void stop(signal);
    } else if (nowMs - firstAtMs > SAME_KEYPRESS_MS) process.exit(EXIT_CODE_INTERRUPTED);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
}
