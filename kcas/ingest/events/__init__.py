"""Event streams: the engine that makes calls of a supplier's events, in whatever order its files come.

A supplier's file translates; the engine knows one vocabulary, which is that of Asterisk's queue_log, because stores
hold unfinished calls in it: ENTERQUEUE, CONNECT, COMPLETECALLER, ABANDON and the others of `legs`.
"""
