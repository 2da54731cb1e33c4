/** Codes of the network and of PostgreSQL with which a start on somebody's own database fails, in words. */
const WORDS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it hung up',
  '28P01': 'it refuses the password',
  '28000': 'it refuses the user',
  '3D000': 'it has no such database',
  '53300': 'it has no connection left',
  '42501': 'the role may not create tables in it',
};

/**
 * What to say when the database cannot be used at the start; any other error is returned as it is.
 * @param databaseUrl DATABASE_URL; its password is not shown.
 */
export function explainDatabaseFault(error: unknown, databaseUrl: string): Error {
  const fault = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : '';
  const words = WORDS[code];
  if (words === undefined) return fault;
  const message =
    `The database at ${addressOf(databaseUrl)} cannot be used: ${words} (${code}). ` +
    'Check DATABASE_URL and that the server is running, or leave DATABASE_URL out: Leadpulse then starts a PostgreSQL of its own.';
  return new Error(message, { cause: error });
}

function addressOf(databaseUrl: string): string {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null;
  return url ? `${url.hostname}:${url.port || 5432}${url.pathname}` : 'DATABASE_URL';
}
