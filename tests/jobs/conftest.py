"""A queue on a journal in the test's folder, with an executor that the test drives."""

from __future__ import annotations

from contextlib import closing, contextmanager

import pytest

from app.jobs.database import open_database
from app.jobs.queue import JobQueue
from tests.jobs.fakes import FakeExecutor, Kinds


class QueueBench:
    """Queue and executor; ``told`` are all events the queue passed on."""

    def __init__(self, queue, executor):
        self.queue = queue
        self.executor = executor
        self.told = []
        queue.subscribe(self.told.append)

    def submit(self, owner="anna", **request):
        return self.queue.submit("count", request, owner=owner, source="test", settings={})

    def settle(self):
        """Return when the queue has handled everything told to it so far: it hears a last word and passes it on."""
        import threading

        from app.values.events import Fact

        heard = threading.Event()
        stop = self.queue.subscribe(lambda event: heard.set() if isinstance(event, Fact) and event.topic == "settled" else None)
        self.executor.sink(Fact(topic="settled", data={}))
        assert heard.wait(10), "the queue's thread hangs"
        stop()

    def tell(self, *events):
        for event in events:
            self.executor.sink(event)
        self.settle()


@pytest.fixture
def open_queue(tmp_path):
    """``with open_queue() as bench``: opens the same journal each time."""

    @contextmanager
    def opening(slots=1, clock=None, close=True):
        executor = FakeExecutor(slots)
        with closing(open_database(tmp_path / "paintbox.sqlite3")) as database:
            queue = JobQueue(database, executor, Kinds(), *([clock] if clock else []))
            bench = QueueBench(queue, executor)
            queue.start()
            bench.settle()
            try:
                yield bench
            finally:
                queue.close()

    return opening


@pytest.fixture
def bench(open_queue):
    with open_queue() as bench:
        yield bench
