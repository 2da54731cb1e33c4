import { Field, Int, ObjectType } from 'type-graphql';
import { ContactType } from '../contacts/contact-type.js';
import { ContactScoreType } from '../contacts/score-type.js';
import { DateTimeScalar } from '../scalars.js';

/** One of the best leads. */
@ObjectType('LeaderboardEntry', { description: 'One of the best leads, and its place among them.' })
export class LeaderboardEntryType {
  @Field(() => Int, {
    simple: true,
    description:
      'The place: 1 for the highest score. Equal scores have places of their own, in a fixed order.',
  })
  rank!: number;

  @Field(() => ContactType, { simple: true, description: 'The contact.' })
  contact!: ContactType;

  @Field(() => ContactScoreType, {
    simple: true,
    description: 'Its score now, on the model that the filter names, or else the primary one.',
  })
  score!: ContactScoreType;
}

/** The best leads at one instant. */
@ObjectType('Leaderboard', {
  description: 'The best leads at one instant, as a whole: it replaces the one before.',
})
export class LeaderboardType {
  @Field(() => DateTimeScalar, { simple: true, description: 'When the board was read.' })
  asOf!: Date;

  @Field(() => [LeaderboardEntryType], {
    simple: true,
    description:
      'The contacts with the highest scores, the best one first; those without a score are not among them.',
  })
  entries!: LeaderboardEntryType[];
}
