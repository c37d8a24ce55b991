"""Result of a verification, in sentences."""

from kcas.evidence.verify import Verified


def sentences(found: Verified) -> tuple[str, ...]:
    """Whether it is as it was made, and whether it comes out the same again."""
    if found.findings:
        return (
            f"Not as they were made: {len(found.findings)} of the pack's files (run {found.run}). Do not rely on this "
            "copy.",
            *found.why,
        )
    held = f"None of the {found.files} files of run {found.run} was altered, added or taken away."
    if found.again:
        return (held, "Made again from the calls, every file came out the same, byte for byte.", *found.why)
    if found.again is None:
        return (held, *found.why)
    return (
        held,
        f"Made again from the calls, {len(found.differs)} files came out otherwise: {', '.join(found.differs[:8])}"
        + (" and others." if len(found.differs) > 8 else "."),
        *(found.why or ("Nothing was found that would explain it.",)),
    )
