"""NSQ, through nsq-py: its protocol is used as it is, its client's loop is replaced.

nsq-py 0.1.12 does not notice a peer that went away, waits for ever for an answer, answers
heartbeats only while it is being read, mixes up answers between threads, never closes, sends a
buffer twice when the socket is full, and logs to standard error as soon as it is imported. `wire`
mends what is the connection's; `publisher` and `pump` stand in place of its client.
"""
