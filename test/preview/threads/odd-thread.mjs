// A thread that answers, fails, ends or hangs as the task says: what a pool has to cope with.
import process from 'node:process';
import { parentPort } from 'node:worker_threads';

parentPort.on('message', (message) => {
  if (message === null) return parentPort.close();
  const [wish, value] = message.ask.contactIds;
  if (wish === 'answer') parentPort.postMessage({ answer: [value] });
  if (wish === 'later')
    setTimeout(() => parentPort.postMessage({ answer: [value] }), Number(message.ask.contactIds[2]));
  if (wish === 'fault') parentPort.postMessage({ fault: { message: value, code: '57P01', stack: null } });
  if (wish === 'exit') process.exit(7);
  if (wish === 'throw') throw new Error(value);
  if (wish === 'hoard') {
    const hoard = [];
    for (;;) hoard.push(new Array(1e6).fill(hoard.length));
  }
  if (wish === 'spin') for (;;);
});
