/** A company that does not exist. */
export interface SampleCompany {
  name: string;
  /** Under `.example`, which is reserved: no mail ever leaves for it. */
  domain: string;
  industry: string;
  /** Employees. */
  size: number;
  /** In the tenant's currency. */
  annualRevenue: number;
  /** ISO 3166-1 alpha-2. */
  country: string;
}

/** Companies of many sizes, industries and places. */
export const SAMPLE_COMPANIES: readonly SampleCompany[] = [
  company('Brightloom', 'saas', 140, 18e6, 'US'),
  company('Harbor & Finch', 'finance', 620, 95e6, 'US'),
  company('Cedar Ridge Health', 'healthcare', 1_900, 310e6, 'US'),
  company('Quillstack', 'technology', 48, 4e6, 'US'),
  company('Maple Circuit', 'technology', 260, 41e6, 'CA'),
  company('Northern Pantry', 'ecommerce', 85, 12e6, 'CA'),
  company('Thornbury Logistics', 'logistics', 1_150, 180e6, 'GB'),
  company('Lantern Row', 'saas', 64, 7e6, 'GB'),
  company('Oxbow Learning', 'education', 22, 1.5e6, 'GB'),
  company('Emerald Ledger', 'finance', 180, 22e6, 'IE'),
  company('Isarwerk Systeme', 'manufacturing', 2_400, 520e6, 'DE'),
  company('Spreeblick Software', 'saas', 95, 11e6, 'DE'),
  company('Atelier Garonne', 'ecommerce', 36, 3e6, 'FR'),
  company('Rhone Biotech', 'healthcare', 310, 60e6, 'FR'),
  company('Solera Viajes', 'travel', 140, 15e6, 'ES'),
  company('Officina Torino', 'manufacturing', 410, 72e6, 'IT'),
  company('Polder Data', 'technology', 58, 6e6, 'NL'),
  company('Fjordlys Energi', 'energy', 780, 210e6, 'NO'),
  company('Norrsken Media', 'media', 120, 14e6, 'SE'),
  company('Wisla Cloud', 'saas', 230, 19e6, 'PL'),
  company('Aurora Pagos', 'finance', 340, 38e6, 'BR'),
  company('Mercado Ipe', 'ecommerce', 1_300, 140e6, 'BR'),
  company('Cantera Digital', 'technology', 75, 5e6, 'MX'),
  company('Acacia Mobile', 'technology', 160, 13e6, 'KE'),
  company('Lagos Freight Lab', 'logistics', 54, 4e6, 'NG'),
  company('Table Bay Insurance', 'finance', 900, 120e6, 'ZA'),
  company('Marina Retail Group', 'ecommerce', 2_100, 400e6, 'AE'),
  company('Deccan Analytics', 'saas', 420, 33e6, 'IN'),
  company('Monsoon Health', 'healthcare', 130, 9e6, 'IN'),
  company('Merlion Robotics', 'manufacturing', 210, 45e6, 'SG'),
  company('Hanok Games', 'media', 88, 16e6, 'KR'),
  company('Aozora Components', 'manufacturing', 3_600, 830e6, 'JP'),
  company('Wattlebird Studio', 'media', 18, 0.9e6, 'AU'),
  company('Coral Coast Tours', 'travel', 44, 3.5e6, 'AU'),
  company('Kauri Farmtech', 'technology', 32, 2.5e6, 'NZ'),
];

function company(
  name: string,
  industry: string,
  size: number,
  annualRevenue: number,
  country: string,
): SampleCompany {
  const domain = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.example`;
  return { name, domain, industry, size, annualRevenue, country };
}
