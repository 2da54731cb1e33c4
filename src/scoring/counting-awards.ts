import type { CompiledActionRule } from './compile-model.js';
import { LIVE_AWARD_STRIDE, type RuleState } from './score-state.js';

/** The awards of an action rule that count at an instant. */
export interface CountingAwards {
  awards: number;
  /** The latest of them, ms since 1970; null when there are none. */
  lastAtMs: number | null;
  /** When the next of them expires, ms since 1970; null for never. */
  expiresAtMs: number | null;
}

/** Counts the awards that a rule holds and that have not expired by `atMs`. */
export function countAwards(rule: CompiledActionRule, held: RuleState, atMs: number): CountingAwards {
  let awards = held.merged?.count ?? 0;
  let lastAtMs = held.merged?.lastAtMs ?? null;
  let oldestAtMs: number | null = null;
  for (let i = 0; i < held.live.length; i += LIVE_AWARD_STRIDE) {
    const awardedAtMs = held.live[i] as number;
    if (atMs >= awardedAtMs + rule.expiresMs) continue;
    awards++;
    lastAtMs = awardedAtMs;
    oldestAtMs ??= awardedAtMs;
  }
  const expires = oldestAtMs !== null && rule.expiresMs !== Number.POSITIVE_INFINITY;
  return { awards, lastAtMs, expiresAtMs: expires ? (oldestAtMs as number) + rule.expiresMs : null };
}
