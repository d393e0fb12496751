"""Waiting for connections, also by a process that has very many files open."""

from __future__ import annotations

import os
import resource
import socket

import pytest

from storage.events.nsq.waiting import wait_for


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_arrived_can_be_read_and_what_has_room_written(pair):
    ours, theirs = pair
    assert wait_for([ours, theirs], [], 0.0) == (set(), set())
    theirs.send(b"word")
    assert wait_for([ours, theirs], [theirs], 1.0) == ({ours}, {theirs})


def test_a_broken_connection_is_to_be_read(pair):
    ours, theirs = pair
    theirs.close()
    readable, _ = wait_for([ours], [], 1.0)
    assert readable == {ours}


def test_a_file_number_beyond_what_select_knows(pair):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if 0 < limit <= 2_000:
        pytest.skip("this process may not open so many files")
    ours, theirs = pair
    os.dup2(ours.fileno(), 1_999)
    with socket.socket(fileno=1_999) as high:
        theirs.send(b"word")
        assert wait_for([high], [], 1.0) == ({high}, set())
