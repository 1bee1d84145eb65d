"""What cannot go on ends the process at once. A restart reads again from what is stored, and loses nothing; Faust's own
way out may wait for ever for a part that has died.
"""

import logging
import os
from typing import NoReturn

EXIT_STATUS = 70  # EX_SOFTWARE of sysexits.h
log = logging.getLogger(__name__)


def give_up(what: str, error: BaseException | None) -> NoReturn:
    log.error("%s; the worker stops", what, exc_info=error)
    os._exit(EXIT_STATUS)
