"""The addresses that stickers carry, so that any phone that scans one finds its way."""

from urllib.parse import quote


def unit_link(base_url: str, code: str) -> str:
    return f"{base_url}/track/product/{quote(code, safe='')}"


def case_link(base_url: str, code: str) -> str:
    return f"{base_url}/track/master/{quote(code, safe='')}"
