/** What a measured server says to who has started it: where it listens, then the processor time it has used whenever it is asked. */
export type ServerMessage = { kind: 'listening'; port: number } | { kind: 'cpu'; microseconds: number };

/** Serves until the parent lets go. @param port where the server listens on 127.0.0.1. */
export function answerParent(port: number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    tell({ kind: 'cpu', microseconds: user + system });
  });
  process.on('disconnect', () => process.exit(0));
  tell({ kind: 'listening', port });
}

function tell(message: ServerMessage): void {
  process.send?.(message);
}
