/** Cores in use by the server, the database and the load generator. */
export interface Cores {
  server: number;
  database: number;
  load: number;
}

/** One measurement of the product, or of a yardstick (whose latencies are not known). */
export interface Measurement {
  actionsPerSecond: number;
  p50Ms: number | null;
  p99Ms: number | null;
  /** Null where processes cannot be looked at. */
  cores: Cores | null;
}

/** The measurements of one thing, a round each; medians speak for it. */
export class Series {
  readonly name: string;
  readonly rounds: Measurement[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get actionsPerSecond(): number {
    return median(this.rounds.map((round) => round.actionsPerSecond));
  }

  get p50Ms(): number | null {
    return medianOf(this.rounds.map((round) => round.p50Ms));
  }

  get p99Ms(): number | null {
    return medianOf(this.rounds.map((round) => round.p99Ms));
  }

  get cores(): Cores | null {
    return medianCores(this.rounds.map((round) => round.cores));
  }

  /** Processor time of an action, in microseconds: it depends less on what else the machine does than the rate. */
  get microsecondsPerAction(): Cores | null {
    return medianCores(this.rounds.map((round) => microsecondsPerAction(round)));
  }
}

/** Processor time of an action, in microseconds. */
export function microsecondsPerAction({ actionsPerSecond, cores }: Measurement): Cores | null {
  if (!cores) return null;
  const of = (used: number) => (used * 1_000_000) / actionsPerSecond;
  return { server: of(cores.server), database: of(cores.database), load: of(cores.load) };
}

/** The median of the ratios of each round, so that what drifts from round to round does not decide. */
export function ratioOf(above: Series, below: Series): number {
  return median(
    above.rounds.map(
      (round, index) => round.actionsPerSecond / (below.rounds[index]?.actionsPerSecond ?? Number.NaN),
    ),
  );
}

/** The series with the highest median. @throws Error when there is none. */
export function bestOf(series: readonly Series[]): Series {
  const [best] = [...series].sort((a, b) => b.actionsPerSecond - a.actionsPerSecond);
  if (!best) throw new Error('there is nothing to choose from');
  return best;
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

function medianCores(values: readonly (Cores | null)[]): Cores | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const of = (pick: (cores: Cores) => number) => median(known.map(pick));
  return {
    server: of((cores) => cores.server),
    database: of((cores) => cores.database),
    load: of((cores) => cores.load),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
