"""Sizes as people say them."""


def gigabytes(size: int) -> str:
    """Bytes: "24 GB", "9.1 GB", "270 MB", "1.5 MB"."""
    if size >= 10**10:
        return f"{size / 10**9:.0f} GB"
    if size >= 10**9:
        return f"{size / 10**9:.1f} GB"
    return f"{size / 10**6:.0f} MB" if size >= 10**8 else f"{size / 10**6:.1f} MB"


def count(number: int) -> str:
    """Parameters: "14.7B", "135M"."""
    return f"{number / 10**9:.1f}B" if number >= 10**9 else f"{number / 10**6:.0f}M"
