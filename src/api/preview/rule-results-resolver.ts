import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { RULE_RESULTS_AGE_MS_MAX } from '../../preview/rule-result-rows.js';
import { RULE_RESULTS_AT_ONCE_MAX } from '../../preview/rule-result-service.js';
import type { ApiContext } from '../context.js';
import { ScoringModelType } from '../models/scoring-model-type.js';
import { RuleResultsType, ruleResultsTypeOf } from './rule-results-type.js';

/** It reads every contact, where there are few. */
const RESULTS_COST = 500;

/** What the rules of a model give. */
@Resolver(() => ScoringModelType)
export class RuleResultsResolver {
  @FieldResolver(() => RuleResultsType, {
    nullable: true,
    complexity: RESULTS_COST,
    description: `What every rule gives at present. Up to ${RULE_RESULTS_AT_ONCE_MAX} contacts are counted at once. Of more the last count is shown (\`asOf\`, \`version\`), and made anew in the background when it is older than ${RULE_RESULTS_AGE_MS_MAX / 1_000} s; null while they are counted for the first time.`,
  })
  async ruleResults(
    @Root() { id, version, definition }: ScoringModelType,
    @Ctx() { loaders }: ApiContext,
  ): Promise<RuleResultsType | null> {
    const results = await loaders.ruleResultsByModel.load({ id, version, definition });
    return results && ruleResultsTypeOf(results);
  }
}
