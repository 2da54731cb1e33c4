/** An operation that a tab of the explorer opens with. */
export interface ExampleOperation {
  query: string;
  /** An `until` that is null is filled in by the page: half a year ahead. */
  variables?: Record<string, unknown>;
}

/**
 * What a newcomer tries first, in this order; the name of an operation is the title of its tab. The first has no variables:
 * GraphiQL would not show them in the tab that it opens with.
 */
export const EXAMPLE_OPERATIONS: readonly ExampleOperation[] = [
  {
    query: `# Your best leads; Ctrl-Enter runs it.
# It needs an API key: put yours into Headers, below.
query BestLeads {
  contacts(first: 10, orderBy: { field: SCORE }, filter: { minTotal: 26 }) {
    totalCount
    nodes {
      id
      firstName
      lastName
      jobTitle
      company
      owner { name }
      score {
        total
        previousTotal
        stage { name hot }
        dimensions { name points maxPoints }
        lastActivityAt
        nextChangeAt
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  },
  {
    query: `# Why is the score what it is? The points of the lines add up to the total.
# And how does it go on when nothing more happens?
query WhyThisScore($until: DateTime!) {
  contacts(first: 3, orderBy: { field: SCORE }) {
    nodes {
      email
      jobTitle
      companySize
      score {
        total
        stage { name }
        explanation { kind title points awards lastAwardAt expiresAt }
        forecast(until: $until) { at total stage { name } }
      }
    }
  }
}
`,
    variables: { until: null },
  },
  {
    query: `# Somebody did something: the answer has the scores it led to.
# A contact that is not known yet is created.
mutation RecordAction($input: RecordActionInput!) {
  recordAction(input: $input) {
    duplicate
    action { id occurredAt }
    contact { id email }
    scores { model { key } total previousTotal stage { name } }
    cursor
  }
}
`,
    variables: {
      input: {
        contact: { email: 'robin.taylor@brightloom.example' },
        type: 'clicked_link',
        properties: { link: '/pricing' },
      },
    },
  },
  {
    query: `# Everything about one contact: what happened, and what became of the score.
query OneContact($key: ContactKey!) {
  contact(key: $key) {
    id
    firstName
    lastName
    company
    attributes
    identities { kind value }
    lists { key }
    score {
      total
      stage { name }
      history(first: 10) {
        nodes { at cause totalBefore totalAfter stageAfter { name } reasons { title points } }
      }
    }
    timeline(first: 10) {
      nodes { occurredAt kind type properties }
    }
  }
}
`,
    variables: { key: { email: 'robin.taylor@brightloom.example' } },
  },
  {
    query: `# A second way to score, beside the first: published at once, contacts follow in the background.
mutation NewModel($input: PresetInput!) {
  createScoringModelFromPreset(input: $input) {
    model {
      id
      key
      version
      active
      primary
      recalculation { state done total }
      definition
    }
  }
}
`,
    variables: { input: { preset: 'ADVANCED', key: 'advanced', name: 'Engagement, fit and intent' } },
  },
  {
    query: `# Live: leave it running and record an action in another tab,
# or let others act: npm run simulate
subscription LiveScores($filter: ScoreChangeFilter) {
  scoreChanged(filter: $filter) {
    at
    contact { firstName lastName company }
    cause
    action { type }
    totalBefore
    totalAfter
    stageAfter { name }
    reasons { title points }
    cursor
  }
}
`,
    variables: { filter: { minDelta: 1 } },
  },
  {
    query: `# Live: an alert each time a lead turns hot.
subscription HotLeads {
  hotLead {
    at
    contact { firstName lastName jobTitle company owner { name } }
    change { totalBefore totalAfter stageAfter { name } action { type } }
  }
}
`,
  },
];
