import type { ContactService } from '../contacts/contact-service.js';
import type { WakeUps } from '../feed/wake-ups.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { SegmentFeed } from './segment-feed.js';
import { SegmentMatcher } from './segment-matcher.js';
import { SegmentService } from './segment-service.js';

export interface SegmentOptions {
  db: Database;
  registry: ModelRegistry;
  contacts: ContactService;
  wakeUps: WakeUps;
}

/** What one process offers around segments; `SegmentWorker` keeps their members. */
export interface Segments {
  segments: SegmentService;
  segmentFeed: SegmentFeed;
  segmentMatcher: SegmentMatcher;
}

export function openSegments({ db, registry, contacts, wakeUps }: SegmentOptions): Segments {
  return {
    segments: new SegmentService(db, registry),
    segmentFeed: new SegmentFeed(db, wakeUps),
    segmentMatcher: new SegmentMatcher(contacts),
  };
}
