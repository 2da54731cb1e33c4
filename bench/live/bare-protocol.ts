/** What bare ws is asked for: where it listens, then to send to every socket without end. */
export type BareRequest = { kind: 'listen' } | { kind: 'send'; text: string };

export type BareMessage = { kind: 'ready' } | { kind: 'listening'; port: number; pid: number };
