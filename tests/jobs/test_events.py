"""Following one job asynchronously: everybody sees the beginning and the end, and a slow reader never piles up events."""

from __future__ import annotations

import asyncio

import pytest

from app.errors import NotFoundError
from app.jobs import subscription
from app.jobs.subscription import Closed, Lagging, Subscription
from app.values.events import JobDone, JobFailed, JobPreview, JobProgress, JobStarted
from app.values.job import JobResult, JobState
from app.values.snapshot import JobSnapshot
from tests.jobs.fakes import image, picture, preview, step

LIMIT_S = 10


def kinds(items):
    return [item.type for item in items]


async def read_all(queue, job_id, started=None):
    items = []
    async for item in queue.events(job_id):
        items.append(item)
        if started is not None:
            started.set()
    return items


def run(test):
    return asyncio.run(asyncio.wait_for(test, LIMIT_S))


def test_two_readers_see_the_same_from_the_snapshot_to_the_end(bench):
    async def follow():
        job = bench.submit()
        bench.settle()
        begun = [asyncio.Event(), asyncio.Event()]
        readers = [asyncio.create_task(read_all(bench.queue, job.id, event)) for event in begun]
        for event in begun:
            await event.wait()
        bench.tell(JobStarted(job_id=job.id), image(job, 0))
        bench.executor.done(job, picture(0))
        return await asyncio.gather(*readers)

    for items in run(follow()):
        assert kinds(items) == ["snapshot", "started", "image", "done", "snapshot"]
        assert items[0].job.state is JobState.RUNNING
        assert items[-1].job.state is JobState.DONE
        assert [p.index for p in items[-1].images] == [0]


def test_an_ended_job_is_one_snapshot(bench):
    job = bench.submit()
    bench.settle()
    bench.executor.end(JobFailed(job_id=job.id, error="no"))
    bench.queue.wait(job.id, 10)
    items = run(read_all(bench.queue, job.id))
    assert [item.job.error for item in items] == ["no"]


def test_an_unknown_job_is_named(bench):
    with pytest.raises(NotFoundError, match="j-404"):
        run(read_all(bench.queue, "j-404"))


def test_a_waiting_job_tells_how_it_moves_up(bench):
    async def follow():
        first, second, third = bench.submit(), bench.submit(), bench.submit()
        bench.settle()
        events = bench.queue.events(third.id)
        positions = [(await anext(events)).position]
        bench.executor.done(first)
        positions.append((await anext(events)).position)
        bench.queue.control(second.id, "cancel")
        bench.executor.done(second)
        bench.settle()
        bench.executor.done(third)
        rest = [item async for item in events]
        return positions, rest[-1].job.state

    positions, state = run(follow())
    assert positions == [1, 0]
    assert state is JobState.DONE


def test_closing_the_queue_ends_the_events(bench):
    async def follow():
        job = bench.submit()
        begun = asyncio.Event()
        reader = asyncio.create_task(read_all(bench.queue, job.id, begun))
        await begun.wait()
        await asyncio.to_thread(bench.queue.close)
        return await reader

    assert not run(follow())[-1].type == "done"


def test_a_reader_that_goes_away_is_forgotten(bench):
    async def follow():
        job = bench.submit()
        events = bench.queue.events(job.id)
        await anext(events)
        assert bench.queue._watchers._readers
        await events.aclose()
        assert not bench.queue._watchers._readers

    run(follow())


def test_a_reader_that_is_cancelled_while_it_waits_is_forgotten(bench):
    async def follow():
        job = bench.submit()
        begun = asyncio.Event()
        reader = asyncio.create_task(read_all(bench.queue, job.id, begun))
        await begun.wait()
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        assert not bench.queue._watchers._readers

    run(follow())


def test_a_slow_reader_gets_only_the_newest_preview_and_progress(bench):
    async def follow():
        job = bench.submit()
        bench.settle()
        events = bench.queue.events(job.id)
        await anext(events)
        for number in range(1, 100):
            bench.executor.sink(step(job, number, 100))
            bench.executor.sink(preview(job, f"P{number:03}"))
        bench.executor.end(JobDone(job_id=job.id, result=JobResult()))
        bench.queue.wait(job.id, 10)
        return [item async for item in events]

    items = run(follow())
    assert [item.step for item in items if isinstance(item, JobProgress)] == [99]
    assert [item.data for item in items if isinstance(item, JobPreview)] == ["P099"]
    assert kinds(items)[-2:] == ["done", "snapshot"]


def test_a_reader_that_missed_too_much_gets_a_fresh_snapshot(bench, monkeypatch):
    monkeypatch.setattr(subscription, "MOST_PENDING", 5)

    async def follow():
        job = bench.submit()
        bench.settle()
        events = bench.queue.events(job.id)
        await anext(events)
        bench.tell(*[image(job, number) for number in range(20)])
        return [await anext(events), job]

    item, _ = run(follow())
    assert isinstance(item, JobSnapshot) and len(item.images) == 20


def test_a_reader_that_missed_the_end_still_learns_of_it(bench, monkeypatch):
    monkeypatch.setattr(subscription, "MOST_PENDING", 2)

    async def follow():
        job = bench.submit()
        bench.settle()
        events = bench.queue.events(job.id)
        await anext(events)
        bench.tell(*[image(job, number) for number in range(2)])
        bench.executor.done(job, picture(0))
        bench.queue.wait(job.id, 10)
        return [item async for item in events]

    assert run(follow())[-1].job.state is JobState.DONE


def test_what_is_pending_is_read_before_the_end():
    async def read():
        reader = Subscription(asyncio.get_running_loop())
        reader.push(JobStarted(job_id="j"))
        reader.close()
        first = await reader.next()
        with pytest.raises(Closed):
            await reader.next()
        return first

    assert run(read()) == JobStarted(job_id="j")


def test_pushing_to_a_reader_whose_loop_has_ended_keeps_nothing(monkeypatch):
    async def make():
        return Subscription(asyncio.get_running_loop())

    reader = asyncio.run(make())
    reader.push(JobStarted(job_id="j"))
    assert not reader._pending


def test_lagging_is_told_once(monkeypatch):
    monkeypatch.setattr(subscription, "MOST_PENDING", 1)

    async def read():
        reader = Subscription(asyncio.get_running_loop())
        for _ in range(2):
            reader.push(JobStarted(job_id="j"))
        with pytest.raises(Lagging):
            await reader.next()
        reader.push(JobStarted(job_id="k"))
        return await reader.next()

    assert run(read()).job_id == "k"
