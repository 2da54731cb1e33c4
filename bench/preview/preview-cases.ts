import type { PropertyCondition } from '../../src/scoring/model-definition.js';

/** Something that looks at every contact, and what to ask for it. */
export interface PreviewCase {
  name: string;
  query: string;
  variables: Record<string, unknown>;
  /** Run on the database before each measurement; null for nothing. */
  prepare: string | null;
  /** How many contacts the answer is about; null when it is not there yet, and has to be asked for again. */
  contactsOf(data: AskedData): number | null;
}

/** The parts of the answers that are looked at. */
export interface AskedData {
  previewScoringModel?: { contacts: number };
  scoringModel?: { ruleResults: { contacts: number } | null };
}

const PREVIEW = `query ($id: ID!, $changes: [ModelChange!]!, $sample: Int) {
  previewScoringModel(id: $id, changes: $changes, sample: $sample) {
    contacts before { contacts } after { contacts } stageMoves { from { key } to { key } contacts } newlyHot { count }
    biggestMovers { contact { id } before { explanation { points } } after { explanation { points } } } warnings { code } } }`;
const RESULTS = 'query ($id: ID!) { scoringModel(id: $id) { ruleResults { contacts rules { points } } } }';

/** Every tenth contact stands for what a sample costs. */
const SAMPLE_SHARE = 10;

/** What is measured of a tenant with the ADVANCED model. */
export function previewCases(id: string, contacts: number): PreviewCase[] {
  const sample = Math.ceil(contacts / SAMPLE_SHARE);
  const where: PropertyCondition[] = [{ property: 'url', operator: 'CONTAINS', value: 'pricing' }];
  return [
    previewCase('preview, other points', { id, changes: [clickedLink([])] }),
    previewCase('preview, a new condition on properties', { id, changes: [clickedLink(where)] }),
    previewCase(`preview of a sample of ${sample}`, { id, changes: [clickedLink([])], sample }),
    {
      name: 'rule results',
      query: RESULTS,
      variables: { id },
      prepare: 'DELETE FROM rule_results',
      contactsOf: ({ scoringModel }) => scoringModel?.ruleResults?.contacts ?? null,
    },
  ];
}

function previewCase(name: string, variables: Record<string, unknown>): PreviewCase {
  const contactsOf = ({ previewScoringModel }: AskedData) => previewScoringModel?.contacts ?? null;
  return { name, query: PREVIEW, variables, prepare: null, contactsOf };
}

/** A change of a rule that every contact has met: points are taken away, which no cap hides. */
function clickedLink(where: PropertyCondition[]): object {
  const rule = { key: 'clicked_link', action: { actionType: 'clicked_link', points: -5, where } };
  return { putRule: { scoreSet: 'email', rule } };
}
