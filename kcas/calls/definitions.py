"""Definitions of abandonment rates and service levels: key, words and formula.

A abandoned (ringing included), N answered, O offered less those still open. Formulas are over the columns of a tally.

The settings in plain English, printed with every figure.
"""

from dataclasses import dataclass

import polars as pl

from kcas.desk.opening_hours import A_DAY, WEEKDAYS, Span
from kcas.desk.standard import RATE_KEYS, SERVICE_LEVEL_KEYS, Standard, Target, check_key
from kcas.desk.units import clock, percentage_text, threshold

ALL_ABANDONED = pl.col("abandoned_all")
OVER = pl.col("abandoned_over")
SHORT = pl.col("abandoned_short")
ANSWERED = pl.col("answered")
DECIDED = ANSWERED + ALL_ABANDONED
OFFERED = pl.col("offered") - pl.col("open").fill_null(0)  # an interval table is closed when written: it has no open
WITHIN = pl.col("answered_within")
GONE_WITHIN = pl.col("abandoned_within")
GONE_SHORT = pl.col("abandoned_within_short")


@dataclass(frozen=True)
class AbandonmentRate:
    """One way to make an abandonment rate out of a tally; `{t}` in its words is the threshold."""

    key: str
    words: str
    published_by: str
    numerator: pl.Expr
    denominator: pl.Expr
    short: float | None = None  # the publisher's threshold; None where the definition has none
    fixed: bool = False  # the threshold is in the definition's very name

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of a tally without which it cannot be made."""
        return needed(self.numerator, self.denominator)


@dataclass(frozen=True)
class ServiceLevelRule:
    """One way to make a service level out of a tally; `{T}` in its words is the time, `{s}` the short threshold."""

    key: str
    words: str
    numerator: pl.Expr
    denominator: pl.Expr

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of a tally without which it cannot be made."""
        return needed(self.numerator, self.denominator)


def needed(*formulas: pl.Expr) -> tuple[str, ...]:
    """The columns that formulas read, in the order they read them."""
    names = [name for formula in formulas for name in formula.meta.root_names() if name != "open"]
    return tuple(dict.fromkeys(names))


RATES = {
    rate.key: rate
    for rate in (
        AbandonmentRate(
            "all_offered",
            "abandoned ÷ offered",
            'Genesys Cloud "Abandon %", Amazon Connect (of queued), Avaya ABNCALLS of CALLSOFFERED',
            ALL_ABANDONED,
            OFFERED,
        ),
        AbandonmentRate(
            "short_excluded",
            "abandoned after {t} ÷ (offered − abandoned within {t})",
            "Mitel (6 s), 8x8 (5 s), trade usage",
            OVER,
            OFFERED - SHORT,
            short=5.0,
        ),
        AbandonmentRate(
            "cisco_short",
            "abandoned after {t} ÷ offered",
            "Cisco ICM and UCCE, Abandon Wait Time",
            OVER,
            OFFERED,
            short=5.0,
        ),
        AbandonmentRate(
            "nhs111_mds",
            "abandoned after {t} ÷ offered, shorter abandons staying in the denominator",
            "NHS 111 Minimum Data Set, 2010 to 2021",
            OVER,
            OFFERED,
            short=30.0,
        ),
        AbandonmentRate(
            "nhs_direct",
            "abandoned after {t} ÷ (answered + abandoned after {t})",
            "NHS Direct (Hansard, 6 July 2006)",
            OVER,
            ANSWERED + OVER,
            short=30.0,
        ),
        AbandonmentRate(
            "of_decided",
            "abandoned ÷ (answered + abandoned)",
            "Google CCAIP, most spreadsheets",
            ALL_ABANDONED,
            DECIDED,
        ),
        AbandonmentRate(
            "unanswered",
            "offered and not answered ÷ offered",
            "UK councils' share of calls answered, turned round",
            OFFERED - ANSWERED,
            OFFERED,
        ),
        AbandonmentRate(
            "after_60s",
            "abandoned after {t} ÷ offered",
            "police 101 returns",
            OVER,
            OFFERED,
            short=60.0,
            fixed=True,
        ),
        AbandonmentRate(
            "with_ivr",
            "(abandoned + hung up in the menu) ÷ (offered + hung up in the menu)",
            "Treasury Board of Canada, Cumbria Police",
            ALL_ABANDONED + pl.col("left_ivr"),
            OFFERED + pl.col("left_ivr"),
        ),
        AbandonmentRate(
            "with_blocked",
            "(abandoned + blocked) ÷ (offered + blocked)",
            "HMRC and the National Audit Office: a busy tone is a lost call",
            ALL_ABANDONED + pl.col("blocked"),
            OFFERED + pl.col("blocked"),
        ),
        AbandonmentRate(
            "lost_callers",
            "callers with no answered call that day ÷ distinct callers that day",
            'Treasury Board of Canada, "caller access"',
            pl.col("callers_lost"),
            pl.col("callers"),
        ),
    )
}

SERVICE_LEVELS = {
    rule.key: rule
    for rule in (
        ServiceLevelRule("sl_negative", "answered within {T} ÷ (answered + abandoned)", WITHIN, DECIDED),
        ServiceLevelRule("sl_answered", "answered within {T} ÷ answered", WITHIN, ANSWERED),
        ServiceLevelRule(
            "sl_positive",
            "(answered within {T} + abandoned within {T}) ÷ (answered + abandoned)",
            WITHIN + GONE_WITHIN,
            DECIDED,
        ),
        ServiceLevelRule(
            "sl_ignored",
            "answered within {T} ÷ (answered + abandoned − abandoned within {T})",
            WITHIN,
            DECIDED - GONE_WITHIN,
        ),
        ServiceLevelRule("sl_offered", "answered within {T} ÷ offered", WITHIN, OFFERED),
        ServiceLevelRule(
            "sl_short",
            "(answered within {T} + abandoned within {s}) ÷ (answered + abandoned)",
            WITHIN + GONE_SHORT,
            DECIDED,
        ),
    )
}


@dataclass(frozen=True)
class Definition:
    """An abandonment rate with its threshold, and which side a wait of exactly that long falls."""

    key: str
    short: float | None = None  # None: the definition has no threshold
    equal_is_short: bool = True

    @property
    def rate(self) -> AbandonmentRate:
        """The formula."""
        return RATES[self.key]

    @property
    def words(self) -> str:
        """The definition in plain words, thresholds filled in."""
        if self.short is None:
            return f"{self.formula}; calls still open are left out"
        side = "short" if self.equal_is_short else "abandoned, not short"
        return f"{self.formula}, a wait of exactly {threshold(self.short)} being {side}; calls still open are left out"

    @property
    def formula(self) -> str:
        """What is divided by what, the threshold filled in."""
        return self.rate.words.format(t=threshold(self.short or 0))


@dataclass(frozen=True)
class ServiceLevel:
    """A service level's rule, its time, and the short threshold of the rule that has one."""

    key: str
    within: float
    short: float = 5.0
    equal_is_short: bool = True

    @property
    def rule(self) -> ServiceLevelRule:
        """The formula."""
        return SERVICE_LEVELS[self.key]

    @property
    def words(self) -> str:
        """The rule in plain words, times filled in."""
        words = self.rule.words.format(T=threshold(self.within), s=threshold(self.short))
        if self.equal_is_short or not self.has_short:
            return words
        return f"{words}, a wait of exactly {threshold(self.short)} being abandoned, not short"

    @property
    def has_short(self) -> bool:
        """Whether the rule asks for the short threshold at all."""
        return GONE_SHORT.meta.output_name() in self.rule.needs


def the_definition(standard: Standard, *, key: str | None = None, short: float | None = None) -> Definition:
    """The standard's definition, or another one, with its threshold or another one."""
    key = check_key(key or standard.definition, RATE_KEYS, where="abandonment definition")
    rate, threshold = RATES[key], standard.threshold(key)
    if rate.short is None:
        return Definition(key)
    if rate.fixed:
        return Definition(key, short=rate.short)
    return Definition(key, short=threshold.short if short is None else short, equal_is_short=threshold.equal_is_short)


def the_service_level(
    standard: Standard, *, key: str | None = None, within: float | None = None, short: float | None = None
) -> ServiceLevel:
    """The standard's service level, or another one, with its times or others."""
    return ServiceLevel(
        check_key(key or standard.service_level, SERVICE_LEVEL_KEYS, where="service level"),
        within=standard.within if within is None else within,
        short=standard.short if short is None else short,
        equal_is_short=standard.equal_is_short,
    )


def unused_short(
    short: float | None, *, definition: Definition, service_level: ServiceLevel | None = None
) -> str | None:
    """Why a short threshold that someone asked for changes nothing; None where none was asked for or one is used."""
    if short is None or definition.short == short or (service_level and service_level.has_short):
        return None
    why = "bears its own in its name" if definition.short is not None else "has no threshold"
    return f"--short {short:g} changes nothing here: {definition.key} {why}."


def standard_in_words(
    standard: Standard, *, definition: Definition | None = None, service_level: ServiceLevel | None = None
) -> list[str]:
    """The standard as sentences; the definitions in use where they are not the standard's own."""
    rate = definition or the_definition(standard)
    level = service_level or the_service_level(standard)
    return [
        f"Abandonment rate, {rate.key}: {rate.words}. Published so by: {rate.rate.published_by}.",
        f"Service level, {level.key}: {level.words}.",
        f"A call belongs to the interval, day and week in which it entered the queue, by the clock of "
        f"{standard.time_zone}.{day_in_words(standard)}",
        opening_in_words(standard),
        holidays_in_words(standard),
        *(targets_in_words(target) for target in standard.targets),
        *([] if standard.targets else ["Targets: none set."]),
        "Caller tokens: kept, as keyed codes and never numbers."
        if standard.keep_caller_tokens
        else "Caller tokens: not kept, so who called again is not known.",
    ]


def day_in_words(standard: Standard) -> str:
    """When the desk's day begins, where that is not midnight."""
    if not standard.day_begins:
        return ""
    return f" A day begins at {clock(60 * standard.day_begins)}: what comes before is of the day before."


def opening_in_words(standard: Standard) -> str:
    """The opening hours, and what happens to calls outside them."""
    opening = standard.opening
    if not opening.stated:
        return "Opening hours: not stated, so every hour counts."
    days = ", ".join(
        f"{day.capitalize()} {span_in_words(span)}" for day, span in zip(WEEKDAYS, opening.weekdays, strict=True)
    )
    holiday = opening.holiday if isinstance(opening.holiday, str) else span_in_words(opening.holiday)
    outside = "left out" if opening.outside_left_out else "counted"
    return f"Opening hours: {days}; holidays {holiday}. Calls that entered outside them are {outside}."


def span_in_words(span: Span | None) -> str:
    """Hours of a day like "08:00 to 20:00"."""
    if not span:
        return "closed"
    first, last = (clock(60 * (minute % A_DAY)) for minute in span)
    return f"{first} to {'24:00' if span[1] == A_DAY else last}{' of the next day' if span[1] > A_DAY else ''}"


def holidays_in_words(standard: Standard) -> str:
    """Whose holidays, and which days were added or taken away."""
    holidays = standard.holidays
    sentence = "Holidays: the bank holidays of England" if holidays.of_england else "Holidays: none"
    also = f", and {', '.join(map(str, holidays.also))}" if holidays.also else ""
    without = f", but not {', '.join(map(str, holidays.not_these))}" if holidays.not_these else ""
    return f"{sentence}{also}{without}."


def targets_in_words(target: Target) -> str:
    """A target with its source."""
    measure = "abandonment rate" if target.measure == "rate" else "service level"
    by = f" by {target.definition}" if target.definition else ""
    side, share = ("at most", target.at_most) if target.at_most is not None else ("at least", target.at_least)
    return f"Target: {measure}{by} {side} {percentage_text(share or 0)} ({target.source})."
