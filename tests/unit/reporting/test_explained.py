"""Does the sentence say what changed, which way, and add up to what it says?"""

import json
from dataclasses import replace
from datetime import date

import pytest

from kcas.attribution.attribute import Share, Side, Why
from kcas.attribution.comparators import HolidaysMet
from kcas.attribution.fitted import Fitted
from kcas.attribution.observed_days import ALL_OFFERED
from kcas.reporting import attribution, words
from kcas.reporting.palettes import LIGHT

QUIET = Side(numerator=100, denominator=1000, lost=100, offered=1000, handle=180, agent_hours=40, days=10,
             calls_by_interval=(50.0,) * 4, agents_by_interval=(5.0, 5.0, 5.0, 5.0))  # fmt: skip
BUSY = Side(numerator=30, denominator=150, lost=30, offered=150, handle=216, agent_hours=30, days=1,
            calls_by_interval=(75.0,) * 4, agents_by_interval=(5.0, 3.0, 2.0, 5.0))  # fmt: skip
WHY = Why(
    now=BUSY,
    against=QUIET,
    shares=(
        Share("volume", 0.052, 0.02, 0.08), Share("shape", 0.0, -0.01, 0.01), Share("handling", 0.009, 0.0, 0.02),
        Share("staff", 0.041, 0.01, 0.07), Share("timing", 0.002, -0.01, 0.01),
    ),
    chance=Share("chance", -0.004, -0.03, 0.03),
    expected=0.204,
    within=True,
    fitted=Fitted(240, 10, 0.9, 0.01, 60, 1.0, 0.0, leftover=0.5),
    dates=(date(2010, 3, 9),),
    dates_against=(date(2010, 3, 2),),
    opens=10 * 3600.0,
    interval=1800.0,
    holidays=HolidaysMet(),
    definition=ALL_OFFERED,
)  # fmt: skip


def test_the_sentence_tells_the_largest_share_first_and_chance_last():
    said = attribution.attribution_sentence(WHY, name="Tuesday 9 March 2010", against="a normal Tuesday")
    assert said == (
        "Tuesday 9 March 2010 had 20.0% (30 of 150), 10.0 points more than a normal Tuesday (10.0%, 100 of 1,000 on 10 "
        "days): in points, +5.2 from more calls (150 instead of 100 a day); +4.1 from fewer agents (30 agent-hours "
        "instead of 40; 2.5 fewer from 10:30 to 11:30); +0.9 from longer calls (3 min 36 s instead of 3 min); +0.2 "
        "from when agents were there; −0.4 chance and what the model does not see."
    )


def test_where_there_were_more_agents_nobody_is_missed():
    more = replace(WHY, now=replace(BUSY, agent_hours=50))
    assert attribution.cause(WHY.shares[3], more) == "more agents (50 agent-hours instead of 40)"


def test_what_hardly_changed_is_called_so():
    alike = replace(WHY, now=replace(BUSY, offered=101, handle=181))
    assert attribution.cause(WHY.shares[0], alike).startswith("about as many calls")
    assert attribution.cause(WHY.shares[2], alike).startswith("about equally long calls")


def test_what_is_left_over_is_called_usual_or_not():
    assert "no more than usual (within 3.0 points either way on 95 of 100 days)" in attribution.whether_chance(WHY)
    assert "something else happened" in attribution.whether_chance(replace(WHY, within=False))


@pytest.mark.parametrize("row", attribution.attribution_rows(WHY))
def test_each_bar_of_the_chart_bears_its_points_and_its_reason(row):
    drawn = json.dumps(
        attribution.attribution_chart(attribution.attribution_rows(WHY), palette=LIGHT).to_dict(), ensure_ascii=False
    )
    assert f'"text": "{words.signed(row["share"])}"' in drawn
    assert row["cause"] in drawn
    assert f"{row['label']}: {words.signed(row['share'])} points" in attribution.chart_words(
        attribution.attribution_rows(WHY)
    )


def test_above_all_of_the_agents_time_nothing_is_left_to_be_wrap_up() -> None:
    below, above = (replace(WHY, fitted=replace(WHY.fitted, availability=share)) for share in (0.9, 1.02))
    assert (
        "90% of the agents' time that can be read off who took calls counts (the rest is wrap-up"
        in (attribution.method(below)[2])
    )
    said = attribution.method(above)[2]
    assert "102% of the agents' time" in said
    assert "more agents were there than took calls" in said
    assert not any(word in said for word in ("wrap-up", "the rest", "absence"))


def test_a_change_of_availability_above_all_of_the_time_is_no_wrap_up() -> None:
    share = Share("availability", 0.01, 0.0, 0.02)
    assert "wrap-up" in attribution.cause(share, WHY)
    for more in (
        replace(WHY, fitted=replace(WHY.fitted, availability=1.02)),
        replace(WHY, fitted_now=replace(WHY.fitted, availability=1.02)),
    ):
        assert "wrap-up" not in attribution.cause(share, more)
        assert "more were there than it shows" in attribution.cause(share, more)
