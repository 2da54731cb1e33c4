import { DECIDER_TITLES, type PersonWish, USER_TITLES } from './sample-person.js';

/** How a kind of lead behaves; each campaign is met with these probabilities. */
export interface Persona {
  name: PersonaName;
  /** Of all contacts, 0 to 1. */
  share: number;
  wish: PersonWish;
  /** Days before now at which they came, the least and the most. */
  joinedDaysAgo: readonly [number, number];
  /** Days before now after which they do nothing more. */
  lastSeenDaysAgo: readonly [number, number];
  opens: number;
  /** Of the campaigns they open. */
  clicks: number;
  /** Of the campaigns they click. */
  replies: number;
  /** Of the campaigns they click: a session on the website. */
  visits: number;
}

export type PersonaName =
  | 'hot_buyer'
  | 'evaluator'
  | 'steady_reader'
  | 'gone_cold'
  | 'student'
  | 'bouncing'
  | 'unsubscriber'
  | 'newcomer';

const EVERYBODY = [...DECIDER_TITLES, ...USER_TITLES] as const;

/** The kinds of leads; their shares add up to 1. */
export const PERSONAS: readonly Persona[] = [
  {
    name: 'hot_buyer',
    share: 0.13,
    wish: { jobTitles: DECIDER_TITLES, companySize: [120, 5_000] },
    joinedDaysAgo: [60, 170],
    lastSeenDaysAgo: [0, 6],
    opens: 0.8,
    clicks: 0.5,
    replies: 0.35,
    visits: 0.8,
  },
  {
    name: 'evaluator',
    share: 0.14,
    wish: { jobTitles: EVERYBODY, companySize: [51, 1_000] },
    joinedDaysAgo: [30, 80],
    lastSeenDaysAgo: [0, 12],
    opens: 0.75,
    clicks: 0.6,
    replies: 0.3,
    visits: 0.9,
  },
  {
    name: 'steady_reader',
    share: 0.28,
    wish: { jobTitles: EVERYBODY, companySize: [20, 5_000] },
    joinedDaysAgo: [60, 200],
    lastSeenDaysAgo: [0, 30],
    opens: 0.45,
    clicks: 0.2,
    replies: 0.05,
    visits: 0.3,
  },
  {
    name: 'gone_cold',
    share: 0.17,
    wish: { jobTitles: EVERYBODY, companySize: [10, 2_500] },
    joinedDaysAgo: [220, 360],
    lastSeenDaysAgo: [90, 200],
    opens: 0.55,
    clicks: 0.35,
    replies: 0.1,
    visits: 0.4,
  },
  {
    name: 'student',
    share: 0.08,
    wish: { jobTitles: ['Student', 'Research Assistant', 'Intern'], companySize: null },
    joinedDaysAgo: [30, 150],
    lastSeenDaysAgo: [0, 40],
    opens: 0.5,
    clicks: 0.3,
    replies: 0,
    visits: 0.2,
  },
  {
    name: 'bouncing',
    share: 0.06,
    wish: { jobTitles: EVERYBODY, companySize: [10, 1_500] },
    joinedDaysAgo: [40, 240],
    lastSeenDaysAgo: [20, 40],
    opens: 0.25,
    clicks: 0.2,
    replies: 0,
    visits: 0,
  },
  {
    name: 'unsubscriber',
    share: 0.07,
    wish: { jobTitles: EVERYBODY, companySize: [20, 2_500] },
    joinedDaysAgo: [80, 240],
    lastSeenDaysAgo: [5, 60],
    opens: 0.5,
    clicks: 0.25,
    replies: 0,
    visits: 0.2,
  },
  {
    name: 'newcomer',
    share: 0.07,
    wish: { jobTitles: EVERYBODY, companySize: [10, 3_000] },
    joinedDaysAgo: [0.2, 12],
    lastSeenDaysAgo: [0, 0.1],
    opens: 0.8,
    clicks: 0.4,
    replies: 0,
    visits: 0.6,
  },
];
