import { SETTINGS } from './config.js';
import type { Setting } from './setting.js';

const SETTINGS_IN_ORDER: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** The environment variables for a terminal: name, what it must be, its default and what it means. */
export function describeConfig(): string {
  const entries = SETTINGS_IN_ORDER.map(
    ({ variable, kind, shownFallback, description }) =>
      `  ${variable}\n      ${plain(description)}\n      Must be ${kind}. Default: ${shownFallback}.`,
  );
  return ['Environment variables:', ...entries].join('\n');
}

/** The same as the page docs/configuration.md. */
export function describeConfigAsMarkdown(): string {
  const rows = SETTINGS_IN_ORDER.map(
    ({ variable, kind, shownFallback, description }) =>
      `| \`${variable}\` | ${shownFallback} | ${description} Must be ${kind}. |`,
  );
  return `${[
    '# Configuration',
    '',
    'Leadpulse is configured by environment variables. All of them are read and checked when it starts; if any is wrong, it',
    'says so about each of them and does not start. A variable that is set to nothing counts as absent. `leadpulse config` prints',
    'this list, and `leadpulse config --check` checks the environment without starting anything.',
    '',
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'This page is generated: `npm run docs:config` writes it anew.',
  ].join('\n')}\n`;
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}
