import type { IngestItem } from '../ingest/ingest-item.js';
import type { JsonObject } from '../scoring/json-value.js';
import type { ContactKey } from '../store/identity.js';
import type { Persona } from './persona.js';
import type { Random } from './random.js';
import { writeSalesStory } from './sales-story.js';
import { attributesOf, type SamplePerson } from './sample-person.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A mailing to everybody. */
export interface Campaign {
  name: string;
  sentAtMs: number;
}

/** What a story is written from. */
export interface StoryScope {
  random: Random;
  nowMs: number;
  /** Oldest first. */
  campaigns: readonly Campaign[];
  /** A number that no other contact has. */
  number: number;
}

/** A contact's timeline, in the making. */
class Story {
  readonly items: IngestItem[] = [];
  readonly #nowMs: number;
  contact: ContactKey;

  constructor(contact: ContactKey, nowMs: number) {
    this.contact = contact;
    this.#nowMs = nowMs;
  }

  /** Writes an entry, unless it would lie in the future. */
  add(atMs: number, entry: Entry): void {
    if (atMs > this.#nowMs) return;
    this.items.push({ contact: this.contact, occurredAtMs: Math.round(atMs), ...entry } as IngestItem);
  }

  act(atMs: number, type: string, properties: JsonObject = {}): void {
    this.add(atMs, { kind: 'action', type, properties });
  }
}

type Entry = IngestItem extends infer Item
  ? Item extends IngestItem
    ? Omit<Item, 'contact' | 'occurredAtMs'>
    : never
  : never;

/**
 * What a person did from the day they came until now, in no particular order.
 * @returns items for the recorder; the first one tells who it is.
 */
export function writeStory(person: SamplePerson, persona: Persona, scope: StoryScope): IngestItem[] {
  const { random, nowMs } = scope;
  const joinedMs = nowMs - random.between(...persona.joinedDaysAgo) * DAY_MS;
  const lastSeenMs = Math.max(nowMs - random.between(...persona.lastSeenDaysAgo) * DAY_MS, joinedMs);
  const story = new Story({ kind: 'email', value: person.email }, nowMs);
  arrive(story, person, joinedMs, scope);
  for (const campaign of scope.campaigns) {
    if (campaign.sentAtMs > joinedMs && campaign.sentAtMs < lastSeenMs)
      meet(story, persona, campaign, random);
  }
  conclude(story, persona, { joinedMs, lastSeenMs }, scope);
  const sales = writeSalesStory(person.email, persona.name, { joinedMs, lastSeenMs }, scope.number);
  return [...story.items, ...sales];
}

/** Some look around before they say who they are. */
function arrive(story: Story, person: SamplePerson, joinedMs: number, { random, number }: StoryScope): void {
  const anonymous = random.chance(0.15);
  if (anonymous) {
    story.contact = { kind: 'anonymousId', value: `visitor-${number}` };
    browse(story, joinedMs - random.between(5, 90) * MINUTE_MS, random);
  }
  const customer = random.chance(0.3) ? { externalId: `crm-${10_000 + number}` } : {};
  story.add(joinedMs, {
    kind: 'profile',
    set: {
      ...attributesOf(person),
      source: random.pick(['webinar', 'ebook', 'referral', 'search', 'trade_fair']),
    },
    identities: { ...(anonymous ? { email: person.email } : {}), ...customer },
    onIdentityConflict: 'REJECT',
  });
  story.contact = { kind: 'email', value: person.email };
  story.add(joinedMs + MINUTE_MS, { kind: 'list', list: 'newsletter', joined: true });
  if (random.chance(0.25))
    story.add(joinedMs + HOUR_MS, { kind: 'list', list: 'webinar_guests', joined: true });
  if (random.chance(0.4)) {
    story.act(joinedMs + 2 * MINUTE_MS, 'downloaded_resource', {
      resource: random.pick(['whitepaper', 'case_study', 'ebook']),
    });
  }
}

function meet(story: Story, persona: Persona, { name, sentAtMs }: Campaign, random: Random): void {
  if (persona.name === 'bouncing' && random.chance(0.3)) {
    story.act(sentAtMs + MINUTE_MS, 'email_bounced_soft', { campaign: name });
    return;
  }
  if (!random.chance(persona.opens)) return;
  const openedMs = sentAtMs + random.between(0.05, 30) * HOUR_MS;
  story.act(openedMs, 'email_opened', { campaign: name });
  if (!random.chance(persona.clicks)) return;
  const clickedMs = openedMs + random.between(0.3, 4) * MINUTE_MS;
  const link = random.pick(['/product', '/pricing', '/customers', '/blog/lead-scoring']);
  story.act(clickedMs, 'clicked_link', { campaign: name, link });
  if (random.chance(persona.visits)) browse(story, clickedMs + MINUTE_MS, random);
  if (random.chance(persona.replies)) {
    story.act(clickedMs + random.between(1, 20) * HOUR_MS, 'replied_to_email', { campaign: name });
  }
}

function browse(story: Story, atMs: number, random: Random): void {
  story.act(atMs, 'visited_features_page', { page: '/product' });
  if (random.chance(0.5)) story.act(atMs + 3 * MINUTE_MS, 'visited_pricing_page', { page: '/pricing' });
  if (random.chance(0.3)) {
    story.act(atMs + 6 * MINUTE_MS, 'watched_demo_video', { percent: random.whole(20, 100) });
  }
  story.act(atMs + 9 * MINUTE_MS, 'time_on_site', { minutes: random.whole(1, 25) });
}

/** What makes a persona what it is, at the end of the story so far. */
function conclude(
  story: Story,
  persona: Persona,
  { joinedMs, lastSeenMs }: { joinedMs: number; lastSeenMs: number },
  { random }: StoryScope,
): void {
  switch (persona.name) {
    case 'hot_buyer':
      browse(story, lastSeenMs - 2 * HOUR_MS, random);
      story.act(lastSeenMs - HOUR_MS, 'clicked_link', { link: '/pricing' });
      story.act(lastSeenMs, random.pick(['requested_demo', 'started_trial']), {});
      story.add(lastSeenMs, { kind: 'list', list: 'sales_pipeline', joined: true });
      meetPerson(story, lastSeenMs - 5 * DAY_MS, random);
      return;
    case 'evaluator':
      story.act(lastSeenMs - random.between(1, 4) * HOUR_MS, 'visited_pricing_page', { page: '/pricing' });
      story.act(lastSeenMs, 'requested_demo', { seats: random.whole(3, 120) });
      if (random.chance(0.4)) story.act(lastSeenMs, 'replied_to_email', { campaign: 'Your demo' });
      return;
    case 'steady_reader':
      if (random.chance(0.15)) promote(story, lastSeenMs);
      if (random.chance(0.15)) meetPerson(story, random.between(joinedMs, lastSeenMs), random);
      return;
    case 'gone_cold':
      if (random.chance(0.3)) meetPerson(story, joinedMs + 10 * DAY_MS, random);
      return;
    case 'bouncing':
      story.act(lastSeenMs, 'email_bounced_hard', { reason: 'mailbox unavailable' });
      return;
    case 'unsubscriber':
      if (random.chance(0.2)) story.act(lastSeenMs - MINUTE_MS, 'marked_spam', {});
      story.act(lastSeenMs, 'unsubscribed', { list: 'newsletter' });
      story.add(lastSeenMs, { kind: 'list', list: 'newsletter', joined: false });
      return;
    case 'newcomer':
      story.act(joinedMs + random.between(2, 30) * MINUTE_MS, 'email_opened', { campaign: 'Welcome' });
      if (random.chance(0.5))
        story.act(joinedMs + HOUR_MS, 'clicked_link', { campaign: 'Welcome', link: '/product' });
      return;
    case 'student':
  }
}

/** A sales representative adds points by hand, for a while or for ever. */
function meetPerson(story: Story, atMs: number, random: Random): void {
  if (!random.chance(0.5)) return;
  const good = random.chance(0.8);
  story.add(atMs, {
    kind: 'adjustment',
    points: good ? random.pick([5, 10, 15]) : -15,
    reason: good
      ? random.pick(['Met at the trade fair', 'Asked for references by phone'])
      : 'Works with a competitor',
    ...(good ? { expiresAfterDays: random.pick([30, 60, 90]) } : {}),
  });
}

function promote(story: Story, atMs: number): void {
  const set = { jobTitle: 'Director of Marketing' };
  story.add(atMs, { kind: 'profile', set, identities: {}, onIdentityConflict: 'REJECT' });
}
