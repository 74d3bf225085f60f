"""Random sequences of mouse events: no error, no stuck gesture, and all steps can be undone."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from builder.canvas.pointer_events import LEFT, MIDDLE, RIGHT
from builder.commands import nodes as commands
from builder.document.document import Refused
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Comment
from nodes.transformer.feed_forward import FeedForward
from tests.builder.canvas.mouse import VIEW, MouseDriver, language_model

BUTTONS = st.sampled_from([LEFT, LEFT, LEFT, RIGHT, MIDDLE])
HELD = st.lists(st.sampled_from(["shift", "ctrl", "alt", "space", "y"]), max_size=2).map(" ".join)
HELD = st.one_of(st.just(""), HELD)
NUMBER = st.integers(0, 10**6)
CARRIED = st.sampled_from(["Dropout", "Linear", "Embedding", "FeedForward", "Block", "block:none"])
AWAY = (-1e6, -1e6)


class RandomGestures(RuleBasedStateMachine):
    """Presses, moves and releases on items and on empty canvas."""

    @initialize()
    def begin(self) -> None:
        around = Comment("loose", 440.0, 240.0, 520.0, 260.0, frame=True)
        note = Comment("mind this", 0.0, 300.0, 200.0, 100.0)
        loose = language_model(around=around, note=note)
        graph = loose.graph.with_node("mix", FeedForward())
        self.first = loose.with_graph(graph, {**loose.positions, "mix": (240.0, 300.0)})
        self.mouse = MouseDriver(self.first)

    def place(self, number: int) -> tuple[float, float]:
        """Pick a pixel; most are on a port, a node, an edge or a comment."""
        mouse, scene = self.mouse, self.mouse.context.scene
        ports = [
            (scene.positions[name][0] + port.x, scene.positions[name][1] + port.y)
            for name, card in scene.nodes.items()
            for port in card.ports
        ]
        cards = [(x + 70.0, y + 12.0) for x, y in scene.positions.values()]
        bodies = [(x + 70.0, y + 70.0) for x, y in scene.positions.values()]
        paths = [edge.path[len(edge.path) * number % 997 // 997] for edge in scene.edges.values()]
        comments = scene.comments.values()
        corners = [
            (comment.x + comment.width - 2, comment.y + comment.height - 2) for comment in comments
        ]
        known = [mouse.pixel(*at) for at in (*ports, *cards, *bodies, *paths, *corners)]
        known += [(number % 1500 - 50.0, number // 7 % 900 - 50.0)] * 8
        known.append(AWAY)
        return known[number % len(known)]

    @rule(number=NUMBER, button=BUTTONS, modifiers=HELD)
    def press(self, number, button, modifiers):
        self.mouse.press(self.place(number), button, modifiers)

    @rule(number=NUMBER, modifiers=HELD)
    def move(self, number, modifiers):
        self.mouse.move(self.place(number), modifiers=modifiers)

    @rule(number=NUMBER, button=BUTTONS, modifiers=HELD)
    def release(self, number, button, modifiers):
        self.mouse.release(self.place(number), button, modifiers)

    @rule(start=NUMBER, end=NUMBER, button=BUTTONS, modifiers=HELD)
    def drag(self, start, end, button, modifiers):
        self.mouse.drag(self.place(start), self.place(end), button=button, modifiers=modifiers)

    @rule(number=NUMBER, button=BUTTONS, modifiers=HELD)
    def click(self, number, button, modifiers):
        self.mouse.click(self.place(number), button, modifiers)

    @rule(number=NUMBER)
    def double_click(self, number):
        self.mouse.double_click(self.place(number))

    @rule(number=NUMBER, kind=CARRIED, dropped=st.booleans(), modifiers=HELD)
    def drag_from_palette(self, number, kind, dropped, modifiers):
        self.mouse.drag_from_palette(kind, self.place(number), dropped, modifiers)

    @rule(seconds=st.sampled_from([0.0, 0.016, 0.2, 3.0]))
    def wait(self, seconds):
        self.mouse.wait(seconds)

    @rule(steps=st.sampled_from([-3, -1, 1]))
    def travel(self, steps):
        self.mouse.store.go(steps)

    @rule()
    def remove(self):
        store = self.mouse.store
        try:
            store.commit("Delete", commands.delete(store.committed))
        except Refused:
            return

    @rule()
    def leave(self):
        self.mouse.store.visit(self.mouse.document.path[:-1])

    @rule(factor=st.sampled_from([0.2, 0.5, 2.0]), number=NUMBER)
    def zoom(self, factor, number):
        mouse = self.mouse
        mouse.camera = mouse.camera.zoomed(factor, (number % 1400, number // 1400 % 800))

    @rule()
    def look_back(self):
        self.mouse.camera = VIEW

    @rule()
    def give_up(self):
        mouse = self.mouse
        before = mouse.store.committed.model
        mouse.escape()
        assert not mouse.overlay.busy
        assert mouse.document.model is mouse.store.committed.model is before
        mouse.move(self.place(0))
        assert not mouse.overlay.busy

    @invariant()
    def what_is_shown_is_there(self):
        mouse, overlay = self.mouse, self.mouse.overlay
        assert mouse.document == mouse.document.normalized()
        mouse.wait(0.0)
        scene = mouse.context.scene
        if not mouse.overlay.busy:
            hover = mouse.overlay.hover
            assert hover.node in scene.nodes or not hover.node
            assert hover.edge in scene.edges or not hover.edge
            assert mouse.document.model is mouse.store.committed.model
        assert not overlay.highlighted_edge or overlay.busy

    def teardown(self):
        mouse = self.mouse
        mouse.escape()
        written = dumps(mouse.document.model)
        assert dumps(loads(written)) == written
        while mouse.store.history.past:
            mouse.store.undo()
        assert mouse.document.model is self.first.model


TestMouse = RandomGestures.TestCase
TestMouse.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
