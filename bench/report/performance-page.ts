import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { goalRowsIn, goalTable } from './goals.js';

/** The parts of docs/performance.md that benchmarks write, in their order; `npm run bench:NAME` writes one. */
const SECTIONS = [
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
export type SectionName = (typeof SECTIONS)[number];

const PAGE = path.resolve(import.meta.dirname, '../../../docs/performance.md');
const HEAD = [
  '# Performance',
  '',
  'Every figure stands beside a yardstick of the same run. Ratios travel from machine to machine, figures do not. `npm run bench`',
  'measures all of it, `npm run bench:NAME` one part; `-- --help` says what can be asked for.',
  '',
];
const GLANCE = 'glance';
const BY_HAND = '<!-- Written by hand from here on; benchmarks keep it. -->';

/**
 * Puts what a benchmark has found into docs/performance.md, in the place of what it found before. All goals are gathered at the
 * top; what is written by hand at the end stays.
 * @returns the file.
 */
export async function writeSection(name: SectionName, text: string): Promise<string> {
  const present = await readFile(PAGE, 'utf8').catch(() => '');
  const sections = new Map(
    SECTIONS.map((one) => [one, one === name ? text.trim() : sectionIn(present, one)]),
  );
  const blocks = [...sections].flatMap(([one, body]) => (body === null ? [] : [marked(one, body)]));
  const goals = [...sections.values()].flatMap((body) => goalRowsIn(body ?? ''));
  const glance = marked(GLANCE, ['## At a glance', '', ...goalTable([]), ...goals].join('\n'));
  const handAt = present.indexOf(BY_HAND);
  const byHand = handAt < 0 ? `${BY_HAND}\n` : present.slice(handAt);
  await writeFile(PAGE, [...HEAD, glance, '', ...blocks.flatMap((block) => [block, '']), byHand].join('\n'));
  return PAGE;
}

function sectionIn(page: string, name: string): string | null {
  const start = page.indexOf(opening(name));
  const end = page.indexOf(closing(name));
  return start < 0 || end < start ? null : page.slice(start + opening(name).length, end).trim();
}

function marked(name: string, text: string): string {
  return `${opening(name)}\n${text}\n${closing(name)}`;
}

function opening(name: string): string {
  return `<!-- ${name} -->`;
}

function closing(name: string): string {
  return `<!-- /${name} -->`;
}
