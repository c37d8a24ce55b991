"""Draws Asterisk queue logs, and tells their stays a second, naive way: one event after the other."""

from dataclasses import dataclass

from hypothesis import strategies as st

QUEUES = ("Enquiries", "Duty")
ENDS = {"ABANDON": "abandoned", "EXITWITHTIMEOUT": "timed_out", "EXITEMPTY": "no_agents", "WITHDRAW": "overflowed"}
START = 1_767_312_000


@dataclass(frozen=True)
class Line:
    at: int
    callid: str
    text: str


def stay_of(draw: st.DrawFn, *, callid: str, at: int, queue: str) -> tuple[list[Line], int]:
    """One caller's stay: its lines, and the moment it was over."""
    kind = draw(st.sampled_from(["answered", "transferred", "key", "ringing", "announcement", "broken", *ENDS, "cut"]))
    wait, talk = draw(st.integers(0, 40)), draw(st.integers(0, 60))
    out, agent = at + wait, draw(st.sampled_from(["Ann", "Bob", "Cat"]))
    number = draw(st.sampled_from(["", "07700900001", "07700900002"]))

    def line(moment: int, who: str, rest: str) -> Line:
        return Line(moment, callid, f"{moment}|{callid}|{queue}|{who}|{rest}")

    lines = [line(at, "NONE", f"ENTERQUEUE||{number}|1")]
    if draw(st.booleans()):
        lines.append(line(at + wait // 2, agent, "RINGNOANSWER|1000"))
    if kind in ("answered", "transferred"):
        lines.append(line(out, agent, f"CONNECT|{wait}|{callid}x|2"))
        end = f"COMPLETECALLER|{wait}|{talk}|1" if kind == "answered" else f"BLINDTRANSFER|22|in|{wait}|{talk}|1"
        lines.append(line(out + talk, agent, end))
        out += talk
    elif kind == "key":
        lines.append(line(out, "NONE", f"EXITWITHKEY|1|1|1|{wait}"))
    elif kind == "ringing":
        lines += [line(out, agent, "RINGCANCELED|500"), line(out, "NONE", f"ABANDON|1|1|{wait}")]
    elif kind == "announcement":
        lines.append(line(out, agent, f"ABANDON|1|1|{wait}"))
    elif kind == "broken":
        lines += [line(out, agent, "SYSCOMPAT|"), line(out, "NONE", f"ABANDON|1|1|{wait}")]
    elif kind in ENDS:
        lines.append(line(out, "NONE", f"{kind}|1|1|{wait}"))
    return lines, out


def passed_on(draw: st.DrawFn, *, number: int, at: int) -> list[Line]:
    """A caller whom an agent transfers into the other queue, by a call of their own that queued for them."""
    caller, other, agent = f"{START}.{number}", f"{START}.{number}t", f"Agent{number}"
    wait, second = draw(st.integers(0, 20)), draw(st.integers(0, 20))
    rang, joined = at + wait + draw(st.integers(1, 20)), draw(st.integers(0, 5))
    over = rang + joined + second
    lines = [
        (at, caller, "Enquiries|NONE|ENTERQUEUE||07700900001|1"),
        (at + wait, caller, f"Enquiries|{agent}|CONNECT|{wait}|x|1"),
        (rang, other, "Duty|NONE|ENTERQUEUE||201|1"),
        (rang + joined, other, f"Enquiries|{agent}|ATTENDEDTRANSFER|APP|Queue|{wait}|{rang + joined - at - wait}|1"),
    ]
    if draw(st.booleans()):
        lines.append((over, caller, f"Duty|NONE|ABANDON|1|1|{over - rang}"))
    else:
        lines.append((over, caller, f"Duty|Eve{number}|CONNECT|{over - rang}|x|1"))
        lines.append((over + 7, caller, f"Duty|Eve{number}|COMPLETEAGENT|{over - rang}|7|1"))
    return [Line(moment, call, f"{moment}|{call}|{rest}") for moment, call, rest in lines]


@st.composite
def queue_logs(draw: st.DrawFn, *, calls: int = 8, restarts: bool = True, transfers: bool = False) -> list[str]:
    """The lines of a log, in the order of their moments; a call may queue several times, in one queue or in two."""
    lines: list[Line] = []
    for number in range(draw(st.integers(0, calls))):
        at = START + draw(st.integers(0, 200))
        if transfers and draw(st.booleans()):
            lines += passed_on(draw, number=number, at=at)
            continue
        for _ in range(draw(st.integers(1, 3))):
            stay, at = stay_of(draw, callid=f"{START}.{number}", at=at, queue=draw(st.sampled_from(QUEUES)))
            lines += stay
            at += draw(st.integers(3, 9))
    if restarts and draw(st.booleans()):
        at = START + draw(st.integers(0, 300))
        lines.append(Line(at, "NONE", f"{at}|NONE|NONE|NONE|QUEUESTART|"))
    return [line.text for line in sorted(lines, key=lambda line: line.at)]


def naive(lines: list[str]) -> list[tuple[int, str, str, float | None, float | None]]:
    """Line, queue, outcome, wait and talk of each stay, by walking through the log with a pencil."""
    stays: list[dict[str, object]] = []
    now: dict[tuple[str, str], dict[str, object]] = {}
    for number, text in enumerate(lines, 1):
        at, callid, queue, agent, event, *more = text.split("|")
        stay = now.get((callid, queue))
        if event == "QUEUESTART":
            for waiting in stays:
                if waiting["outcome"] == "open":
                    waiting["outcome"] = "failed"
        elif event == "ENTERQUEUE":
            now[callid, queue] = {
                "line": number,
                "queue": queue,
                "outcome": "open",
                "wait": None,
                "talk": None,
                "rang": -9,
            }
            stays.append(now[callid, queue])
        elif stay is None or stay.get("over"):
            continue
        elif event == "CONNECT":
            stay |= {"outcome": "answered", "wait": float(more[0])}
        elif event == "RINGCANCELED":
            stay["rang"] = int(at)
        elif event == "SYSCOMPAT":
            stay |= {
                "outcome": "failed",
                "wait": float(int(at) - int(lines[int(str(stay["line"])) - 1].split("|")[0])),
                "broken": True,
            }
        elif event in ("COMPLETECALLER", "BLINDTRANSFER"):
            stay |= {"talk": float(more[1 if event == "COMPLETECALLER" else 3]), "over": True}
        elif event == "EXITWITHKEY":
            stay |= {"outcome": "exit_key", "wait": float(more[3]), "over": True}
        elif event in ENDS and not stay.get("broken"):
            rang = event == "ABANDON" and (agent != "NONE" or int(at) - int(str(stay["rang"])) <= 1)
            stay |= {"outcome": "abandoned_ringing" if rang else ENDS[event], "wait": float(more[2]), "over": True}
    return [(s["line"], s["queue"], s["outcome"], s["wait"], s["talk"]) for s in stays]  # type: ignore[misc]
