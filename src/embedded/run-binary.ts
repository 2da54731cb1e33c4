import { spawn } from 'node:child_process';

/** The system user that PostgreSQL runs as when this process is root. */
export interface RunAs {
  uid: number;
  gid: number;
}

/** How a program ended. */
export interface Finished {
  /** Null when it was killed or could not be started. */
  code: number | null;
  /** Standard output and error together, at most `OUTPUT_CHARS_MAX` characters from the end. */
  output: string;
}

const OUTPUT_CHARS_MAX = 8_000;

/**
 * Runs one of PostgreSQL's programs to its end. Never throws: a program that cannot be started has `code` null and the
 * reason in `output`.
 * @param timeoutMs after which it is killed.
 */
export function runBinary(file: string, args: string[], timeoutMs: number, runAs?: RunAs): Promise<Finished> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(file, args, {
      // The folder this process is in may be closed to the user that the program runs as.
      cwd: process.platform === 'win32' ? undefined : '/',
      env: serverEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      windowsHide: true,
      ...runAs,
    });
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_CHARS_MAX);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** A clean environment: PGDATA, PGPORT, PGOPTIONS and the like of the caller's shell must not leak in. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = process.env;
  // With TZ set, initdb need not read 600 time zone files to guess it; macOS wants a valid LC_ALL.
  return { PATH, SystemRoot, TEMP, TMP, TZ: 'UTC', LC_ALL: 'C' };
}
