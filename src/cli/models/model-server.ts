import { type FieldFault, LeadpulseError } from '../../errors.js';
import type { ModelDocument } from '../../models/model-document.js';
import { type Answer, GraphqlClient } from '../../simulation/graphql-client.js';
import { apiUrlOf, checkUrl, findKey, unusable } from '../server-access.js';

const KEY_ADVICE =
  'Give one that may do this with --key; `leadpulse keys create --role MARKETER --name models` makes one.';

const LIST = `query ModelsList {
  scoringModels { id key name active primary version draft { revision baseVersion changedBy } }
}`;
const EXPORT = `query ModelsExport($key: String!, $version: Int!) {
  scoringModelExport(key: $key, version: $version)
}`;
const IMPORT = `mutation ModelsImport($input: ImportScoringModelInput!) {
  importScoringModel(input: $input) {
    created changed model { version } draft { revision } recalculation { id } warnings { path message }
  }
}`;

/** A model as the server has it. */
export interface ServerModel {
  id: string;
  key: string;
  name: string;
  active: boolean;
  primary: boolean;
  /** The published one. */
  version: number;
  draft: { revision: number; baseVersion: number; changedBy: string } | null;
}

/** What is pushed, and what is expected to be there. */
export interface Push {
  document: object;
  /** 0: there is no such model. */
  expectedVersion: number;
  /** 0: there is none; null: whatever there is. */
  expectedDraft: number | null;
  publish: boolean;
  message: string | null;
}

/** What a push led to. */
export interface Pushed {
  created: boolean;
  /** False when the server said so already. */
  changed: boolean;
  model: { version: number };
  draft: { revision: number } | null;
  /** The job that brings all contacts to the new version. */
  recalculation: { id: string } | null;
  warnings: { path: string; message: string }[];
}

/** What the server found wrong with a request; `details.fields` says where in it. */
export class RequestFault extends LeadpulseError {
  constructor(message: string, fields: FieldFault[]) {
    super('BAD_USER_INPUT', message, { fields });
  }
}

/** The models of a running server, over its API. */
export class ModelServer {
  readonly #url: string;
  readonly #client: GraphqlClient;

  /** @throws LeadpulseError when address or key are missing or no such things. */
  constructor(options: { url?: string; key?: string }) {
    this.#url = options.url === undefined ? apiUrlOf(process.env) : checkUrl(options.url);
    this.#client = new GraphqlClient(this.#url, findKey(options.key));
  }

  async models(): Promise<ServerModel[]> {
    const { scoringModels } = await this.#ask<{ scoringModels: ServerModel[] }>(LIST, {});
    return scoringModels.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** A published version of a model, to keep in a file. */
  async document(key: string, version: number): Promise<ModelDocument> {
    const answer = await this.#ask<{ scoringModelExport: ModelDocument }>(EXPORT, { key, version });
    return answer.scoringModelExport;
  }

  /** @throws RequestFault that names the path of each fault, or that something else is there than expected. */
  async push(push: Push): Promise<Pushed> {
    const answer = await this.#ask<{ importScoringModel: Pushed }>(IMPORT, { input: push });
    return answer.importScoringModel;
  }

  async #ask<T>(query: string, variables: object): Promise<T> {
    const answer: Answer = await this.#client.send(query, variables);
    if (answer.kind === 'OK') return answer.data as T;
    if (answer.kind === 'FAULT') throw new RequestFault(answer.message, answer.fields);
    throw unusable(answer, this.#url, KEY_ADVICE);
  }
}

/** The models of these keys, or all. @throws LeadpulseError for a key that no model has. */
export function chooseModels(models: readonly ServerModel[], keys: readonly string[]): ServerModel[] {
  const known = models.map(({ key }) => key);
  const unknown = keys.find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const message = `The server has no model "${unknown}". It has ${known.join(', ') || 'none'}.`;
    throw new LeadpulseError('NOT_FOUND', message);
  }
  return models.filter(({ key }) => keys.length === 0 || keys.includes(key));
}
