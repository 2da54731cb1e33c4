import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One of the product's sources. */
export interface SourceFile {
  /** From the root of the repository, with forward slashes: `src/scoring/evaluate.ts`. */
  path: string;
  text: string;
  /** The text without comments and without what stands in quotes, for searches in the code alone. */
  code: string;
  /** What it imports: paths from the root of the repository (`src/log.ts`), or the names of packages. */
  imports: string[];
}

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)'([^']+)'/g;
const COMMENTS_AND_TEXTS =
  /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** All TypeScript sources under a folder of the repository. */
export function readSourceFiles(root: string, folder: string): SourceFile[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readSourceFile(root, path.join(entry.parentPath, entry.name)))
    .sort((a, b) => a.path.localeCompare(b.path));
}

function readSourceFile(root: string, file: string): SourceFile {
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(IMPORT)].map((match) => resolveImport(root, file, match[1] ?? ''));
  return { path: fromRoot(root, file), text, code: text.replace(COMMENTS_AND_TEXTS, ''), imports };
}

function resolveImport(root: string, file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return fromRoot(root, path.resolve(path.dirname(file), specifier)).replace(/\.js$/, '.ts');
}

function fromRoot(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}
