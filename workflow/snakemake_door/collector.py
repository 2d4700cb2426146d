"""Python looks for rubbish less often: what a process of the pipeline imports stays as long as the process.

Importing this module begins it, so it comes before what is large; forks have it from the server of jobs. The looking
alone would be a fifth of a run with nothing to do, most of it while the process ends.
"""

import atexit
import gc

gc.freeze()
gc.set_threshold(50_000, 20, 20)
# The last look, at all there is, finds what goes with the process anyway.
atexit.register(gc.freeze)
