import { ACTION_CATEGORIES, type ActionCategory } from '../../catalogue/action-category.js';
import { VALUE_KINDS, type ValueKind } from '../../store/uses/value-kind.js';
import { registerEnum } from '../enums.js';

export const ActionCategoryEnum = registerEnum<ActionCategory>(
  'ActionCategory',
  ACTION_CATEGORIES,
  'What an action type is about: that of the presets for the types they know, else told by the words in the type.',
  {
    EMAIL: 'Emails and what came of them: opened, clicked, downloaded, replied.',
    WEBSITE: 'Visits to the website: pages, forms, searches, time spent.',
    COMMERCE: 'On the way to buying: trial, demo, cart, order, becoming a customer.',
    EVENT: 'Webinars, fairs and other events.',
    CONVERSATION: 'Calls, meetings, chats and messages.',
    NEGATIVE: 'Bad signals: unsubscribed, spam, bounced, cancelled.',
    OTHER: 'Everything else.',
  },
);

export const ValueKindEnum = registerEnum<ValueKind>(
  'ValueKind',
  VALUE_KINDS,
  'What kind of value a property or an attribute holds.',
  {
    TEXT: 'A text; also dates, which come as text.',
    NUMBER: 'A number.',
    BOOLEAN: 'True or false.',
    LIST: 'A list; conditions hold when they hold for one of its values.',
    OTHER: 'An object; its parts are named by a path, such as `answers.budget`.',
  },
);
