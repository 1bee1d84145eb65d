"""`python -m freshet.cli`: the same as the command `freshet`."""

import sys

from freshet.cli import main

sys.exit(main())
