// Starts one of the product's programs: `node scripts/run.mjs src/main.js ...`, compiling first what has changed.
// One process from here on (no child), so that signals to `npm start` reach the server itself.
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { buildIfNeeded, root } from './build.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(
    `Leadpulse needs Node 22.12 or newer, and this is ${process.versions.node}. Start it with npm (npm start): the ` +
      'installation brings its own Node. If it did not, its install script was not run: npm ci again, without --ignore-scripts.',
  );
  process.exit(1);
}
const entry = process.argv[2];
if (!entry) {
  console.error('Usage: node scripts/run.mjs <file in dist> [arguments]');
  process.exit(1);
}
if (!buildIfNeeded()) {
  console.error(
    'Leadpulse could not be built; see the messages above (or run npm ci, when the compiler is missing).',
  );
  process.exit(1);
}
const target = path.join(root, 'dist', entry);
process.argv.splice(1, 2, target);
process.setSourceMapsEnabled(true);
await import(pathToFileURL(target).href);
