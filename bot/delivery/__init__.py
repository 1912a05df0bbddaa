"""
What Staffroom does without being asked: it sends notices, runs the clocks and tells who must know.

Read in this order: `worker`, `outbox`, `escalation`, `ringing`, `regular`, `people`, `drill`.
"""
