"""
Documents to a searchable index of clauses; usable alone.

Read in this order: `documents`, `cutting`, `clauses`, `build`, `search`, `modality`, `certainty`.
"""
