// `npm test`: the checks, then every test. The last line counts them, for people and for continuous integration:
// a check that fails counts as one failed test. Arguments go to vitest (npm test -- test/scoring).
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { buildIfNeeded, root } from './build.mjs';

const results = path.join(root, 'node_modules', '.cache', 'leadpulse', `test-results-${process.pid}.json`);

function run(command, args) {
  console.log(`> ${command} ${args.join(' ')}`);
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (done.error) console.error(done.error.message);
  return done.status === 0;
}

function readCounts() {
  try {
    const report = JSON.parse(readFileSync(results, 'utf8'));
    const skipped = report.numPendingTests + report.numTodoTests;
    // A file that could not be loaded has no tests that could fail.
    const broken = report.testResults.filter(
      (file) => file.status === 'failed' && !hasFailedTest(file),
    ).length;
    return { passed: report.numPassedTests, failed: report.numFailedTests + broken, skipped };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  } finally {
    rmSync(results, { force: true });
  }
}

function hasFailedTest(file) {
  return file.assertionResults.some((test) => test.status === 'failed');
}

mkdirSync(path.dirname(results), { recursive: true });
// The tests that start whole servers start them from dist; what keeps it from being built fails the check of the types too.
buildIfNeeded();
const checks = [run('tsc', ['-p', 'tsconfig.json']), run('biome', ['ci', '.'])];
const vitest = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const testsOk = run('vitest', [...vitest, ...process.argv.slice(2)]);
const counts = readCounts();
// Errors outside of any test (an unhandled rejection, a failed teardown) show in the exit code alone.
const unseen = !testsOk && counts.failed === 0 ? 1 : 0;
const failed = counts.failed + unseen + checks.filter((ok) => !ok).length;
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed > 0 ? 1 : 0;
