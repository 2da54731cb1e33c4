/**
 * Where the events of a subscription come from when equal subscriptions share them. graphql asks for something that can be
 * iterated; whoever runs the subscription knows the kinds of sources and reads them in their own way.
 */
export abstract class SharedSource implements AsyncIterable<never> {
  [Symbol.asyncIterator](): AsyncIterator<never> {
    throw new Error('events of a shared source are delivered by its group');
  }
}
