import type pg from 'pg';
import { type ConversionSettings, DEFAULT_CONVERSIONS } from './conversion-rules.js';

interface SettingsDbRow {
  won_types: string[];
  lost_types: string[];
  value_property: string;
  revision: number;
}

/** What the tenant named as conversions, or the defaults. @param client a connection, scoped to the tenant. */
export async function readConversionSettings(
  client: pg.ClientBase,
  tenantId: string,
): Promise<ConversionSettings> {
  const { rows } = await client.query<SettingsDbRow>({
    name: 'conversion_settings',
    text: `SELECT won_types, lost_types, value_property, revision FROM conversion_settings WHERE tenant_id = $1`,
    values: [tenantId],
  });
  const [row] = rows;
  if (!row) return DEFAULT_CONVERSIONS;
  return {
    wonTypes: row.won_types,
    lostTypes: row.lost_types,
    valueProperty: row.value_property,
    revision: row.revision,
  };
}
