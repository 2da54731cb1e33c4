import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { getStaticFile } from 'ruru/static';
import { EXPLORER_SCRIPT } from './explorer-script.js';
import { EXPLORER_STYLE } from './explorer-style.js';

const VERSION_CHARS = 16;
const CODING = { gzip: /\bgzip\b/i };

/** A file as it goes over the wire. */
export interface ExplorerAsset {
  content: Buffer | string;
  headers: Record<string, string>;
}

interface OwnAsset {
  type: string;
  content: Buffer;
  /** The same, compressed beforehand; null when there is no such file. */
  gzip: Buffer | null;
}

/** The files of the explorer's page, all from installed packages. A path never changes its content: it names the version. */
export class ExplorerAssets {
  /** The path of the folder, with a slash at the end. */
  readonly folder: string;
  readonly #own: ReadonlyMap<string, OwnAsset>;

  /** @param base the path under which the versions lie, with a slash at the end. */
  constructor(base: string) {
    const require = createRequire(import.meta.url);
    const socketClient = path.resolve(
      path.dirname(require.resolve('graphql-ws')),
      '../umd/graphql-ws.min.js',
    );
    const javascript = 'text/javascript; charset=utf-8';
    this.#own = new Map([
      ['explorer.js', { type: javascript, content: Buffer.from(EXPLORER_SCRIPT), gzip: null }],
      ['explorer.css', { type: 'text/css; charset=utf-8', content: Buffer.from(EXPLORER_STYLE), gzip: null }],
      [
        'graphql-ws.min.js',
        { type: javascript, content: readFileSync(socketClient), gzip: readIfThere(`${socketClient}.gz`) },
      ],
    ]);
    const ruruManifest = path.resolve(path.dirname(require.resolve('ruru/static')), '../package.json');
    const hash = createHash('sha256').update(readFileSync(ruruManifest));
    for (const { content } of this.#own.values()) hash.update(content);
    this.folder = `${base}${hash.digest('hex').slice(0, VERSION_CHARS)}/`;
  }

  /**
   * A file by the path of its URL, in the best coding that the client takes.
   * @param acceptEncoding the client's `Accept-Encoding`.
   * @returns null when there is no such file.
   */
  async find(urlPath: string, acceptEncoding: string | undefined): Promise<ExplorerAsset | null> {
    if (!urlPath.startsWith(this.folder)) return null;
    const own = this.#own.get(urlPath.slice(this.folder.length));
    if (own) return serveOwn(own, acceptEncoding);
    // The maps of the sources are 10 MB in memory and of use to nobody here.
    return getStaticFile({ staticPath: this.folder, urlPath, acceptEncoding, disallowDevAssets: true });
  }
}

function serveOwn({ type, content, gzip }: OwnAsset, acceptEncoding = ''): ExplorerAsset {
  if (gzip !== null && CODING.gzip.test(acceptEncoding)) {
    return { content: gzip, headers: { 'content-type': type, 'content-encoding': 'gzip' } };
  }
  return { content, headers: { 'content-type': type } };
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}
