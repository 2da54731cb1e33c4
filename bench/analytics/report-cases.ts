/** A report, and the barest SQL that reads the rows it needs. */
export interface ReportCase {
  name: string;
  /** Fields below `analytics`. */
  fields: string;
  /** `$1` is the tenant, `$2` the model: what cannot be spared is to read the rows. */
  bare: string;
}

const PATHS = `SELECT count(*), sum(cardinality(totals)) FROM score_paths WHERE tenant_id = $1 AND model_id = $2`;
const DIMENSIONS = `SELECT count(*), sum(cardinality(points)) FROM dimension_paths WHERE tenant_id = $1 AND model_id = $2`;
const GAINS = `SELECT count(*), sum(cardinality(points)) FROM score_gains WHERE tenant_id = $1 AND model_id = $2`;
const FACTS = `SELECT count(*), count(won_ms) FROM contact_facts WHERE tenant_id = $1 AND $2::uuid IS NOT NULL`;
const LEADS = `SELECT count(*), count(f.won_ms), sum(cardinality(p.peaks)) FROM contact_facts f
  JOIN score_paths p ON p.tenant_id = $1 AND p.model_id = $2 AND p.contact_id = f.contact_id WHERE f.tenant_id = $1`;
const LEADS_WITH_GAINS = `SELECT count(*), count(f.won_ms), sum(cardinality(g.rule_ids)) FROM contact_facts f
  JOIN score_gains g ON g.tenant_id = $1 AND g.model_id = $2 AND g.contact_id = f.contact_id WHERE f.tenant_id = $1`;
const CONTACTS = `SELECT count(*), count(email), count(country) FROM contacts WHERE tenant_id = $1 AND $2::uuid IS NOT NULL`;

const RATE = 'numerator denominator rate low high enough';

/** Every report, as a user would ask for it. */
export const REPORT_CASES: readonly ReportCase[] = [
  {
    name: 'distribution by stage',
    fields: 'distribution { leads average median p10 p90 buckets { stage { key } contacts } }',
    bare: PATHS,
  },
  {
    name: 'distribution by label',
    fields: 'distribution { byLabel { label contacts } }',
    bare: DIMENSIONS,
  },
  {
    name: 'movement',
    fields: `movement { rose { ${RATE} } fell { ${RATE} } stayed { ${RATE} } rise { average median } }`,
    bare: PATHS,
  },
  {
    name: 'movement, a day each',
    fields: 'movement { series { day rose fell new } }',
    bare: PATHS,
  },
  { name: 'top rules', fields: 'topRules { ruleKey positive times reached { numerator } }', bare: GAINS },
  {
    name: 'top actions',
    fields: 'topActions { actionType positive times reached { numerator } }',
    bare: GAINS,
  },
  {
    name: 'funnel',
    fields: 'funnel { stage { key } entered advanced { rate } medianDays medianDaysToEnter }',
    bare: LEADS,
  },
  {
    name: 'cohorts',
    fields: `cohorts { month leads converted { ${RATE} } }`,
    bare: LEADS,
  },
  {
    name: 'conversion by band, with calibration',
    fields: `conversion { converted { ${RATE} } areaUnderCurve { area } byBand { stage converted { ${RATE} } lift { ratio } }
      calibration { bins { scoreMin observed { rate } } } }`,
    bare: LEADS,
  },
  {
    name: 'conversion by rule',
    fields: `conversion { byRule { ruleKey converted { ${RATE} } lift { ratio low high } } }`,
    bare: LEADS_WITH_GAINS,
  },
  {
    name: 'conversion by action',
    fields: `conversion { byAction { actionType converted { ${RATE} } lift { ratio low high } } }`,
    bare: FACTS,
  },
  {
    name: 'thresholds',
    fields: `thresholds(costPerLead: 5) { bestByF1 { cutOff f1 } bestByValue { cutOff expectedValue } }`,
    bare: LEADS,
  },
  {
    name: 'rule insight',
    fields:
      'ruleInsight { fittedLeads rules { ruleKey suggestedPoints uncertain overlaps { ruleKey jaccard } } }',
    bare: LEADS_WITH_GAINS,
  },
  {
    name: 'lead feedback',
    fields: `leadFeedback { rate { ${RATE} } reasons { reason leads } byBand { stage accepted rejected } byOwner { accepted } }`,
    bare: FACTS,
  },
  {
    name: 'data quality',
    fields:
      'dataQuality { contacts stale { stale { numerator denominator } } duplicates { groups } attributes { totalCount } }',
    bare: CONTACTS,
  },
  {
    name: 'experiment',
    fields: `experiment(key: "bench") { verdict arms { converted { ${RATE} } } }`,
    bare: LEADS,
  },
];
