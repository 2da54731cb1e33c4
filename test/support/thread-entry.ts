import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './ensure-built.js';

/** The compiled entry of the worker threads: threads run what users run, whatever the tests run from. */
export function compiledThread(): URL {
  return pathToFileURL(ensureBuilt('src/preview/thread.js'));
}

/** The same of the threads that fit rules. */
export function compiledFitThread(): URL {
  return pathToFileURL(ensureBuilt('src/analytics/insight/fit-thread.js'));
}
