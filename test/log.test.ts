import { expect, test } from 'vitest';
import { createLog, type LogLevel } from '../src/log.js';

/** Logs once and answers with the parsed line. */
function line(fields: object, level: LogLevel = 'info'): Record<string, unknown> {
  const lines: string[] = [];
  createLog(level, { write: (text) => lines.push(text) }).info(fields, 'said');
  return JSON.parse(lines[0] ?? 'null');
}

test('writes one JSON line with level, instant and message', () => {
  expect(line({ requestId: 'r1' })).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    pid: process.pid,
    requestId: 'r1',
    msg: 'said',
  });
  expect(line({}, 'warn')).toBeNull();
});

test('leaves out secrets and personal data, further in too', () => {
  const contact = { id: '1', email: 'ada@example.com', firstName: 'Ada', properties: { budget: 5 } };
  const text = JSON.stringify(
    line({ authorization: 'Bearer k', contact, request: { headers: { cookie: 'c' } } }),
  );
  expect(text).toContain('"id":"1"');
  for (const secret of ['Bearer', 'ada@', 'Ada', 'budget', '"c"']) expect(text).not.toContain(secret);
});

test('of an error of the database neither values nor parameters are kept', () => {
  const cause = Object.assign(new Error('invalid input syntax for type uuid: "Ada Lovelace"'), {
    code: '22P02',
    detail: 'Key (email)=(ada@example.com) already exists.',
    table: 'contacts',
  });
  const error = Object.assign(new Error('no contact ada@example.com', { cause }), {
    parameters: ['ada@example.com'],
    query: 'select 1',
  });
  const entry = line({ err: error }) as { err: { message: string; cause: { message: string } } };
  expect(JSON.stringify(entry)).not.toMatch(/Ada|ada@|select 1/);
  expect(entry.err).toMatchObject({
    message: 'no contact [email]',
    cause: { message: 'invalid input syntax for type uuid: "…"', code: '22P02', table: 'contacts' },
  });
});

test('of a request only method and path are kept', () => {
  const req = { method: 'GET', url: '/graphql?query={contact(key:{email:"a@b.c"}){id}}', ip: '10.0.0.1' };
  expect(line({ req })).toMatchObject({ req: { method: 'GET', path: '/graphql' } });
});
