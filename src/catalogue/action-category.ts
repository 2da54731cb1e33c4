import { wordsOf } from './label-of.js';

/** What an action type is about, for lists to choose from. */
export const ACTION_CATEGORIES = [
  'EMAIL',
  'WEBSITE',
  'COMMERCE',
  'EVENT',
  'CONVERSATION',
  'NEGATIVE',
  'OTHER',
] as const;
export type ActionCategory = (typeof ACTION_CATEGORIES)[number];

/** The types that the presets know. */
const BY_TYPE: Readonly<Record<string, ActionCategory>> = {
  email_sent: 'EMAIL',
  email_delivered: 'EMAIL',
  email_opened: 'EMAIL',
  clicked_link: 'EMAIL',
  clicked_pricing_page: 'EMAIL',
  downloaded_resource: 'EMAIL',
  watched_demo_video: 'EMAIL',
  replied_to_email: 'EMAIL',
  forwarded_email: 'EMAIL',
  visited_pricing_page: 'WEBSITE',
  visited_features_page: 'WEBSITE',
  visited_sales_page: 'WEBSITE',
  visited_checkout_page: 'COMMERCE',
  time_on_site: 'WEBSITE',
  started_trial: 'COMMERCE',
  requested_demo: 'COMMERCE',
  added_to_cart: 'COMMERCE',
  became_customer: 'COMMERCE',
  unsubscribed: 'NEGATIVE',
  marked_spam: 'NEGATIVE',
  email_bounced: 'NEGATIVE',
  email_bounced_hard: 'NEGATIVE',
  email_bounced_soft: 'NEGATIVE',
};

/** Words that tell the category of any other type; the first category one of whose words is in it. */
const BY_WORD: readonly (readonly [ActionCategory, ReadonlySet<string>])[] = [
  [
    'NEGATIVE',
    words(
      'unsubscribe unsubscribed spam complaint complained bounce bounced optout churn churned cancel canceled cancelled',
      'cancellation refund refunded blocked rejected declined failed',
    ),
  ],
  [
    'COMMERCE',
    words(
      'cart basket checkout order ordered purchase purchased buy bought paid pay payment invoice quote offer trial demo',
      'subscription upgrade upgraded renew renewed customer conversion converted deal contract wishlist',
    ),
  ],
  ['EMAIL', words('email emails mail newsletter mailing campaign inbox')],
  ['EVENT', words('event webinar conference fair tradeshow booth workshop seminar attended rsvp')],
  [
    'CONVERSATION',
    words(
      'call called phone meeting met chat chatted conversation message messaged sms whatsapp talked appointment voicemail',
    ),
  ],
  [
    'WEBSITE',
    words(
      'page pages visit visited website site web view viewed pageview click clicked form submitted search searched login',
      'download downloaded video watched blog article scroll scrolled landing browse browsed impression ad banner',
    ),
  ],
];

/** The category of an action type: that of the presets for the types they know, else by the words in it. */
export function actionCategoryOf(type: string): ActionCategory {
  const known = Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  if (known) return known;
  const parts = wordsOf(type);
  const found = BY_WORD.find(([, telling]) => parts.some((part) => telling.has(part)));
  return found ? found[0] : 'OTHER';
}

function words(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}
