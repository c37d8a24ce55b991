"""The server answers to this machine's names only, and tells the browser to ask nobody else."""

import asyncio
from typing import Any

import pytest

from kcas.dashboard import server
from kcas.errors import SettingError

OURS = ["localhost", "LOCALHOST:8501", "localhost.", "127.0.0.1:8501", "[::1]:8501", "[::1]", "[0:0:0:0:0:0:0:1]:9"]
FOREIGN = [
    "evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.nip.io:8501", "127.0.0.2", "0.0.0.0:8501",
    "localhost@evil.example", "localhost:8501@evil.example", "evil.example/localhost", "localhost:", "localhost:99999",
    "localhost:80:80", "", " ", "[::2]:8501", "[::ffff:7f00:1]", "::1", "localhost,evil.example",
    "localhost evil.example", "localhоst", "*", "127.1", "2130706433", "localhost..",
]  # fmt: skip


class Answered:
    """The inner application: it answers everything, and notes that it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["type"])
        if scope["type"] == "http":
            headers = [(b"server", b"x"), (b"Content-Security-Policy", b"default-src *")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"secret"})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.accept"})


def sent(scope: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """What is sent to a request, and what the inner application was asked."""
    messages: list[dict[str, Any]] = []
    inner = Answered()

    async def keep(message: dict[str, Any]) -> None:
        messages.append(message)

    asyncio.run(server.Guarded(inner)(scope, None, keep))
    return messages, inner.asked


def request(*headers: tuple[str, str], kind: str = "http", method: str = "GET") -> dict[str, Any]:
    """A request with these headers."""
    return {"type": kind, "method": method, "headers": [(k.encode(), v.encode("utf-8")) for k, v in headers]}


@pytest.mark.parametrize("host", OURS)
def test_this_machines_names_are_answered_whatever_the_port(host: str) -> None:
    messages, asked = sent(request(("host", host)))
    assert (messages[0]["status"], asked) == (200, ["http"])
    messages, asked = sent(request(("host", host), ("origin", f"http://{host}"), kind="websocket"))
    assert (messages[0]["type"], asked) == ("websocket.accept", ["websocket"])


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_name_is_refused_before_the_page_is_asked(host: str) -> None:
    messages, asked = sent(request(("host", host)))
    assert (messages[0]["status"], asked) == (421, [])
    assert b"secret" not in messages[1]["body"]
    messages, asked = sent(request(("host", host), ("origin", f"http://{host}"), kind="websocket"))
    assert (messages, asked) == ([{"type": "websocket.close", "code": 1008, "reason": "not answered"}], [])


def test_a_request_without_a_name_or_with_two_is_refused() -> None:
    for headers in ((), (("host", "localhost"), ("Host", "evil.example")), (("host", "localhost"),) * 2):
        for kind in ("http", "websocket"):
            assert sent(request(*headers, kind=kind))[1] == []


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8501", "http://evil.example"), ("localhost:8501", "http://localhost:3000"),
        ("localhost:8501", "http://127.0.0.1:8501"), ("localhost:8501", "null"), ("localhost:8501", ""),
        ("localhost:8501", "file://"), ("localhost:8501", "http://localhost:8501.evil.example"),
        ("localhost:8501", "http://evil.example@localhost:8501"), ("localhost:8501", "http://[::1"),
    ],
)  # fmt: skip
def test_a_page_of_another_address_opens_no_websocket_and_reads_and_changes_nothing(host: str, origin: str) -> None:
    named = (("host", host), ("origin", origin))
    assert sent(request(*named, kind="websocket"))[1] == []
    for method in ("GET", "OPTIONS", "POST", "PUT", "DELETE"):
        messages, asked = sent(request(*named, method=method))
        assert (messages[0]["status"], asked) == (403, [])


def test_our_own_page_and_a_program_without_a_page_are_answered() -> None:
    own = (("host", "localhost:8501"), ("origin", "http://localhost:8501"))
    assert sent(request(*own, kind="websocket"))[1] == ["websocket"]
    assert sent(request(*own, method="PUT"))[1] == ["http"]
    assert sent(request(("host", "localhost:8501"), kind="websocket"))[1] == ["websocket"]


def test_two_origins_are_refused() -> None:
    named = (("host", "localhost:1"), ("origin", "http://localhost:1"), ("Origin", "http://evil.example"))
    assert sent(request(*named, kind="websocket"))[1] == []


def test_a_name_that_was_given_is_answered_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(server.HOSTS, "")
    server.allow(["Desk.Example.ORG", "[fe80::1]"])
    assert sent(request(("host", "desk.example.org")))[1] == ["http"]
    assert sent(request(("host", "[FE80:0::1]:443")))[1] == ["http"]
    assert sent(request(("host", "localhost")))[1] == ["http"]
    assert sent(request(("host", "example.org")))[1] == []


@pytest.mark.parametrize("name", ["http://desk.example", "desk:80", "*", "", "a b", "a,b", "desk/"])
def test_what_is_no_hosts_name_is_refused_in_words(name: str) -> None:
    with pytest.raises(SettingError, match=r"not the name of a host\. Expected one like desk\.example"):
        server.allow([name])


def test_everything_sent_bears_the_headers_that_keep_requests_at_home_once() -> None:
    for host in ("localhost", "evil.example"):
        headers = sent(request(("host", host)))[0][0]["headers"]
        policies = [value.decode() for name, value in headers if name.lower() == b"content-security-policy"]
        assert len(policies) == 1
        assert "default-src 'self'" in policies[0]
        assert "connect-src 'self';" in policies[0]
        assert not {"http:", "ws:", "wss:", "*"} & set(policies[0].replace(";", " ").split())
        assert dict(headers)[b"referrer-policy"] == b"no-referrer"
        assert dict(headers)[b"x-content-type-options"] == b"nosniff"


def test_the_servers_own_beginning_and_end_are_passed_on() -> None:
    assert sent({"type": "lifespan"})[1] == ["lifespan"]
