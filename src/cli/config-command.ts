import process from 'node:process';
import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import { describeConfig, describeConfigAsMarkdown } from '../describe-config.js';

/** `leadpulse config`: what can be configured, and whether the environment is right. */
export function registerConfigCommand(program: Command): void {
  program
    .command('config')
    .description('list the environment variables, or check those that are set')
    .option('--check', 'say whether the environment is valid, and if not, why')
    .option('--markdown', 'print the list as the page docs/configuration.md')
    .action((options: { check?: boolean; markdown?: boolean }) => {
      if (options.check) {
        loadConfig(process.env);
        console.log('The configuration is valid.');
      } else if (options.markdown) process.stdout.write(describeConfigAsMarkdown());
      else console.log(describeConfig());
    });
}
