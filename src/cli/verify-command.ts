import process from 'node:process';
import type { Command } from 'commander';
import { auditScores } from '../rescoring/audit-scores.js';
import { ModelRegistry } from '../store/model-registry.js';
import { findTenant } from './find-tenant.js';
import { withOpenDatabase } from './with-open-database.js';

const DIFFERENCES_SHOWN_MAX = 20;

/** `leadpulse verify`: every stored score against a replay of its timeline. Ends with 1 when one differs. */
export function registerVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('compare every stored score with a replay of its timeline; reads only')
    .option('--tenant <name|id>', 'whose; needed when there are several tenants')
    .action(({ tenant }: { tenant?: string }) => verify(tenant));
}

async function verify(wanted: string | undefined): Promise<void> {
  await withOpenDatabase('verify', async (db) => {
    const { id } = await findTenant(db, wanted);
    const show = process.stderr.isTTY
      ? (scores: number) => process.stderr.write(`\r${scores} scores compared`)
      : () => undefined;
    const { scores, differences } = await auditScores(db, new ModelRegistry(db), id, show);
    if (process.stderr.isTTY) process.stderr.write('\n');
    for (const { contactId, modelId, stored, replayed } of differences.slice(0, DIFFERENCES_SHOWN_MAX)) {
      console.log(
        `contact ${contactId}, model ${modelId}: stored ${stored.total}, its timeline says ${replayed.total}`,
      );
    }
    console.log(`${scores} scores compared with their timelines, ${differences.length} differ.`);
    if (differences.length > 0) process.exitCode = 1;
  });
}
