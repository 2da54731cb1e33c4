import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LeadpulseError } from '../../errors.js';
import { type ModelFile, parseModelFile } from './model-file.js';

const FILES_MAX = 1_000;
const FILE_BYTES_MAX = 16 * 1024 * 1024;
const EXTENSION = '.json';

/** A folder with a file for each model, named after its key. */
export class ModelFolder {
  /** @param dir as it was given; it does not have to be there yet. */
  constructor(readonly dir: string) {}

  /** The path of the file of a model. @throws LeadpulseError for a key that would lead out of the folder. */
  pathOf(key: string): string {
    if (path.basename(key) !== key) {
      throw new LeadpulseError('BAD_USER_INPUT', `"${key}" cannot be the key of a model.`);
    }
    return path.join(this.dir, `${key}${EXTENSION}`);
  }

  /** Keys of the files that are there, in their order. @throws LeadpulseError when there are too many. */
  async keys(): Promise<string[]> {
    const names = await readdir(this.dir).catch(unlessMissing);
    const keys = (names ?? [])
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => name.slice(0, -EXTENSION.length));
    if (keys.length <= FILES_MAX) return keys.sort();
    throw new LeadpulseError(
      'BAD_USER_INPUT',
      `${this.dir} has more than ${FILES_MAX} files: give keys, or another --dir.`,
    );
  }

  /** The text of the file of a model; null when there is none. @throws LeadpulseError when it is too large. */
  async readText(key: string): Promise<string | null> {
    const file = this.pathOf(key);
    const size = (await stat(file).catch(unlessMissing))?.size;
    if (size === undefined) return null;
    if (size <= FILE_BYTES_MAX) return readFile(file, 'utf8');
    throw new LeadpulseError('BAD_USER_INPUT', `${file}: At most ${FILE_BYTES_MAX} bytes are read.`);
  }

  /**
   * The files of these models.
   * @throws LeadpulseError that names what is wrong in all of them, or a file that is missing.
   */
  async readAll(keys: readonly string[]): Promise<ModelFile[]> {
    const files: ModelFile[] = [];
    const faults: string[] = [];
    for (const key of keys) {
      try {
        files.push(await this.#read(key));
      } catch (error) {
        if (!(error instanceof LeadpulseError)) throw error;
        faults.push(error.message);
      }
    }
    if (faults.length > 0) throw new LeadpulseError('BAD_USER_INPUT', faults.join('\n'));
    return files;
  }

  async #read(key: string): Promise<ModelFile> {
    const text = await this.readText(key);
    if (text !== null) return parseModelFile(text, key, this.pathOf(key));
    const advice = `\`leadpulse models pull ${key}\` writes it.`;
    throw new LeadpulseError('NOT_FOUND', `There is no ${this.pathOf(key)}. ${advice}`);
  }

  /** Writes the file of a model, whole or not at all. */
  async write(key: string, text: string): Promise<void> {
    await mkdir(this.dir, { recursive: true });
    const file = this.pathOf(key);
    const unfinished = `${file}.${randomUUID()}`;
    await writeFile(unfinished, text);
    await rename(unfinished, file);
  }
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
