"""
What those who handle a case do with it, and what its reporter may see of it.

Read in this order: `domain.moves`, `domain.views`, `domain.folding`, `room`, `looking`, `moving`, `people`,
`joining`, `relating`, `evidence`, `ending`, `reporting`, `casework`.
"""
