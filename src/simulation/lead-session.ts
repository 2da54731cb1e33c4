import type { Random } from '../sample/random.js';
import {
  attributesOf,
  DECIDER_TITLES,
  drawPerson,
  type SamplePerson,
  USER_TITLES,
} from '../sample/sample-person.js';
import type { JsonObject } from '../scoring/json-value.js';

/** One thing that a simulated lead does. */
export type Step =
  | { kind: 'action'; email: string; type: string; properties: JsonObject }
  | { kind: 'profile'; email: string; attributes: JsonObject };

const TITLES = [...DECIDER_TITLES, ...USER_TITLES];
const WISH = { jobTitles: TITLES, companySize: [10, 5_000] } as const;
const CAMPAIGNS = ['Product news', 'Customer story', 'Playbook', 'Invitation to the webinar'];
const LINKS = ['/product', '/pricing', '/customers', '/blog/lead-scoring'];

/** Somebody who is not known to the server yet. */
export function drawLead(random: Random, taken: Set<string>): SamplePerson {
  return drawPerson(random, WISH, taken);
}

/** The first words of a lead: who it is. */
export function introduce(person: SamplePerson): Step {
  return { kind: 'profile', email: person.email, attributes: attributesOf(person) };
}

/** What a lead does in one go, step by step: mostly an email and what comes of it, now and then something less welcome. */
export function drawSession(random: Random, email: string): Step[] {
  const act = (type: string, properties: JsonObject = {}): Step => ({
    kind: 'action',
    email,
    type,
    properties,
  });
  const campaign = random.pick(CAMPAIGNS);
  const fate = random.next();
  if (fate < 0.03) return [act('email_bounced_soft', { campaign })];
  if (fate < 0.04) return [act('email_bounced_hard', { reason: 'mailbox unavailable' })];
  if (fate < 0.05) return [act('unsubscribed', { list: 'newsletter' })];
  if (fate < 0.09) return [{ kind: 'profile', email, attributes: { jobTitle: random.pick(TITLES) } }];
  const steps = [act('email_opened', { campaign })];
  if (!random.chance(0.55)) return steps;
  steps.push(
    act('clicked_link', { campaign, link: random.pick(LINKS) }),
    act('visited_features_page', { page: '/product' }),
  );
  if (random.chance(0.5)) steps.push(act('visited_pricing_page', { page: '/pricing' }));
  if (random.chance(0.25)) steps.push(act('watched_demo_video', { percent: random.whole(20, 100) }));
  steps.push(act('time_on_site', { minutes: random.whole(1, 25) }));
  if (random.chance(0.2)) steps.push(act('replied_to_email', { campaign }));
  if (random.chance(0.15)) steps.push(act('requested_demo', { seats: random.whole(3, 120) }));
  return steps;
}
