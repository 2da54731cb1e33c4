import { readFile, readlink, rm } from 'node:fs/promises';
import path from 'node:path';

/** What a running PostgreSQL says about itself in its data directory. */
export interface PostmasterFile {
  pid: number;
  port: number;
}

/** Lines of postmaster.pid, see PostgreSQL's src/include/utils/pidfile.h. */
const LINE_PID = 0;
const LINE_PORT = 3;

/** Reads postmaster.pid; null when there is none, or when it is not complete yet. */
export async function readPostmasterFile(dataPath: string): Promise<PostmasterFile | null> {
  const text = await readFile(postmasterFilePath(dataPath), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[LINE_PID]);
  const port = Number(lines[LINE_PORT]);
  return pid > 0 && port > 0 ? { pid, port } : null;
}

/** Removes a postmaster.pid that nobody stands behind any more. */
export async function removePostmasterFile(dataPath: string): Promise<void> {
  await rm(postmasterFilePath(dataPath), { force: true });
}

/**
 * Whether process `pid` can be the PostgreSQL of this data directory. A number in postmaster.pid may belong to something
 * else by now (containers hand the same few numbers out again), and PostgreSQL then refuses to start. Where the system
 * does not tell, any living process counts.
 */
export async function isPostmasterAlive(dataPath: string, pid: number): Promise<boolean> {
  if (!isProcessAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  // A postmaster works in its data directory.
  // What cannot be read is another user's, and so not the one that could open these files.
  return dataPath === (await readlink(`/proc/${pid}/cwd`).catch(() => null));
}

/** Whether a process of this number exists, whoever it belongs to. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function postmasterFilePath(dataPath: string): string {
  return path.join(dataPath, 'postmaster.pid');
}
