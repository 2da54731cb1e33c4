// After `npm ci`: compiles, so that the first `npm start` need not. Without a compiler or under an older Node it is left
// to `npm start`, which says what is missing.
import { buildIfNeeded } from './build.mjs';

buildIfNeeded();
