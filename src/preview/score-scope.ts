/**
 * Whose scores are looked at, under which versions of which model, and when. It is sent with every task: definitions are
 * JSON texts, which cost next to nothing to hand over and are read once a thread.
 */
export interface ScoreScope {
  /** Two scopes of one id are the same. */
  id: string;
  tenantId: string;
  modelId: string;
  /** The published version. */
  version: number;
  /** The model's revision (see `scoring_models.revision`): stored states of another one are not used. */
  revision: number;
  /** Whether the model is on; the stored states of one that is off miss what happened meanwhile. */
  active: boolean;
  /** The one instant of which everything speaks, ms since 1970. */
  atMs: number;
  /** The published definition. */
  before: string;
  /** The definition that it is compared with; null when it is not compared. */
  after: string | null;
}

/** Some of a tenant's contacts, in the order of their ids: those with `after < id <= until`. */
export interface ContactRange {
  after: string;
  until: string;
  /** Contacts of the tenant with `id <= after`. */
  contactsBefore: number;
  /** So many contacts, evenly spread over all of them, are looked at; null for every one. */
  sample: { contacts: number; of: number } | null;
}
