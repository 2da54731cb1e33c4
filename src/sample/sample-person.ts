import type { JsonValue } from '../scoring/json-value.js';
import type { Random } from './random.js';
import { SAMPLE_COMPANIES, type SampleCompany } from './sample-company.js';

/** A person who does not exist. */
export interface SamplePerson {
  email: string;
  firstName: string;
  lastName: string;
  jobTitle: string;
  /** Null for those who write from an address of their own. */
  company: SampleCompany | null;
  /** ISO 3166-1 alpha-2. */
  country: string;
}

/** Which people are drawn. */
export interface PersonWish {
  jobTitles: readonly string[];
  /** Employees of the company: least and most; null for people without one. */
  companySize: readonly [number, number] | null;
}

/** Who decides about a purchase. */
export const DECIDER_TITLES = [
  'CEO',
  'CTO',
  'CMO',
  'VP Marketing',
  'VP Sales',
  'Head of Growth',
  'Head of Revenue Operations',
  'Director of Demand Generation',
  'Founder',
  'Managing Partner',
] as const;

/** Who works with the product. */
export const USER_TITLES = [
  'Marketing Manager',
  'Campaign Specialist',
  'Senior Marketing Analyst',
  'CRM Manager',
  'Sales Operations Lead',
  'Content Strategist',
  'Account Executive',
  'Web Developer',
  'Product Manager',
  'Business Analyst',
] as const;

const NAMES: readonly (readonly [first: readonly string[], last: readonly string[], countries: string])[] = [
  [
    ['Olivia', 'Marcus', 'Hannah', 'Tyrone', 'Grace', 'Owen', 'Ruth', 'Caleb'],
    ['Bennett', 'Walker', 'Hughes', 'Okafor', 'Sullivan', 'Reed', 'Marsh', 'Doyle'],
    'US CA GB IE AU NZ',
  ],
  [
    ['Lena', 'Jonas', 'Mareike', 'Sander', 'Ingrid', 'Emil', 'Freja', 'Anke'],
    ['Vogel', 'Brandt', 'de Vries', 'Lindqvist', 'Hansen', 'Krüger', 'Bakker', 'Nyström'],
    'DE NL NO SE',
  ],
  [
    ['Camille', 'Mateo', 'Giulia', 'Inés', 'Thiago', 'Lucía', 'Étienne', 'Beatriz'],
    ['Moreau', 'García', 'Ricci', 'Almeida', 'Lefèvre', 'Ferrari', 'Herrera', 'Barbosa'],
    'FR ES IT BR MX',
  ],
  [
    ['Zofia', 'Piotr', 'Katarzyna', 'Marek', 'Agnieszka', 'Tomasz'],
    ['Nowak', 'Wiśniewski', 'Kamińska', 'Zieliński', 'Lewandowska', 'Dąbrowski'],
    'PL',
  ],
  [
    ['Amina', 'Chidi', 'Wanjiru', 'Thabo', 'Ngozi', 'Kofi', 'Layla', 'Omar'],
    ['Mwangi', 'Adeyemi', 'Dlamini', 'Otieno', 'Nkosi', 'Haddad', 'Eze', 'Farouk'],
    'KE NG ZA AE',
  ],
  [
    ['Priya', 'Arjun', 'Meera', 'Rohan', 'Wei', 'Haruto', 'Ji-woo', 'Sakura'],
    ['Sharma', 'Iyer', 'Patel', 'Tan', 'Nakamura', 'Park', 'Reddy', 'Lim'],
    'IN SG KR JP',
  ],
];

const PRIVATE_DOMAINS = ['mail.example', 'inbox.example', 'campus.example'] as const;

/**
 * Draws a person.
 * @param taken addresses that are in use; the new one is added, with a number when the name is taken.
 */
export function drawPerson(random: Random, wish: PersonWish, taken: Set<string>): SamplePerson {
  const company = wish.companySize === null ? null : random.pick(companiesOfSize(wish.companySize));
  const country = company?.country ?? random.pick(SAMPLE_COMPANIES).country;
  const names = NAMES.find(([, , countries]) => countries.split(' ').includes(country)) ?? random.pick(NAMES);
  const firstName = random.pick(names[0]);
  const lastName = random.pick(names[1]);
  const domain = company?.domain ?? random.pick(PRIVATE_DOMAINS);
  const email = freeAddress(`${letters(firstName)}.${letters(lastName)}`, domain, taken);
  return { email, firstName, lastName, jobTitle: random.pick(wish.jobTitles), company, country };
}

/** What a profile entry says about a person; the email is left out, it is the key. */
export function attributesOf(person: SamplePerson): Record<string, JsonValue> {
  const { firstName, lastName, jobTitle, country, company } = person;
  const own = { firstName, lastName, jobTitle, country };
  if (company === null) return own;
  const { name, size, industry, annualRevenue } = company;
  return { ...own, company: name, companySize: size, industry, annualRevenue };
}

function companiesOfSize([least, most]: readonly [number, number]): SampleCompany[] {
  return SAMPLE_COMPANIES.filter(({ size }) => size >= least && size <= most);
}

function freeAddress(name: string, domain: string, taken: Set<string>): string {
  let email = `${name}@${domain}`;
  for (let number = 2; taken.has(email); number++) email = `${name}${number}@${domain}`;
  taken.add(email);
  return email;
}

/** The name in plain lower-case letters: `Étienne` is `etienne`. */
function letters(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[łŁ]/g, 'l')
    .replace(/[^a-zA-Z]/g, '')
    .toLowerCase();
}
