import type { IngestItem } from '../ingest/ingest-item.js';
import { type Campaign, writeStory } from './contact-story.js';
import { PERSONAS, type PersonaName } from './persona.js';
import { Random } from './random.js';
import { drawPerson, type SamplePerson } from './sample-person.js';

const DAY_MS = 86_400_000;
const CAMPAIGN_EVERY_DAYS = 14;
const CAMPAIGNS = 26;
const TOPICS = [
  'Product news',
  'Customer story',
  'Playbook',
  'Invitation to the webinar',
  'Benchmark report',
];
/** Of the contacts, those that nobody takes care of. */
const UNOWNED_SHARE = 0.2;

/** A sales representative who does not exist. */
export interface SampleRep {
  name: string;
  email: string;
}

/** A contact beside its timeline. */
export interface SampleContact {
  person: SamplePerson;
  persona: PersonaName;
  /** Email of the representative who owns it; null for nobody. */
  ownerEmail: string | null;
}

/** An entry of a timeline, and whose: an index into `contacts`. */
export interface SampleEntry {
  contactIndex: number;
  item: IngestItem & { occurredAtMs: number };
}

/** A small company's leads with months of history. */
export interface SampleData {
  reps: readonly SampleRep[];
  contacts: readonly SampleContact[];
  /** The timelines of all contacts in one, oldest first. */
  entries: readonly SampleEntry[];
}

const REPS: readonly SampleRep[] = [
  { name: 'Amara Osei', email: 'amara.osei@leadpulse.example' },
  { name: 'Ben Castellano', email: 'ben.castellano@leadpulse.example' },
  { name: 'Yuki Tanaka', email: 'yuki.tanaka@leadpulse.example' },
  { name: 'Sofie Lund', email: 'sofie.lund@leadpulse.example' },
  { name: 'Diego Fuentes', email: 'diego.fuentes@leadpulse.example' },
];

/**
 * Makes up contacts whose histories end at `nowMs`. The same arguments give the same data.
 * @param contactsCount how many contacts, about: each persona has its share, rounded.
 */
export function generateSampleData(options: {
  seed: number;
  nowMs: number;
  contactsCount: number;
}): SampleData {
  const { seed, nowMs, contactsCount } = options;
  const random = new Random(seed);
  const campaigns = makeCampaigns(nowMs, random);
  const taken = new Set<string>();
  const contacts: SampleContact[] = [];
  const entries: SampleEntry[] = [];
  for (const persona of PERSONAS) {
    for (let left = Math.round(persona.share * contactsCount); left > 0; left--) {
      const contactIndex = contacts.length;
      const person = drawPerson(random, persona.wish, taken);
      const owned = persona.name === 'hot_buyer' || !random.chance(UNOWNED_SHARE);
      contacts.push({ person, persona: persona.name, ownerEmail: owned ? random.pick(REPS).email : null });
      const story = writeStory(person, persona, { random, nowMs, campaigns, number: contactIndex + 1 });
      for (const item of story) entries.push({ contactIndex, item: dated(item) });
    }
  }
  // Stable: entries of one instant stay in the order in which the story tells them.
  entries.sort((a, b) => a.item.occurredAtMs - b.item.occurredAtMs);
  return { reps: REPS, contacts, entries };
}

function makeCampaigns(nowMs: number, random: Random): Campaign[] {
  const campaigns = Array.from({ length: CAMPAIGNS }, (_, index) => ({
    name: `${random.pick(TOPICS)} ${CAMPAIGNS - index}`,
    sentAtMs: nowMs - (index + random.between(0.1, 0.4)) * CAMPAIGN_EVERY_DAYS * DAY_MS,
  }));
  return campaigns.reverse();
}

function dated(item: IngestItem): IngestItem & { occurredAtMs: number } {
  const { occurredAtMs } = item;
  if (occurredAtMs === undefined) throw new Error('an entry of the sample data has no instant');
  return { ...item, occurredAtMs };
}
