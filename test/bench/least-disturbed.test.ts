import { expect, test } from 'vitest';
import { leastDisturbed } from '../../bench/live/least-disturbed.js';
import type { LiveMeasurement } from '../../bench/live/measure-live.js';

const QUIET = 0.001;
const DISTURBED = 0.2;

function windows(...stolen: number[]): LiveMeasurement[] {
  return stolen.map((part) => ({
    sockets: 1,
    changesPerSecond: 1,
    framesPerSecond: 1,
    frameBytes: 1,
    p50Ms: 1,
    p99Ms: 1,
    skippedPart: 0,
    closed: 0,
    clientCores: 0,
    senderUs: null,
    memoryMib: null,
    stolen: part,
  }));
}

const keptOf = (...stolen: number[]) => {
  const found = leastDisturbed(windows(...stolen), 2);
  return found && { kept: found.kept.map((window) => window.stolen), leftOut: found.leftOut };
};

test('as many quiet windows as wanted are enough', () => {
  expect(keptOf(QUIET)).toBeNull();
  expect(keptOf(QUIET, 0)).toEqual({ kept: [0, QUIET], leftOut: 0 });
});

test('a disturbed window is measured again', () => {
  expect(keptOf(QUIET, DISTURBED)).toBeNull();
  expect(keptOf(QUIET, DISTURBED, QUIET)).toEqual({ kept: [QUIET, QUIET], leftOut: 1 });
});

test('on a machine that is never quiet the least disturbed ones count', () => {
  const never = [0.4, 0.3, 0.2, 0.5, 0.1, 0.6, 0.7];
  expect(keptOf(...never)).toBeNull();
  expect(keptOf(...never, 0.8)).toEqual({ kept: [0.1, 0.2], leftOut: 6 });
});
