"""Regular expressions of people: those on which a text can keep a worker busy for ever."""

import re

_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P<\w+>|<?[=!:])?|\{\d*,?\d*\}|.", re.S)
_MANY = re.compile(r"[*+]|\{\d*,\d*\}")
_COUNT = re.compile(r"\{\d+\}")


def may_hang(pattern: str) -> bool:
    """Whether a part is repeated that itself repeats, is optional or has choices.

    Such a part fits one text in ever so many ways, all of which are tried before it is refused.
    """
    # Of the groups that are open, the outermost first: whether they fit texts of several lengths.
    varying = [False]
    closed = False
    for sign in _SIGN.findall(pattern):
        is_repeat = bool(_MANY.fullmatch(sign) or _COUNT.fullmatch(sign))
        if is_repeat and closed:
            return True
        closed = sign == ")" and len(varying) > 1 and varying.pop()
        if sign.startswith("("):
            varying.append(False)
        elif closed or sign in ("|", "?") or _MANY.fullmatch(sign):
            varying[-1] = True
    return False
