import type { CpuProfile } from './server-profiler.js';

/** A share of the time in which the server had something to do. */
export interface ProfileShare {
  name: string;
  percent: number;
}

/** Where the processor time of a profile went. */
export interface ProfileSummary {
  /** Part of the time in which it was idle. */
  idlePercent: number;
  functions: ProfileShare[];
  /** By package, or folder of the server's own code. */
  parts: ProfileShare[];
}

const NOT_WORK = new Set(['(idle)', '(root)']);

/** Adds up self times. @param limit lines of each list. */
export function summariseProfile({ nodes, samples, timeDeltas }: CpuProfile, limit: number): ProfileSummary {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, number>();
  const parts = new Map<string, number>();
  let busy = 0;
  let idle = 0;
  samples.forEach((id, index) => {
    const frame = byId.get(id);
    const took = Math.max(0, timeDeltas[index + 1] ?? 0);
    if (!frame || NOT_WORK.has(frame.functionName)) {
      idle += took;
      return;
    }
    busy += took;
    const place = shortUrl(frame.url);
    const name = frame.functionName || '(anonymous)';
    add(functions, place ? `${name}  ${place}:${frame.lineNumber + 1}` : name, took);
    add(parts, place ? partOf(place) : name, took);
  });
  return {
    idlePercent: (idle / (busy + idle)) * 100,
    functions: shares(functions, busy, limit),
    parts: shares(parts, busy, limit),
  };
}

function add(sums: Map<string, number>, name: string, took: number): void {
  sums.set(name, (sums.get(name) ?? 0) + took);
}

function shares(sums: ReadonlyMap<string, number>, total: number, limit: number): ProfileShare[] {
  const sorted = [...sums].sort((a, b) => b[1] - a[1]).slice(0, limit);
  return sorted.map(([name, took]) => ({ name, percent: (took / total) * 100 }));
}

/** The url from the package or the source folder on. */
function shortUrl(url: string): string {
  return url.replace(/^.*\/node_modules\//, '').replace(/^file:\/\/.*\/dist\//, '');
}

/** `pg`, `@scope/name`, `node:internal`, `src/scoring`. */
function partOf(place: string): string {
  const words = place.split('/');
  if (place.startsWith('node:')) return words[0] ?? place;
  const isTwo = place.startsWith('@') || place.startsWith('src/');
  return words.slice(0, isTwo ? 2 : 1).join('/');
}
