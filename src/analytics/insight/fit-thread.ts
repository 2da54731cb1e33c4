import { parentPort, workerData } from 'node:worker_threads';
import { type FitAsk, fitRules } from './fit-rules.js';

/** The entry of a thread that fits rules once and ends: it takes seconds, in which a server has other things to do. */
parentPort?.postMessage(fitRules(workerData as FitAsk));
