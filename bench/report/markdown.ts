import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import type { BenchDatabase } from '../ingest/bench-database.js';

const BYTES_PER_GIB = 1024 ** 3;

/** A Markdown table as lines. */
export function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** A figure without its fraction, with thousands set apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Where and when something was measured, as a list. @param remark what a reader has to know about the run. */
export function circumstances({ description }: Pick<BenchDatabase, 'description'>, remark: string): string[] {
  const [cpu] = cpus();
  const memory = (totalmem() / BYTES_PER_GIB).toFixed(0);
  return [
    `- ${new Date().toISOString().slice(0, 10)}, commit ${commit()}; ${remark}.`,
    `- ${cpus().length} cores (${cpu?.model.trim()}), ${memory} GiB, ${process.platform}; Node ${process.versions.node}.`,
    ...description.map((text) => `- ${text}.`),
  ];
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}
