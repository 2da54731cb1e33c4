/**
 * Where rows belong to one contact, and the column that names it: erasing a person deletes them. A table that gets such a
 * column belongs here; a test asks the database which have one.
 */
export const PERSONAL_ROWS: readonly (readonly [table: string, column: string])[] = [
  ['timeline', 'contact_id'],
  ['timeline_corrections', 'contact_id'],
  ['contact_identities', 'contact_id'],
  ['list_members', 'contact_id'],
  ['contact_scores', 'contact_id'],
  ['contact_facts', 'contact_id'],
  ['score_paths', 'contact_id'],
  ['dimension_paths', 'contact_id'],
  ['score_gains', 'contact_id'],
  ['contact_merges', 'from_id'],
  ['contact_merges', 'into_id'],
  ['contacts', 'id'],
];
