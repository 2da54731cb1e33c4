import type pg from 'pg';
import { type ConversionSettings, DEFAULT_CONVERSIONS } from './conversion-rules.js';

/** A row of `CONVERSION_SETTINGS`. */
export interface SettingsDbRow {
  won_types: string[];
  lost_types: string[];
  value_property: string;
  revision: number;
}

/** What the tenant `$1` named as conversions: one row or none. */
export const CONVERSION_SETTINGS =
  'SELECT won_types, lost_types, value_property, revision FROM conversion_settings WHERE tenant_id = $1';

/** What the tenant named as conversions, or the defaults. @param client a connection, scoped to the tenant. */
export async function readConversionSettings(
  client: pg.ClientBase,
  tenantId: string,
): Promise<ConversionSettings> {
  const { rows } = await client.query<SettingsDbRow>({
    name: 'conversion_settings',
    text: CONVERSION_SETTINGS,
    values: [tenantId],
  });
  return conversionSettingsOf(rows);
}

/** The settings that the rows of `CONVERSION_SETTINGS` say. */
export function conversionSettingsOf([row]: readonly SettingsDbRow[]): ConversionSettings {
  if (!row) return DEFAULT_CONVERSIONS;
  return {
    wonTypes: row.won_types,
    lostTypes: row.lost_types,
    valueProperty: row.value_property,
    revision: row.revision,
  };
}
