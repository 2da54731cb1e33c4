import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { goalRowsIn } from './report/goals.js';
import { type QuickRatio, ratiosOf, slowerThan } from './report/quick-ratios.js';

/** `npm run bench`: every benchmark, one after the other, into docs/performance.md; `-- --help` says what can be asked for. */
const BENCHMARKS = [
  'ingest',
  'graphql',
  'live',
  'reads',
  'contacts',
  'due',
  'preview',
  'rescore',
  'analytics',
] as const;
const BASELINE = path.resolve(import.meta.dirname, '../../bench/quick-ratios.json');
const HELP = `Runs every benchmark and writes what it finds into docs/performance.md. Takes an hour or more; nothing else should run.

  --quick     everything small, and nothing written: fails when a ratio is worse than the one noted in bench/quick-ratios.json
              by more than machines differ
  --note      with --quick: note the ratios of this run instead
  --only A,B  some of ${BENCHMARKS.join(', ')}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      note: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  if (values.help) return console.log(HELP);
  const names = values.only?.split(',') ?? BENCHMARKS;
  const unknown = names.filter((name) => !BENCHMARKS.some((known) => known === name));
  if (unknown.length > 0) throw new Error(`--only: there is no benchmark ${unknown.join(', ')}`);
  const failed: string[] = [];
  const rows: string[] = [];
  for (const name of names) {
    console.log(`\n# bench:${name}\n`);
    const { code, printed } = await runBenchmark(name, values.quick ? ['--quick'] : []);
    if (code !== 0) failed.push(name);
    rows.push(...goalRowsIn(printed));
  }
  console.log(`\n# All ratios\n\n${rows.join('\n')}`);
  if (values.quick) await compare(ratiosOf(rows), values.note);
  if (failed.length > 0) throw new Error(`These ended with an error: ${failed.join(', ')}; see above.`);
}

/** Compares a quick run with what was noted, or notes it. @throws Error when a ratio has become worse. */
async function compare(ratios: readonly QuickRatio[], isToBeNoted: boolean): Promise<void> {
  const noted: QuickRatio[] = JSON.parse(await readFile(BASELINE, 'utf8').catch(() => '[]'));
  if (isToBeNoted) {
    const others = noted.filter(({ what }) => !ratios.some((ratio) => ratio.what === what));
    await writeFile(BASELINE, `${JSON.stringify([...others, ...ratios], null, 2)}\n`);
    return console.log(`\nNoted in ${BASELINE}`);
  }
  const slower = slowerThan(noted, ratios);
  if (slower.length > 0) throw new Error(`Worse than noted in ${BASELINE}:\n  ${slower.join('\n  ')}`);
  console.log('\nNo ratio is worse than the one that was noted.');
}

/** Runs one benchmark in a process of its own. @returns what it printed, which is shown as well. */
function runBenchmark(name: string, args: string[]): Promise<{ code: number | null; printed: string }> {
  const entry = path.resolve(import.meta.dirname, `${name}.js`);
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    process.stdout.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, printed: Buffer.concat(chunks).toString('utf8') }));
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
