"""Settings of all tests: property tests draw the same examples every time.

``pytest --hypothesis-profile=explore`` draws new ones.
"""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("repeatable")
