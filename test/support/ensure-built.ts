import path from 'node:path';
import { buildIfNeeded, root } from '../../scripts/build.mjs';

let built = false;

/**
 * The absolute path of a compiled file (`src/main.js`), for tests that start processes of their own; compiles first what has
 * changed. Whether the types hold is not asked here, `npm run check` does that.
 */
export function ensureBuilt(file: string): string {
  if (!built) buildIfNeeded();
  built = true;
  return path.join(root, 'dist', file);
}
