"""The one error of the local stack."""


class StackError(RuntimeError):
    """The local stack could not do what was asked. The message says what was wrong and what to do."""
