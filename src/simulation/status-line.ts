import type { SimulationProgress } from './simulation.js';

const TERMINAL_EVERY_MS = 1_000;
/** When the terminal does not tell its width. */
const COLUMNS_FALLBACK = 80;
const PLAIN_EVERY_MS = 5_000;
const MS_PER_SECOND = 1_000;

/** Where the status goes: standard output, or a test. */
export interface StatusOutput {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/**
 * Shows how a simulation goes: one line that is written over again on a terminal, a line every few seconds elsewhere.
 * @returns ends the display.
 */
export function showStatus(progress: () => SimulationProgress, output: StatusOutput): () => void {
  let last = progress();
  const write = () => {
    const now = progress();
    const line = describeProgress(last, now);
    last = now;
    output.write(
      output.isTTY ? `\r\u001b[2K${line.slice(0, (output.columns || COLUMNS_FALLBACK) - 1)}` : `${line}\n`,
    );
  };
  const timer = setInterval(write, output.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
  return () => {
    clearInterval(timer);
    if (output.isTTY) output.write('\r\u001b[2K');
  };
}

/** The rate since `last`, and the totals. */
export function describeProgress(last: SimulationProgress, now: SimulationProgress): string {
  const seconds = (now.elapsedMs - last.elapsedMs) / MS_PER_SECOND;
  const rate = seconds > 0 ? (now.sent - last.sent) / seconds : 0;
  const retrying = now.retries > last.retries ? `, retrying: ${now.lastError}` : '';
  const behind = now.leftOut > last.leftOut ? ', the server cannot keep up' : '';
  return `${rate.toFixed(1)}/s, ${describeTotals(now)}${behind}${retrying}`;
}

/** What came of it in the end. */
export function describeSummary(progress: SimulationProgress): string {
  const seconds = progress.elapsedMs / MS_PER_SECOND;
  const rate = seconds > 0 ? progress.sent / seconds : 0;
  const lines = [`Done after ${seconds.toFixed(1)} s at ${rate.toFixed(1)}/s: ${describeTotals(progress)}.`];
  if (progress.leftOut > 0) {
    lines.push(`The server could not keep up with the rate: ${progress.leftOut} actions were left out.`);
  }
  if (progress.errors > 0) lines.push(`Last error: ${progress.lastError}`);
  return lines.join('\n');
}

function describeTotals({ sent, errors, p50Ms, p99Ms }: SimulationProgress): string {
  return `${sent} recorded, ${errors} errors, p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`;
}
