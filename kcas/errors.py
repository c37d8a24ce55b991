"""What can go wrong that the person at the screen can put right.

Every message says where, what, and what would be right. The family is shown without a traceback at two
doors only: the command line and the dashboard.
"""


class KcasError(Exception):
    """Something a person can put right, said in one or two lines."""


class SettingError(KcasError):
    """A setting (the desk's standard, a mapping, an option) that cannot be used as it stands."""


class LogError(KcasError):
    """A log that cannot be read as a whole: not a log, two formats claim it, cut short, too large."""


class AccountError(KcasError):
    """A log whose lines were not each accounted for once: a fault in its reader, not in the log."""


class StoreError(KcasError):
    """A store that cannot be opened or written: no rights, held by another writer, not ours."""


class OldSpelling(FutureWarning):
    """A file that spells a key as an earlier version did: read in this version, and no longer in the next."""


class ScenarioError(KcasError):
    """A scenario that cannot be run: unknown key, missing unit, absurd size, a circle of starts_from."""
