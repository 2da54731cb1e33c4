import type { Bootstrapped } from './bootstrap.js';

/**
 * What a person reads when the server has started: where things are, and an operation to paste.
 * @param readyMs how long the start took.
 */
export function welcome(url: string, bootstrapped: Bootstrapped | null, readyMs: number): string {
  const key = bootstrapped ? bootstrapped.apiKey : '<your key>';
  const lines = [
    '',
    `  Leadpulse is ready after ${(readyMs / 1000).toFixed(1)} s`,
    '',
    `  API       ${url}/graphql   (subscriptions: ${url.replace(/^http/, 'ws')}/graphql)`,
    `  Explorer  ${url}/explorer`,
    '  Docs      README.md, docs/',
    '',
    ...keyLines(bootstrapped),
    '  Try it:',
    '',
    ...curl(url, key).map((line) => `    ${line}`),
    '',
    '  Live traffic to watch, from a second terminal:',
    '',
    `    LEADPULSE_API_KEY=${key} npm run simulate`,
    '',
    '  Stop: Ctrl-C',
    '',
  ];
  return lines.join('\n');
}

function keyLines(bootstrapped: Bootstrapped | null): string[] {
  if (!bootstrapped) return [];
  const sample = bootstrapped.contacts > 0 ? [`  ${bootstrapped.contacts} sample contacts are in.`, ''] : [];
  if (!bootstrapped.keyIsNew) return sample;
  return [...sample, `  Your ADMIN key, shown this once:  ${bootstrapped.apiKey}`, ''];
}

function curl(url: string, key: string): string[] {
  const query = '{ contacts(first: 5) { nodes { email company score { total stage { name } } } } }';
  return [
    `curl -s ${url}/graphql -H 'content-type: application/json' \\`,
    `  -H 'authorization: Bearer ${key}' \\`,
    `  -d '{"query":"${query}"}'`,
  ];
}
