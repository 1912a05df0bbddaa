"""
Staffroom's bot: questions in, answers out; reports in, cases out.

Asking, in this order: `domain.answers`, `answering`, `domain.verdicts`, `retrieval`, `app`, `console.cli`.
Reporting: `domain.forms`, `domain.gate`, `domain.routing`, `intake`, `casework`, `delivery`, `exporting`.
With people: `recognising`, `raising`, `drafting`, `attaching`, `linking`, `slack.app`, `web.site`, `serving`.
"""
