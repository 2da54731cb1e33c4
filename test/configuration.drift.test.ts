import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { describeConfigAsMarkdown } from '../src/describe-config.js';

test('docs/configuration.md is what the code says (npm run docs:config writes it)', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../docs/configuration.md'), 'utf8');
  expect(page).toBe(describeConfigAsMarkdown());
});
