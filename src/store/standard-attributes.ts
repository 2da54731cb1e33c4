/** The standard attributes by the name that rules use, with the column that holds each and the type it takes. */
export const STANDARD_ATTRIBUTES = {
  email: { column: 'email', type: 'text' },
  externalId: { column: 'external_id', type: 'text' },
  firstName: { column: 'first_name', type: 'text' },
  lastName: { column: 'last_name', type: 'text' },
  jobTitle: { column: 'job_title', type: 'text' },
  company: { column: 'company', type: 'text' },
  companySize: { column: 'company_size', type: 'integer' },
  industry: { column: 'industry', type: 'text' },
  annualRevenue: { column: 'annual_revenue', type: 'number' },
  country: { column: 'country', type: 'text' },
} as const;

export type StandardAttribute = keyof typeof STANDARD_ATTRIBUTES;

/** Their names, in the order in which they are shown. */
export const STANDARD_NAMES = Object.keys(STANDARD_ATTRIBUTES) as readonly StandardAttribute[];

/** Whether a name is that of a standard attribute. */
export function isStandardAttribute(name: string): name is StandardAttribute {
  return Object.hasOwn(STANDARD_ATTRIBUTES, name);
}
