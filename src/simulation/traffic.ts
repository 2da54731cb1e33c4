import { Random } from '../sample/random.js';
import { generateSampleData } from '../sample/sample-data.js';
import type { SamplePerson } from '../sample/sample-person.js';
import { drawLead, drawSession, introduce, type Step } from './lead-session.js';

/** Sessions that go on at the same time, their steps shuffled into each other. */
const SESSIONS_MAX = 25;
/** Of new sessions, those of somebody who was never seen before and takes the place of another lead. */
const NEW_LEAD_SHARE = 0.03;
/** Leads at a time. */
export const LEADS_MAX = 100_000;

/** The sample data's own people come first, so that a server that has them sees them come back. */
const SAMPLE = { seed: 1, nowMs: 0, contactsCount: 200 };

interface Lead {
  email: string;
  /** What has to be said before anything else; null once it was. */
  introduction: Step | null;
  /** One session at a time: nobody is in two places. */
  busy: boolean;
}

interface Session {
  lead: Lead;
  /** What is still to come. */
  steps: Step[];
}

/** An endless, reproducible stream of what leads do. */
export class Traffic {
  readonly #random: Random;
  readonly #taken = new Set<string>();
  readonly #leads: Lead[];
  readonly #sessions: Session[] = [];

  /** @param leads how many there are at a time, 1 to `LEADS_MAX`. @throws RangeError when it is out of bounds. */
  constructor(options: { seed: number; leads: number }) {
    const { seed, leads } = options;
    if (!(leads >= 1 && leads <= LEADS_MAX)) throw new RangeError(`leads must be 1 to ${LEADS_MAX}`);
    this.#random = new Random(seed);
    this.#leads = knownLeads(leads);
    for (const { email } of this.#leads) this.#taken.add(email);
    while (this.#leads.length < leads) this.#leads.push(this.#newLead());
  }

  /** What happens next. */
  next(): Step {
    if (this.#sessions.length < Math.min(SESSIONS_MAX, this.#leads.length))
      this.#sessions.push(this.#newSession());
    const index = this.#random.whole(0, this.#sessions.length - 1);
    const session = this.#sessions[index];
    const step = session?.steps.shift();
    if (!session || !step) throw new Error('a session has nothing to say');
    if (session.steps.length === 0) {
      session.lead.busy = false;
      this.#sessions.splice(index, 1);
    }
    return step;
  }

  #newSession(): Session {
    const index = this.#idleLead();
    if (this.#random.chance(NEW_LEAD_SHARE)) this.#leads[index] = this.#newLead();
    const lead = this.#leads[index] ?? this.#newLead();
    const first = lead.introduction === null ? [] : [lead.introduction];
    lead.introduction = null;
    lead.busy = true;
    return { lead, steps: [...first, ...drawSession(this.#random, lead.email)] };
  }

  /** There is always one: sessions are fewer than leads when a new one begins. */
  #idleLead(): number {
    const start = this.#random.whole(0, this.#leads.length - 1);
    for (let offset = 0; offset < this.#leads.length; offset++) {
      const index = (start + offset) % this.#leads.length;
      if (!this.#leads[index]?.busy) return index;
    }
    return start;
  }

  #newLead(): Lead {
    // A little over the bound of leads: names are taken for as long as the stream runs, which memory must bear.
    if (this.#taken.size > 2 * LEADS_MAX) this.#taken.clear();
    const person = drawLead(this.#random, this.#taken);
    return idle(person);
  }
}

function idle(person: SamplePerson): Lead {
  return { email: person.email, introduction: introduce(person), busy: false };
}

function knownLeads(leads: number): Lead[] {
  const people = generateSampleData(SAMPLE).contacts.map((contact) => contact.person);
  // By address, so that a few of them are a mixture: as they come, the best leads are first.
  const mixed = people.sort((a, b) => (a.email < b.email ? -1 : 1)).slice(0, leads);
  return mixed.map(idle);
}
