import type { StatusOutput } from '../../simulation/status-line.js';
import type { ImportStatus } from './transfer-server.js';

const TERMINAL_EVERY_MS = 500;
const PLAIN_EVERY_MS = 5_000;
const COLUMNS_FALLBACK = 80;
const BAR_CHARS = 24;
const MS_PER_SECOND = 1_000;

type Progress = Pick<ImportStatus, 'offset' | 'rows' | 'rejected'>;

/** Where an import stood when it was asked. */
export interface ProgressPoint extends Progress {
  atMs: number;
}

/**
 * Shows how an import goes: a bar that is written over again on a terminal, a line every few seconds elsewhere.
 * @param ask how far it is; null when that cannot be told at the moment.
 * @param bytes of the file.
 * @returns ends the display.
 */
export function showProgress(
  ask: () => Promise<Progress | null>,
  bytes: number,
  output: StatusOutput,
): () => void {
  let first: ProgressPoint | null = null;
  let asking = false;
  let ended = false;
  const write = async () => {
    if (asking) return;
    asking = true;
    const progress = await ask().catch(() => null);
    asking = false;
    if (!progress || ended) return;
    const now = { ...progress, atMs: performance.now() };
    first ??= now;
    const line = describeProgress(first, now, bytes, Boolean(output.isTTY));
    const width = (output.columns || COLUMNS_FALLBACK) - 1;
    output.write(output.isTTY ? `\r\u001b[2K${line.slice(0, width)}` : `${line}\n`);
  };
  const timer = setInterval(() => void write(), output.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
  void write();
  return () => {
    ended = true;
    clearInterval(timer);
    if (output.isTTY) output.write('\r\u001b[2K');
  };
}

/** Share, rows, speed since `first` and the time that is left at that speed. */
export function describeProgress(
  first: ProgressPoint,
  now: ProgressPoint,
  bytes: number,
  bar: boolean,
): string {
  const share = bytes === 0 ? 1 : Math.min(1, now.offset / bytes);
  const seconds = (now.atMs - first.atMs) / MS_PER_SECOND;
  const rate = seconds > 0 ? (now.rows - first.rows) / seconds : 0;
  const bytesPerSecond = seconds > 0 ? (now.offset - first.offset) / seconds : 0;
  const left = bytesPerSecond > 0 ? `, ${spanOf((bytes - now.offset) / bytesPerSecond)} left` : '';
  const done = Math.round(share * BAR_CHARS);
  const shown = bar ? `[${'#'.repeat(done)}${'.'.repeat(BAR_CHARS - done)}] ` : '';
  const rejected = now.rejected > 0 ? `, ${count(now.rejected)} rejected` : '';
  return `${shown}${Math.floor(share * 100)} %  ${count(now.rows)} rows, ${count(Math.round(rate))}/s${left}${rejected}`;
}

/** `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function spanOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
