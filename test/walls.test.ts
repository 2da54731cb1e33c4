import path from 'node:path';
import { expect, test } from 'vitest';
import { readSourceFiles, type SourceFile } from './support/source-files.js';

const root = path.resolve(import.meta.dirname, '..');
const files = readSourceFiles(root, 'src');
const LINES_MAX = 400;

/** Of the parts of src, those that each may import; a part may always import itself. */
const features = [
  'access',
  'analytics',
  'automation',
  'catalogue',
  'contacts',
  'feed',
  'identity',
  'ingest',
  'jobs',
  'models',
  'predictive',
  'preview',
  'rescoring',
  'upkeep',
];
const below: Record<string, readonly string[]> = {
  scoring: [],
  store: ['scoring'],
  embedded: [],
  'stop-signals.ts': [],
  // Features meet in the feed and in the store and nowhere else.
  ...Object.fromEntries(features.map((feature) => [feature, ['feed', 'store', 'scoring']])),
  feed: ['store', 'scoring'],
  sample: ['ingest', 'access', 'store', 'scoring'],
  transfer: ['ingest', 'contacts', 'store', 'scoring'],
  // Both are about filters of contacts.
  segments: ['contacts', 'feed', 'store', 'scoring'],
  bulk: ['contacts', 'ingest', 'store', 'scoring'],
  simulation: ['sample', 'scoring'],
  api: [...features, 'transfer', 'segments', 'bulk', 'store', 'scoring'],
  cli: [
    ...features,
    'transfer',
    'sample',
    'simulation',
    'api',
    'embedded',
    'store',
    'scoring',
    'stop-signals.ts',
  ],
  server: [...features, 'transfer', 'segments', 'bulk', 'sample', 'api', 'store', 'scoring'],
  'main.ts': ['server', 'embedded', 'stop-signals.ts'],
};
/** Single files that every part but scoring may import, and that import only each other. */
const everywhere = [
  'config.ts',
  'describe-config.ts',
  'errors.ts',
  'log.ts',
  'setting.ts',
  'tenant-rests.ts',
  'uuid.ts',
  'slices.ts',
  'within.ts',
  'worker-loop.ts',
];

/** The part of src that a path belongs to: the folder, or the file that lies there alone. */
function partOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function offences(find: (file: SourceFile) => string[]): string[] {
  return files.flatMap((file) => find(file).map((offence) => `${file.path}: ${offence}`));
}

test('every part of src has its place in the order of layers', () => {
  const unknown = files
    .map((file) => partOf(file.path))
    .filter((part) => !(part in below) && !everywhere.includes(part));
  expect([...new Set(unknown)]).toEqual([]);
});

test('imports go one way', () => {
  const wrong = offences((file) => {
    const part = partOf(file.path);
    const allowed = everywhere.includes(part) ? [] : [part, ...(below[part] ?? [])];
    const others = part === 'scoring' ? [] : everywhere;
    return file.imports
      .filter((target) => target.startsWith('src/'))
      .filter((target) => ![...allowed, ...others].includes(partOf(target)));
  });
  expect(wrong).toEqual([]);
});

test('only the store knows the migrations, and nothing in src knows tests, scripts or benchmarks', () => {
  const wrong = offences((file) =>
    file.imports
      .filter((target) => /^(\.\.|migrations|test|scripts|bench|ormconfig)/.test(target))
      .filter((target) => !(partOf(file.path) === 'store' && target.startsWith('migrations/'))),
  );
  expect(wrong).toEqual([]);
});

test.each(['src/scoring/', 'src/analytics/statistics/'])(
  '%s imports nothing outside itself, and knows neither clock nor chance',
  (folder) => {
    const pure = files.filter((file) => file.path.startsWith(folder));
    expect(pure.length).toBeGreaterThan(0);
    const outside = pure.flatMap((file) => file.imports.filter((target) => !target.startsWith(folder)));
    expect(outside).toEqual([]);
    const impure = pure.filter((file) =>
      /Date\.now|new Date\(\)|performance\.|Math\.random|process\.|console\./.test(file.code),
    );
    expect(impure.map((file) => file.path)).toEqual([]);
  },
);

test('exports have names, and no file only passes on', () => {
  expect(offences((file) => file.code.match(/export default/g) ?? [])).toEqual([]);
  expect(
    offences((file) => file.text.match(/^export (?:type )?(?:\*|\{[^}]*\})[^;]* from /gm) ?? []),
  ).toEqual([]);
});

test('nothing is typed any, and nothing silences the compiler', () => {
  const any = /(?::|\bas|<|=>)\s*any\b(?!\s*[(.])|\bany\[\]/g;
  expect(offences((file) => file.code.match(any) ?? [])).toEqual([]);
  expect(offences((file) => file.text.match(/@ts-(?:ignore|expect-error|nocheck)/g) ?? [])).toEqual([]);
});

test('files are small and named in kebab-case', () => {
  const long = offences((file) => {
    const lines = file.text.split('\n').length;
    return lines > LINES_MAX ? [`${lines} lines`] : [];
  });
  expect(long).toEqual([]);
  expect(
    files.map((file) => file.path).filter((name) => !/^src\/(?:[a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(name)),
  ).toEqual([]);
});
