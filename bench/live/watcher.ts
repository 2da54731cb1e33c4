import { randomUUID } from 'node:crypto';
import { FrameSocket } from './frame-socket.js';
import type { WatchMessage, WatchRequest, WatchResult } from './watch-protocol.js';

/** A client process: it opens the sockets that its parent asks for, and counts what they are sent. */
const OPENING_AT_ONCE = 100;
/** One socket in so many reads its frames; the others count them. */
const SOCKETS_PER_LOOK = 20;
const MICROSECONDS_PER_MS = 1_000;

class Counts {
  frames = 0;
  bytes = 0;
  lookedAt = 0;
  skipped = 0;
  latenciesMs: number[] = [];
}

let counts = new Counts();
let closed = 0;
let silent = 0;

function send(message: WatchMessage): void {
  process.send?.(message);
}

async function open({ port, sockets, subscribe }: Extract<WatchRequest, { kind: 'open' }>): Promise<void> {
  let opened = 0;
  silent = sockets;
  const openOne = async (index: number) => {
    let isTold = false;
    const looks = subscribe !== null && index % SOCKETS_PER_LOOK === 0;
    await FrameSocket.open({
      port,
      subscribe: subscribe && { ...subscribe, id: randomUUID() },
      onText: (data, start, end) => {
        counts.frames += 1;
        counts.bytes += end - start;
        if (looks) look(data.toString('utf8', start, end));
        if (!isTold) silent -= 1;
        isTold = true;
      },
      onClose: () => {
        closed += 1;
      },
    });
  };
  const openSome = async () => {
    for (let index = opened++; index < sockets; index = opened++) await openOne(index);
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openSome));
}

function look(text: string): void {
  const message = JSON.parse(text) as {
    payload: { data: { scoreChanged: { recordedAt: string; skipped: number } } };
  };
  const { recordedAt, skipped } = message.payload.data.scoreChanged;
  counts.lookedAt += 1;
  counts.skipped += skipped;
  counts.latenciesMs.push(Date.now() - Date.parse(recordedAt));
}

async function measure(windowMs: number): Promise<WatchResult> {
  counts = new Counts();
  closed = 0;
  const startedAtMs = performance.now();
  const cpu = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  const { user, system } = process.cpuUsage(cpu);
  const tookMs = performance.now() - startedAtMs;
  return {
    windowMs: tookMs,
    silent,
    closed,
    ownCores: (user + system) / MICROSECONDS_PER_MS / tookMs,
    ...counts,
  };
}

async function answer(request: WatchRequest): Promise<WatchMessage> {
  if (request.kind === 'measure') return { kind: 'measured', result: await measure(request.windowMs) };
  await open(request);
  return { kind: 'open' };
}

process.on('message', (request: WatchRequest) => {
  answer(request).then(send, (error: unknown) => send({ kind: 'failed', message: String(error) }));
});
process.on('disconnect', () => process.exit(0));
send({ kind: 'ready' });
