import type { JsonObject } from '../scoring/json-value.js';

/** A contact's profile as it stands: a row of `contacts`. */
export interface ContactRow {
  id: string;
  email: string | null;
  externalId: string | null;
  firstName: string | null;
  lastName: string | null;
  jobTitle: string | null;
  company: string | null;
  /** Employees. */
  companySize: number | null;
  industry: string | null;
  /** In the tenant's currency. */
  annualRevenue: number | null;
  country: string | null;
  attributes: JsonObject;
  ownerId: string | null;
  /** The contact this one was merged into; null for one that stands by itself. */
  mergedInto: string | null;
  createdAtMs: number;
}

/** The columns of `contacts c`, to be read by `contactRowOf`. */
export const CONTACT_COLUMNS =
  'c.id, c.email, c.external_id, c.first_name, c.last_name, c.job_title, c.company, c.company_size, c.industry, ' +
  'c.annual_revenue, c.country, c.attributes, c.owner_id, c.merged_into, c.created_at';

/** What `tenantRead` returns for `CONTACT_COLUMNS`. */
export interface ContactDbRow {
  id: string;
  email: string | null;
  external_id: string | null;
  first_name: string | null;
  last_name: string | null;
  job_title: string | null;
  company: string | null;
  company_size: number | null;
  industry: string | null;
  annual_revenue: number | null;
  country: string | null;
  attributes: JsonObject;
  owner_id: string | null;
  merged_into: string | null;
  created_at: number;
}

/** A row as read, with its names in code. */
export function contactRowOf(row: ContactDbRow): ContactRow {
  return {
    id: row.id,
    email: row.email,
    externalId: row.external_id,
    firstName: row.first_name,
    lastName: row.last_name,
    jobTitle: row.job_title,
    company: row.company,
    companySize: row.company_size,
    industry: row.industry,
    annualRevenue: row.annual_revenue,
    country: row.country,
    attributes: row.attributes,
    ownerId: row.owner_id,
    mergedInto: row.merged_into,
    createdAtMs: row.created_at,
  };
}
