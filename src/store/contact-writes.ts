import type { ContactColumns } from './contact-profile.js';
import type { FlightStatement } from './flight.js';

const CONTACT_RECORD = `jsonb_to_recordset($2::jsonb) AS r(id uuid, email text, external_id text, first_name text,
    last_name text, job_title text, company text, company_size int, industry text, annual_revenue float8, country text,
    attributes jsonb, sort_name text, search_text text, email_base text)`;

/** Makes contacts. */
export function insertContacts(tenantId: string, rows: ContactColumns[], nowMs: number): FlightStatement {
  return {
    name: 'insert_contacts',
    text: `INSERT INTO contacts (tenant_id, id, email, external_id, first_name, last_name, job_title, company,
        company_size, industry, annual_revenue, country, attributes, sort_name, search_text, email_base, created_at)
      SELECT $1, r.id, r.email, r.external_id, r.first_name, r.last_name, r.job_title, r.company, r.company_size,
        r.industry, r.annual_revenue, r.country, r.attributes, r.sort_name, r.search_text,
        r.email_base, to_timestamp($3::float8 / 1000)
      FROM ${CONTACT_RECORD}`,
    values: [tenantId, JSON.stringify(rows), nowMs],
  };
}

/** Puts profiles in the place of those that are stored. */
export function updateContacts(tenantId: string, rows: ContactColumns[]): FlightStatement {
  return {
    name: 'update_contacts',
    text: `UPDATE contacts c SET email = r.email, external_id = r.external_id, first_name = r.first_name,
        last_name = r.last_name, job_title = r.job_title, company = r.company, company_size = r.company_size,
        industry = r.industry, annual_revenue = r.annual_revenue, country = r.country, attributes = r.attributes,
        sort_name = r.sort_name, search_text = r.search_text, email_base = r.email_base
      FROM ${CONTACT_RECORD} WHERE c.tenant_id = $1 AND c.id = r.id`,
    values: [tenantId, JSON.stringify(rows)],
  };
}
