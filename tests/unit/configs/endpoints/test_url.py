"""What only its owner should know of a URL is never shown."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.endpoints.url import without_secrets

SECRETS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + ":/@%!$+-_"), min_size=1
).map(lambda text: f"s3cr{text}3t")


@given(SECRETS)
def test_a_password_is_never_shown(secret):
    for url in (
        f"clickhouse://ann:{secret}@db:8443/q", f"clickhouse://:{secret}@db", f"x:ann:{secret}@db",
        f"http://ann:{secret}@host/?a=1",
    ):  # fmt: skip
        shown = without_secrets(url)
        assert secret not in shown
        assert "***" in shown


@pytest.mark.parametrize(
    "name", ["password", "access_key", "secret", "Token", "aws_secret_access_key"]
)
def test_a_secret_parameter_is_never_shown(name):
    shown = without_secrets(f"s3://bucket/lake?region=eu&{name}=abc123&path=1")
    assert shown == f"s3://bucket/lake?region=eu&{name}=***&path=1"


@pytest.mark.parametrize(
    "url",
    ["file://.qraft/lake", "chdb:///data/a@b", "clickhouse://ann@db", "http://127.0.0.1:8082", "x"],
)
def test_the_rest_is_shown_as_it_is(url):
    assert without_secrets(url) == url
