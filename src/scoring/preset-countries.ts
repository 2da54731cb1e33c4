/** Names under which a country is written in the `country` attribute: its ISO codes and what people call it. */
export const CORE_COUNTRIES: string[] = [
  ...['US', 'USA', 'U.S.', 'U.S.A.', 'United States', 'United States of America', 'America'],
  ...['GB', 'GBR', 'UK', 'U.K.', 'United Kingdom', 'Great Britain', 'Britain'],
  ...['England', 'Scotland', 'Wales', 'Northern Ireland'],
  ...['CA', 'CAN', 'Canada'],
  ...['AU', 'AUS', 'Australia'],
];

/** Western Europe without the United Kingdom, written in the same ways. */
export const WESTERN_EUROPE: string[] = [
  ...['AD', 'AND', 'Andorra'],
  ...['AT', 'AUT', 'Austria', 'Österreich'],
  ...['BE', 'BEL', 'Belgium', 'België', 'Belgique'],
  ...['CH', 'CHE', 'Switzerland', 'Schweiz', 'Suisse', 'Svizzera'],
  ...['DE', 'DEU', 'Germany', 'Deutschland'],
  ...['DK', 'DNK', 'Denmark', 'Danmark'],
  ...['ES', 'ESP', 'Spain', 'España'],
  ...['FI', 'FIN', 'Finland', 'Suomi'],
  ...['FR', 'FRA', 'France'],
  ...['IE', 'IRL', 'Ireland', 'Éire'],
  ...['IS', 'ISL', 'Iceland', 'Ísland'],
  ...['IT', 'ITA', 'Italy', 'Italia'],
  ...['LI', 'LIE', 'Liechtenstein'],
  ...['LU', 'LUX', 'Luxembourg'],
  ...['MC', 'MCO', 'Monaco'],
  ...['MT', 'MLT', 'Malta'],
  ...['NL', 'NLD', 'Netherlands', 'The Netherlands', 'Holland', 'Nederland'],
  ...['NO', 'NOR', 'Norway', 'Norge'],
  ...['PT', 'PRT', 'Portugal'],
  ...['SE', 'SWE', 'Sweden', 'Sverige'],
  ...['SM', 'SMR', 'San Marino'],
];
