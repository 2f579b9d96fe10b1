"""What befalls the fleet, one thing after the other, and when its routes were right again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Callable

from analysis import State, converged, states
from fleet import Fleet
from lab import LabError
from nodes import Node
from sampler import Sampler

ROUTES_SECONDS = 120
READY_SECONDS = 60
ROLL_SECONDS = 0.25


@dataclass
class Phase:
    """From one event to the next."""

    name: str
    text: str
    begin: float
    acted: float  # when the last thing was done to the fleet
    concerned: list[int]  # the gateways whose packets may be lost
    end: float | None = None
    converged: float | None = None  # seconds from there until all routes were right everywhere
    route_changes: int = 0  # how often a node's routes had changed
    without_process: float | None = None  # seconds from the end of a gateway to the next one being ready


@dataclass
class Story:
    fleet: Fleet
    sampler: Sampler
    pause: float  # seconds of quiet after each phase
    say: Callable[[str], None]
    phases: list[Phase] = field(default_factory=list)
    living: list[tuple[float, frozenset[Node]]] = field(default_factory=list)

    # ---- the phases ----

    def start(self) -> None:
        """Without probes: nothing can arrive before there are routes."""
        self._begin("start", "start of all BIRDs at once")
        self._expect(set(self.fleet.nodes))
        self.fleet.start_reflectors()
        for node in self.fleet.nodes:
            self.fleet.start_bird(node)
        self._settle()

    def quiet(self) -> None:
        self._begin("quiet", "nothing happens")
        time.sleep(self.pause)
        self._settle()

    def node_dies(self) -> None:
        victim = next(node for node in self.fleet.nodes if not node.is_gateway and node.segment == 1)
        self._begin("node dies", f"{victim.name} dies silently")
        self.fleet.die_silently(victim)
        self._lose({victim})
        self._settle()

    def link_is_cut(self) -> None:
        cut = {node for node in self._alive() if node.segment == self.fleet.segments}
        self._begin("link cut", f"the link to a segment of {len(cut)} nodes is cut")
        self.fleet.cut_segment(self.fleet.segments)
        self._lose(cut)
        self._settle()
        self._begin("link back", "the link is back")
        self.fleet.join_segment(self.fleet.segments)
        self._expect(self._alive() | cut)
        self._settle()

    def gateway_is_killed(self) -> None:
        gateway = self.fleet.gateways[-1]
        phase = self._begin("gateway killed", f"kill -9 of the gateway of {gateway.name}, and its next start", gateway)
        self.fleet.kill_gateway(gateway)
        self.fleet.start_gateway(gateway)
        self._wait(lambda: self.fleet.is_ready(gateway), READY_SECONDS, "the gateway is not ready again")
        phase.without_process = time.monotonic() - phase.begin
        self._settle()

    def reflector_dies(self) -> None:
        self._begin("reflector dies", "kill -9 of one of the two route reflectors")
        self.fleet.kill_bird("r1")
        self._settle()
        self._begin("reflector back", "the reflector starts again")
        self.fleet.start_reflector("r1")
        self._settle()

    def birds_restart(self) -> None:
        nodes = [node for node in self.fleet.nodes if node in self._alive() and not node.is_gateway]
        phase = self._begin("rolling restart", f"BIRD restarts on {len(nodes)} nodes without gateway, one every {ROLL_SECONDS} s")
        for done, node in enumerate(nodes, 1):
            self.fleet.restart_bird(node)
            phase.acted = time.monotonic()
            time.sleep(ROLL_SECONDS)
            if done % 10 == 0:
                self.say(f"{done} of {len(nodes)} BIRDs have been restarted")
        self._settle()

    def gateways_bird_restarts(self) -> None:
        gateway = self.fleet.gateways[-1]
        phase = self._begin("BIRD restarts", f"BIRD restarts on {gateway.name}, beside the gateway", gateway)
        self.fleet.restart_bird(gateway)
        phase.acted = time.monotonic()
        self._settle()

    def gateways_node_dies(self) -> None:
        gateway = self.fleet.gateways[-1]
        self._begin("gateway's node dies", f"{gateway.name}, with its gateway, dies silently", gateway)
        self.fleet.die_silently(gateway)
        self._lose({gateway})
        self._settle()

    def end(self) -> None:
        self._end_phase()

    # ---- what they are made of ----

    def states(self) -> list[State]:
        """The routes of all nodes together, from change to change."""
        return states(list(self.sampler.readings), self.living, self.sampler.mask)

    def _begin(self, name: str, text: str, *concerned: Node) -> Phase:
        self._end_phase()
        now = time.monotonic()
        self.phases.append(Phase(name, text, now, now, [node.number for node in concerned]))
        self.say(text)
        return self.phases[-1]

    def _end_phase(self) -> None:
        if self.phases and self.phases[-1].end is None:
            phase = self.phases[-1]
            phase.end = time.monotonic()
            phase.route_changes = sum(phase.begin <= reading.time < phase.end for reading in self.sampler.readings)

    def _alive(self) -> set[Node]:
        return set(self.living[-1][1])

    def _expect(self, alive: set[Node]) -> None:
        self.living.append((time.monotonic(), frozenset(alive)))

    def _lose(self, nodes: set[Node]) -> None:
        self._expect(self._alive() - nodes)

    def _settle(self) -> None:
        """Waits until all routes are right everywhere and have been for a while."""
        phase = self.phases[-1]
        alive = self._alive()
        wanted = {node: self.sampler.mask(alive - {node}) for node in alive}
        quiet_since = time.monotonic()

        def settled() -> bool:
            nonlocal quiet_since
            if any(self.sampler.now[node] != routes for node, routes in wanted.items()):
                quiet_since = time.monotonic()
            return time.monotonic() - quiet_since > self.pause

        self._wait(settled, ROUTES_SECONDS, "not all routes are right")
        phase.converged = converged(self.states(), phase.acted)
        self.say(f"routes right everywhere {phase.converged:.2f} s later" if phase.converged else "no route was wrong")

    def _wait(self, done: Callable[[], bool], seconds: float, complaint: str) -> None:
        end = time.monotonic() + seconds
        while not done():
            self.fleet.check_birds()
            if self.sampler.failure:
                raise LabError(f"the routes cannot be read: {self.sampler.failure}")
            if time.monotonic() > end:
                raise LabError(f"{complaint} after {seconds:.0f} s")
            time.sleep(0.02)


def tell(story: Story, with_probes: Callable[[], None], kill: bool) -> None:
    """All of it, but for the kill of a gateway where that is not wanted. Probes are started when there are routes."""
    story.start()
    story.end()
    with_probes()
    story.quiet()
    story.node_dies()
    story.link_is_cut()
    if kill:
        story.gateway_is_killed()
    story.reflector_dies()
    story.birds_restart()
    story.gateways_bird_restarts()
    story.gateways_node_dies()
    story.end()
