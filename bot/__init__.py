"""
Staffroom's bot: questions in, answers out.

Read in this order: `domain.answers`, `answering`, `domain.verdicts`, `retrieval`, `app`, `console.cli`.
"""
