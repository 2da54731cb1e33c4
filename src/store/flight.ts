import type { Writable } from 'node:stream';
import pg from 'pg';

/** A statement of a flight. Values are sent as text; arrays come as literals (`arrayLiteral`, `parameterText`). */
export interface FlightStatement {
  /** Under which it is prepared, once a connection; stands for one text in the whole program. '' is planned each time. */
  name: string;
  text: string;
  values?: (string | number | null)[];
}

export const BEGIN: FlightStatement = { name: 'begin', text: 'BEGIN' };
export const COMMIT: FlightStatement = { name: 'commit', text: 'COMMIT' };

/** What a statement led to. */
export interface FlightAnswer<Row> {
  /** `SELECT`, `UPDATE`, `COMMIT` ... */
  command: string;
  rows: Row[];
}

/** The parts of pg's connection that a flight writes to. */
interface Wire {
  stream: Writable;
  /** Texts of the statements that are prepared on this connection, by name; never ''. */
  parsedStatements: Record<string, string>;
  parse(message: { text: string; name: string }): void;
  bind(message: { statement: string; values: readonly unknown[]; valueMapper: typeof asText }): void;
  describe(message: { type: 'P' }): void;
  execute(message: object): void;
  close(message: { type: 'S'; name: string }): void;
  sync(): void;
}

/** The parts of pg's result that a flight fills. */
interface Answer extends FlightAnswer<pg.QueryResultRow> {
  fields: pg.FieldDef[];
  parseRow(fields: (string | null)[]): pg.QueryResultRow;
  addFields(fields: pg.FieldDef[]): void;
  addCommandComplete(message: { text: string }): void;
}

type Settle = (error: unknown, answers: Answer[]) => void;

/** Columns of the answers of statements, by name, so that the server need not describe them each time. */
const columnsOf = new Map<string, pg.FieldDef[]>();

/** A flight as pg sees it: one query. */
class FlightQuery extends pg.Query {
  readonly statements: readonly FlightStatement[];
  readonly #answers: Answer[];
  readonly #settle: Settle;
  #wire: Wire | null = null;
  /** Statements answered so far. */
  #done = 0;
  #fault: unknown = null;

  constructor(statements: readonly FlightStatement[], types: typeof pg.types, settle: Settle) {
    super({ text: 'flight' });
    this.statements = statements;
    this.#answers = statements.map(() => new pg.Result('', types) as unknown as Answer);
    this.#settle = settle;
  }

  /** pg calls it when the connection is free to send. */
  override submit = (connection: unknown): void => {
    const wire = connection as Wire;
    this.#wire = wire;
    const prepared = new Set<string>();
    wire.stream.cork();
    try {
      for (const { name, text, values } of this.statements) {
        if (wire.parsedStatements[name] === undefined && !prepared.has(name)) {
          wire.parse({ name, text });
          if (name !== '') prepared.add(name);
        }
        wire.bind({ statement: name, values: values ?? [], valueMapper: asText });
        if (!columnsOf.has(name)) wire.describe({ type: 'P' });
        wire.execute({});
      }
      wire.sync();
    } finally {
      wire.stream.uncork();
    }
  };

  handleRowDescription(message: { fields: pg.FieldDef[] }): void {
    const statement = this.statements[this.#done];
    if (statement?.name === '') this.#answers[this.#done]?.addFields(message.fields);
    else if (statement) columnsOf.set(statement.name, message.fields);
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    if (this.#fault) return;
    const answer = this.#answers[this.#done];
    const statement = this.statements[this.#done];
    if (!answer || !statement) return;
    try {
      if (answer.fields.length === 0) answer.addFields(columnsOf.get(statement.name) ?? []);
      answer.rows.push(answer.parseRow(message.fields));
    } catch (error) {
      this.#fault = error;
    }
  }

  handleCommandComplete(message: { text: string }): void {
    const statement = this.statements[this.#done];
    if (statement && statement.name !== '' && this.#wire) {
      this.#wire.parsedStatements[statement.name] = statement.text;
      if (!columnsOf.has(statement.name)) columnsOf.set(statement.name, []);
    }
    this.#answers[this.#done]?.addCommandComplete(message);
    this.#done++;
  }

  handleReadyForQuery(): void {
    this.#settle(this.#fault, this.#answers);
  }

  handleError(error: unknown): void {
    const failed = this.statements[this.#done];
    // Whether it had been prepared by then is not known; closing what is not there is no fault.
    if (
      failed &&
      failed.name !== '' &&
      this.#wire?.stream.writable &&
      this.#wire.parsedStatements[failed.name] === undefined
    ) {
      this.#wire.close({ type: 'S', name: failed.name });
    }
    this.#settle(error, this.#answers);
  }
}

function asText(value: unknown): string | null {
  return value === null ? null : String(value);
}

/** Any value of a parameter as PostgreSQL reads it: instants in UTC, lists as array literals with every element quoted. */
export function parameterText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (!Array.isArray(value)) return String(value);
  const elements = value.map((element: unknown) => {
    const text = parameterText(element);
    return text === null ? 'NULL' : `"${text.replace(/[\\"]/g, '\\$&')}"`;
  });
  return `{${elements.join(',')}}`;
}

/**
 * Statements that travel together: one write to the socket, one Sync behind the last of them, one answer. When one
 * fails, the server skips those behind it, COMMIT included. With a Sync behind each, the server sends, and this process
 * wakes up, once a statement.
 */
export class Flight {
  readonly #statements: FlightStatement[] = [];
  #answers: Answer[] = [];

  /** @returns what gives the answer, once the flight is back. */
  add<Row>(statement: FlightStatement): () => FlightAnswer<Row> {
    const index = this.#statements.push(statement) - 1;
    return () => {
      const answer = this.#answers[index];
      if (!answer) throw new Error(`the flight with ${statement.name} is not back`);
      return answer as unknown as FlightAnswer<Row>;
    };
  }

  /**
   * @param client a pipelined connection.
   * @throws the first failure; the statements behind it were not run then.
   */
  async send(client: pg.ClientBase): Promise<void> {
    const { _types: types } = client as unknown as { _types: typeof pg.types };
    this.#answers = await new Promise<Answer[]>((resolve, reject) => {
      client.query(
        new FlightQuery(this.#statements, types, (error, answers) => {
          if (error) reject(error);
          else resolve(answers);
        }),
      );
    });
  }
}
