"""Tests of the tests: cores with one wrong rule each. Every one must be caught by two named sentences at least, and by random lives.

Rules of the file: a mutant is an edit of the core's source that is still a plausible SDK; one that no stimulus could tell from the core has no
place here.
"""

import importlib.util
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import NamedTuple

import pytest
from devices import EDITIONS_OF, Device, Edits, core_with, edit
from hypothesis import Phase, settings


class Mutant(NamedTuple):
    """A wrong core, and who catches it."""

    edits: Edits
    sentences: tuple[str, ...]
    """Tests of test_document.py and test_remote.py that must fail, without their `test_`."""
    lives: tuple[str, ...]
    """State machines of test_machine.py that must fail; those that would need long to find it are not named."""


WEB, MOBILE, BOTH = ("WebLife",), ("MobileLife",), ("WebLife", "MobileLife")

MUTANTS = {
    # ---------------------------------------------------------------------------------------------------- boundaries
    "60 s in the background end the session": Mutant(
        edit("session", "at - store.left <= limits.away", "at - store.left < limits.away"),
        ("mobile_continuation_within_60_s", "mobile_continuation_from_the_background", "mobile_expiration_after_a_kept_trip"),
        MOBILE,
    ),
    "60.001 s in the background keep the session": Mutant(
        edit("session", "at - store.left <= limits.away", "at - store.left <= limits.away + 1"),
        ("mobile_expiration_after_60_s", "mobile_expiration_after_a_kept_trip", "sampling_of_a_queue_over_a_return"),
        MOBILE,
    ),
    "silence of overtime ends the session": Mutant(
        edit("session", "at - store.last <= limits.overtime", "at - store.last < limits.overtime"),
        ("web_continuation_each_interaction", "web_expiration_at_overtime", "web_expiration_overtime_setting"),
        WEB,
    ),
    "idle is off by one": Mutant(
        edit("session", "at - store.last <= limits.overtime", "at - store.last <= limits.overtime + 1"),
        ("web_expiration_at_overtime", "web_expiration_overtime_setting", "web_expiration_next_interaction_begins"),
        WEB,
    ),
    "an age of maxDuration ends the session": Mutant(
        edit("session", "at - store.start <= limits.max_duration", "at - store.start < limits.max_duration"),
        ("web_expiration_at_max_duration", "web_expiration_max_duration_setting", "web_expiration_max_duration_ends_for_passive_events"),
        WEB,
    ),
    "age is off by one": Mutant(
        edit("session", "at - store.start <= limits.max_duration", "at - store.start <= limits.max_duration + 1"),
        ("web_expiration_at_max_duration", "web_expiration_max_duration_setting", "web_expiration_max_duration_ends_for_passive_events"),
        WEB,
    ),
    "the draw at the rate is sampled": Mutant(
        edit("session", "store.draw < (store.rate", "store.draw <= (store.rate"),
        ("sampling_of_the_draw", "sampling_of_a_queue_with_two_sessions", "sampling_of_a_queue_over_a_return"),
        BOTH,
    ),
    "the flush count is off by one": Mutant(
        edit("outbox", "box.count - box.done >= limits.flush_count", "box.count - box.done > limits.flush_count"),
        ("outbox_flush_at_count", "outbox_flush_at_the_edition_s_count", "outbox_flush_of_one"),
        BOTH,
    ),
    # ------------------------------------------------------------------------------------------------- session rules
    "interaction starts the lifetime anew": Mutant(
        edit(
            "session",
            "        open_session(store, limits, at)\n    store.last = at",
            "        open_session(store, limits, at)\n    store.last = store.start = at",
        ),
        ("web_expiration_at_max_duration", "web_expiration_max_duration_setting"),
        WEB,
    ),
    "interaction does not prolong": Mutant(
        edit("session", "        open_session(store, limits, at)\n    store.last = at", "        open_session(store, limits, at)"),
        ("web_continuation_each_interaction", "web_continuation_by_interaction", "web_expiration_at_max_duration"),
        WEB,
    ),
    "whatever happens prolongs": Mutant(
        edit("probes", "if limits.interactions >> kind & 1:", "if limits.interactions and kind not in (CLOSE, HIDE):"),
        (
            "web_expiration_passive_events_do_not_prolong",
            "web_expiration_passive_events_are_dropped",
            "web_expiration_max_duration_ends_for_passive_events",
            "web_termination_nothing_is_of_a_closed_session",
        ),
        WEB,
    ),
    "a scroll does not prolong": Mutant(
        edit("probes", "if limits.interactions >> kind & 1:", "if limits.interactions >> kind & 1 and kind != SCROLL:"),
        (
            "web_continuation_each_interaction",
            "web_continuation_by_interaction",
            "web_expiration_overtime_setting",
            "web_expiration_next_interaction_begins",
        ),
        WEB,
    ),
    "a navigation does not prolong": Mutant(
        edit("probes", "if limits.interactions >> kind & 1:", "if limits.interactions >> kind & 1 and kind != NAVIGATE:"),
        ("web_continuation_each_interaction", "web_continuation_by_interaction", "web_expiration_next_interaction_begins"),
        WEB,
    ),
    "an ended session keeps what follows": Mutant(
        edit("session", "        return store.session\n    return 0", "        return store.session\n    return store.session"),
        (
            "mobile_termination_nothing_is_of_an_ended_session",
            "web_expiration_passive_events_are_dropped",
            "web_expiration_max_duration_ends_for_passive_events",
            "web_termination_nothing_is_of_a_closed_session",
        ),
        WEB,
    ),
    "a close ends nothing": Mutant(
        edit("probes", "    if limits.close_ends:\n        close(store, s.at, CRASHED if s.kind == CRASH else CLOSED)\n", ""),
        (
            "web_termination_close",
            "web_termination_browser",
            "web_termination_nothing_is_of_a_closed_browser",
            "web_termination_nothing_is_of_a_closed_session",
            "miniprogram_termination_hide_and_close",
            "mobile_termination_nothing_is_of_an_ended_session",
        ),
        (),
    ),
    "a navigation is a close": Mutant(
        edit(
            "probes",
            "    leave(store, screen, box, limits, s)\n    if limits.reloads and s.aux & ROUTE == 0:",
            "    leave(store, screen, box, limits, s)\n    if limits.interactions:\n        open_session(store, limits, s.at)\n    if 0:",
        ),
        ("web_termination_navigation_is_no_close", "web_continuation_each_interaction", "miniprogram_termination_hide_and_close"),
        WEB,
    ),
    "hiding is a close": Mutant(
        edit("probes", "    elif kind == CRASH:\n", "        store.open = 0\n    elif kind == CRASH:\n"),
        ("web_continuation_hidden", "miniprogram_termination_hide_and_close"),
        (),
    ),
    "a launch goes on with an open session": Mutant(
        edit("probes", "    if limits.launch_opens:\n        open_session", "    if limits.launch_opens and not store.open:\n        open_session"),
        ("mobile_creation_launch_after_an_unseen_end", "mobile_creation_launch_after_an_unseen_end_in_the_background"),
        MOBILE,
    ),
    "every return makes a session": Mutant(
        edit("probes", "        if not lives(store, limits, at):\n", "        if limits.launch_opens:\n"),
        ("mobile_continuation_within_60_s", "mobile_continuation_each_trip_by_itself", "mobile_continuation_from_the_background"),
        MOBILE,
    ),
    "no return makes a session": Mutant(
        edit("probes", "        if not lives(store, limits, at):\n", "        if store.open == 0:\n"),
        (
            "mobile_creation_return_to_the_foreground",
            "mobile_expiration_after_60_s",
            "mobile_expiration_after_a_kept_trip",
            "sampling_of_a_queue_over_a_return",
        ),
        MOBILE,
    ),
    "the background time is stale": Mutant(
        edit("probes", "        store.left = at\n", "        store.left = min(store.left, at)\n")
        + edit("probes", "        store.left = NEVER\n        change", "        change"),
        ("mobile_continuation_each_trip_by_itself", "mobile_creation_return_to_the_foreground"),
        MOBILE,
    ),
    "the background time counts from the last act": Mutant(
        edit("probes", "        store.left = at\n", "        store.left = box.queue[box.count - 1].stamp if box.count else at\n"),
        ("mobile_continuation_from_the_background", "mobile_expiration_after_a_kept_trip"),
        MOBILE,
    ),
    "a foreground is a return": Mutant(
        edit("probes", "        if not lives(store, limits, at):\n", "        if not lives(store, limits, at) or store.left == NEVER:\n"),
        ("mobile_creation_foreground_without_background", "mobile_continuation_foreground_twice"),
        MOBILE,
    ),
    "the background ends nothing until the return": Mutant(
        edit("session", " and at - store.left <= limits.away", "")
        + edit("probes", "        if not lives(store, limits, at):\n", "        if at - store.left > limits.away:\n"),
        ("mobile_expiration_in_the_background", "crash_of_no_session"),
        MOBILE,
    ),
    "a return does not end the absence": Mutant(
        edit("probes", "        store.left = NEVER\n        change", "        change"),
        ("mobile_continuation_foreground_twice", "mobile_creation_return_to_the_foreground"),
        MOBILE,
    ),
    # ------------------------------------------------------------------------------------------------------ sampling
    "sampling is drawn again at the foreground": Mutant(
        edit(
            "probes",
            "    elif kind == BACKGROUND:\n        change",
            "        store.sampled = 1 if store.key * at * 7919 % (1 << 31) < store.rate else 0\n    elif kind == BACKGROUND:\n        change",
        ),
        ("sampling_once_per_session", "sampling_of_the_draw", "sampling_changed_rate_within_a_session"),
        MOBILE,
    ),
    "sampling is drawn for each event": Mutant(
        edit("outbox", "e.sampled = store.sampled", "e.sampled = 1 if store.draw * store.events % (1 << 31) < store.rate else 0"),
        ("sampling_once_per_session", "sampling_of_the_draw", "sampling_changed_rate"),
        BOTH,
    ),
    "sampling is drawn once for the device": Mutant(
        edit("session", "rnd(store.key, store.session)", "rnd(store.key, 1)"),
        ("sampling_once_per_session", "sampling_share", "sampling_of_the_draw"),
        BOTH,
    ),
    "sampling follows the rate of now": Mutant(
        edit("outbox", "e.sampled = store.sampled", "e.sampled = 1 if store.draw < store.rate else 0"),
        ("sampling_changed_rate_within_a_session", "sampling_changed_rate"),
        MOBILE,
    ),
    "sampling is not asked": Mutant(
        edit("outbox", "elif sampled == 0:", "elif sampled > 1:"),
        ("sampling_none", "sampling_once_per_session", "sampling_share", "crash_of_an_unsampled_session"),
        BOTH,
    ),
    "all that waits shares the first event's sampling": Mutant(
        edit("outbox", "elif sampled == 0:", "elif box.queue[box.done].sampled == 0:"),
        ("sampling_of_a_queue_with_two_sessions", "sampling_of_a_queue_over_a_return"),
        WEB,
    ),
    "a rate that comes holds from the next launch": Mutant(
        edit("remote", "            store.rate = rate\n", "            pass\n"),
        ("sampling_changed_rate_of_a_return", "sampling_changed_rate_of_the_next_interaction"),
        (),
    ),
    "a rate that came is forgotten by the next launch": Mutant(
        edit("remote", "        store.kept_rate = rate\n", ""),
        ("sampling_changed_rate", "sampling_changed_rate_is_stored"),
        MOBILE,
    ),
    "the running session follows the rate that comes": Mutant(
        edit("remote", "store.rate = rate\n", "store.rate = rate\n            store.sampled = 1 if store.draw < rate else 0\n"),
        ("sampling_changed_rate_within_a_session", "launch_first_takes_the_answer_later", "rate_holds_for_sessions_to_come"),
        MOBILE,
    ),
    "a stored configuration is not used": Mutant(
        edit("remote", "        store.rate = store.kept_rate\n", "        pass\n"),
        ("stored_for_the_next_start", "stored_for_the_fallback", "cache_timeout_of_remote_first", "sampling_changed_rate_is_stored"),
        (),
    ),
    "a configuration is valid at the end of its period": Mutant(
        edit("remote", "at - store.kept_at >= limits.remote_cache", "at - store.kept_at > limits.remote_cache"),
        ("cache_timeout", "cache_timeout_from_the_answer"),
        (),
    ),
    "the period counts from the first answer": Mutant(
        edit("remote", "        store.kept_at = at\n", "        store.kept_at = at if store.kept_at < 0 else store.kept_at\n"),
        ("cache_timeout_from_the_answer", "cache_timeout_after_each_answer"),
        (),
    ),
    "remote-first does not wait": Mutant(
        edit("remote", "if limits.remote == REMOTE_FIRST and", "if limits.remote > REMOTE_FIRST and"),
        ("remote_first_blocks", "remote_first_starts_with_the_answer"),
        (),
    ),
    "the timeout is late by one": Mutant(
        edit("remote", "at + limits.remote_timeout", "at + limits.remote_timeout + 1"),
        ("remote_first_answer_at_the_timeout", "remote_first_closed_while_blocked", "remote_first_time_on_page"),
        (),
    ),
    "an answer that is waited for is not stored": Mutant(
        edit("probes", "            take(store, screen, limits, s.at, s.since)\n", "            store.rate = s.since\n"),
        ("stored_for_the_fallback", "cache_timeout_of_remote_first"),
        (),
    ),
    "the page shown while waiting has no view": Mutant(
        edit("probes", "    open_first(store, limits, at)\n    if screen.page:", "    open_first(store, limits, at)\n    if screen.page < 0:"),
        ("remote_first_starts_with_the_answer", "remote_first_of_the_page_that_is_shown_by_then"),
        (),
    ),
    # -------------------------------------------------------------------------------------------------------- crashes
    "a crash belongs to the session that reports it": Mutant(
        edit(
            "probes",
            "    if limits.keeps_queue:\n        flush(",
            "    for i in range(box.count):\n        box.queue[i].session += 1\n    if limits.keeps_queue:\n        flush(",
        ),
        (
            "crash_at_the_next_launch",
            "crash_of_an_unsampled_session",
            "crash_of_a_sampled_session_before_an_unsampled_one",
            "crash_after_crash",
            "outbox_survives_the_process",
        ),
        MOBILE,
    ),
    "a crash is sent by the process that dies": Mutant(
        edit("outbox", " and h.kind != FATAL:", ":")
        + edit(
            "probes",
            "    silence(box)\n    screen.in_view = screen.wants",
            "    flush(store, screen, box, limits, NEVER)\n    silence(box)\n    screen.in_view = screen.wants",
        ),
        ("crash_at_the_next_launch", "crash_without_a_next_launch", "crash_after_crash", "outbox_survives_the_process"),
        MOBILE,
    ),
    "a crash is sent when the timer of a dead process fires": Mutant(
        edit(
            "probes",
            "    silence(box)\n    screen.in_view = screen.wants",
            "    screen.in_view = screen.wants",
        ),
        ("crash_at_the_next_launch", "crash_without_a_next_launch", "outbox_survives_the_process"),
        MOBILE,
    ),
    "a crash waits for more than the launch": Mutant(
        edit("probes", "    if limits.keeps_queue:\n        flush(store, screen, box, limits, at)\n", "    if limits.keeps_queue:\n        pass\n"),
        ("crash_at_the_next_launch", "crash_after_crash", "outbox_survives_the_process"),
        MOBILE,
    ),
    "a crash is stamped by the launch": Mutant(
        edit(
            "probes",
            "    if limits.keeps_queue:\n        flush(",
            "    for i in range(box.count):\n        box.queue[i].stamp = at\n    if limits.keeps_queue:\n        flush(",
        ),
        ("crash_at_the_next_launch", "crash_after_crash"),
        MOBILE,
    ),
    "a crash does not end the session": Mutant(
        edit(
            "probes",
            "happen(store, screen, box, limits, FATAL, s)\n        end(store, screen, box, limits, s)",
            "happen(store, screen, box, limits, FATAL, s)\n        silence(box)",
        )
        + edit("probes", "if limits.launch_opens:", "if limits.launch_opens and not store.open:"),
        ("crash_ends_the_session", "crash_after_crash", "crash_at_the_next_launch"),
        MOBILE,
    ),
    "a crash that fills the queue is sent at once": Mutant(
        edit("outbox", " and h.kind != FATAL:", ":"),
        ("crash_that_fills_the_queue", "crash_of_no_page"),
        (),
    ),
    "a crash is reported on the page of the next process": Mutant(
        edit(
            "probes", "    if limits.keeps_queue:\n        flush(", "    screen.page = screen.shown = 0\n    if limits.keeps_queue:\n        flush("
        ),
        ("crash_at_the_next_launch", "crash_of_no_page"),
        (),
    ),
    # ---------------------------------------------------------------------------------------------------------- views
    "closing reports no leave": Mutant(
        edit("probes", "    leave(store, screen, box, limits, s)\n    flush(", "    screen.in_view = 0\n    flush("),
        ("view_time_on_page_at_the_end", "view_time_on_page_over_a_trip", "view_left_once"),
        BOTH,
    ),
    "navigation reports no leave": Mutant(
        edit("probes", "    leave(store, screen, box, limits, s)\n    if limits.reloads", "    if limits.reloads"),
        ("view_time_on_page", "view_time_on_page_while_hidden", "correlation_page_context"),
        MOBILE,
    ),
    "a page is left twice": Mutant(
        edit(
            "probes",
            "        report(store, screen, box, limits, s.at, box.draft)\n    screen.in_view = 0\n",
            "        report(store, screen, box, limits, s.at, box.draft)\n",
        ),
        ("view_time_on_page_over_a_trip", "view_left_once"),
        MOBILE,
    ),
    "a page is left in the next session": Mutant(
        edit("probes", " and screen.view_session == store.session and lives(store, limits, s.at):", ":"),
        ("web_expiration_next_interaction_begins", "view_no_time_on_page_of_an_ended_session"),
        WEB,
    ),
    "time on page counts from the load": Mutant(
        edit("probes", "box.draft.span = s.at - screen.entered", "box.draft.span = s.at - screen.entered - screen.loading"),
        ("view_time_on_page", "view_time_on_page_at_the_end"),
        MOBILE,
    ),
    "the load time of another page": Mutant(
        edit(
            "probes",
            "    screen.loading = 0\n    screen.entered = s.at\n    screen.in_view = 1\n",
            "    screen.entered = s.at\n    screen.in_view = 1\n",
        ),
        ("view_time_on_page", "view_time_on_page_at_the_end"),
        MOBILE,
    ),
    "the page is the one before": Mutant(
        edit(
            "probes",
            "        screen.previous = screen.page\n    screen.page = s.key\n",
            "        screen.previous = screen.page\n    screen.page = s.key if screen.page == 0 else screen.page\n",
        ),
        ("correlation_page_context", "correlation_after_a_return", "crash_at_the_next_launch"),
        BOTH,
    ),
    "page views share an id": Mutant(
        edit("probes", "    store.views += 1\n    screen.shown = store.views\n", "    screen.shown = s.key\n"),
        ("correlation_page_context", "correlation_after_a_return", "view_left_once"),
        BOTH,
    ),
    "a process remembers the page of the one before": Mutant(
        edit("probes", "    screen.page = screen.previous = screen.shown = 0\n", ""),
        ("correlation_first_page_of_a_process", "correlation_no_page_yet"),
        BOTH,
    ),
    "5 s of a blocked main thread are a frame drop": Mutant(
        edit("probes", "s.at - s.since >= limits.anr_least", "s.at - s.since > limits.anr_least"),
        ("anr_on_mobile", "anr_beside_frame_drops"),
        (),
    ),
    "the previous page of another process": Mutant(
        edit("probes", "    screen.page = screen.previous = screen.shown = 0\n", "    screen.page = 0\n"),
        ("correlation_before_the_first_page", "correlation_no_page_yet_after_two"),
        MOBILE,
    ),
    # --------------------------------------------------------------------------------------------------------- outbox
    "the timer is not restarted": Mutant(
        edit("outbox", "arm(box, box.flush, at + limits.flush_delay)", "arm(box, box.flush, min(box.flush.at, at + limits.flush_delay))"),
        ("error_in_real_time", "outbox_timer_restarted_by_each_event"),
        BOTH,
    ),
    "the timer is late by one": Mutant(
        edit("outbox", "arm(box, box.flush, at + limits.flush_delay)", "arm(box, box.flush, at + limits.flush_delay + 1)"),
        ("outbox_timer_restarted_by_each_event", "outbox_timer_precedes_what_happens", "outbox_timer_stopped_by_a_flush"),
        BOTH,
    ),
    "hiding sends nothing": Mutant(
        edit("probes", "    elif kind == HIDE:\n        flush(store, screen, box, limits, at)", "    elif kind == HIDE:\n        pass"),
        ("outbox_timer_stopped_by_a_flush", "outbox_flush_when_out_of_sight"),
        WEB,
    ),
    "the background sends nothing": Mutant(
        edit(
            "probes",
            "        hide(store, screen, box, limits, s)\n        store.left = at",
            "        leave(store, screen, box, limits, s)\n        store.left = at",
        ),
        ("outbox_timer_stopped_by_a_flush", "outbox_flush_when_out_of_sight"),
        MOBILE,
    ),
    "a new document forgets the old one's queue": Mutant(
        edit("probes", "        flush(store, screen, box, limits, s.at)\n        silence(box)", "        box.count = box.done\n        silence(box)"),
        ("outbox_flush_at_a_page_load", "view_time_on_page"),
        (),
    ),
    "what a page had queued that ended without a word is sent by the next": Mutant(
        edit(
            "probes",
            "        flush(store, screen, box, limits, at)\n    else:\n        lose(box)\n",
            "        flush(store, screen, box, limits, at)\n",
        ),
        ("outbox_lost_with_its_page", "outbox_lost_is_not_sent_again"),
        WEB,
    ),
    "what a page had queued that ended is lost by the next": Mutant(
        edit("probes", "    if limits.keeps_queue == 0:\n        lose(box)\n", ""),
        ("outbox_lost_with_its_process", "outbox_lost_at_its_end"),
        (),
    ),
    "what is queued after a flush is forgotten": Mutant(
        edit("outbox", "    box.count = rest\n", "    box.count = 0\n"),
        ("outbox_flush_at_a_page_load", "correlation_page_context", "web_continuation_each_interaction"),
        BOTH,
    ),
    "what is queued after a flush keeps the page of another": Mutant(
        edit("outbox", "    b.page = a.page\n", ""),
        ("correlation_page_context", "outbox_flush_at_a_page_load"),
        (),
    ),
}


def module_of(name: str) -> ModuleType:
    """Load another file of this folder as a plain module: its assertions need not explain themselves."""
    spec = importlib.util.spec_from_file_location(f"sdk_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def document() -> SimpleNamespace:
    """Load the sentences as plain functions."""
    return SimpleNamespace(**{name: item for part in ("test_remote", "test_document") for name, item in vars(module_of(part)).items()})


@pytest.fixture(scope="module")
def machine() -> ModuleType:
    """Load the state machines; they need not find the shortest wrong life, and remember none."""
    module = module_of("test_machine")
    module.LIVES = settings(module.LIVES, phases=[Phase.generate], database=None, max_examples=1_000)
    return module


def ways(sentence: Callable[..., None], new: Callable[..., Device], document: SimpleNamespace) -> Iterator[Callable[[], None]]:
    """Yield the sentence with all arguments that it has as a test."""
    names = inspect.signature(sentence).parameters
    values = [document.INTERACTIONS if name == "kind" else [partial(new, edition) for edition in EDITIONS_OF[name]] for name in names]
    for arguments in product(*values):
        yield partial(sentence, *arguments)


def fails(name: str, new: Callable[..., Device], document: SimpleNamespace) -> bool:
    """Tell whether a sentence's assertion fails, in any of the ways; a wrong core that breaks down otherwise does not count."""
    for way in ways(getattr(document, f"test_{name}"), new, document):
        try:
            way()
        except AssertionError:
            return True
    return False


@pytest.mark.parametrize("name", MUTANTS)
def test_sentences_catch(name: str, document: SimpleNamespace) -> None:
    """A wrong core fails each sentence named for it, two at least."""
    mutant = MUTANTS[name]
    new = partial(Device, core_with(*mutant.edits))
    assert [sentence for sentence in mutant.sentences if not fails(sentence, new, document)] == []
    assert len(set(mutant.sentences)) >= 2


@pytest.mark.parametrize(("name", "life"), [(name, life) for name, mutant in MUTANTS.items() for life in mutant.lives])
def test_lives_catch(name: str, life: str, machine: ModuleType) -> None:
    """A wrong core fails among random lives of the platforms on which it is wrong."""
    new = partial(Device, core_with(*MUTANTS[name].edits))
    with pytest.raises(AssertionError):
        machine.live(new, getattr(machine, life))


def test_a_core_without_edits_is_not_caught(document: SimpleNamespace) -> None:
    """Built in the same way, a core with no edit passes every sentence that is named for a mutant."""
    new = partial(Device, core_with())
    named = sorted({s for mutant in MUTANTS.values() for s in mutant.sentences})
    assert [sentence for sentence in named if fails(sentence, new, document)] == []
    assert len(MUTANTS) >= 12
