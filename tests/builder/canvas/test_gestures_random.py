"""Whatever the mouse does, in whatever order: nothing breaks, nothing sticks, all can be undone."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from builder.canvas.pointer_events import LEFT, MIDDLE, RIGHT
from builder.commands import nodes as commands
from builder.document.document import Refused
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Comment
from nodes.transformer import FeedForward
from tests.builder.canvas.hand import VIEW, Hand, language_model

BUTTONS = st.sampled_from([LEFT, LEFT, LEFT, RIGHT, MIDDLE])
HELD = st.lists(st.sampled_from(["shift", "ctrl", "alt", "space", "y"]), max_size=2).map(" ".join)
HELD = st.one_of(st.just(""), HELD)
NUMBER = st.integers(0, 10**6)
CARRIED = st.sampled_from(["Dropout", "Linear", "Embedding", "FeedForward", "Block", "block:none"])
AWAY = (-1e6, -1e6)


class Mouse(RuleBasedStateMachine):
    """Presses, moves and releases at places where something is, and where nothing is."""

    @initialize()
    def begin(self) -> None:
        around = Comment("loose", 440.0, 240.0, 520.0, 260.0, frame=True)
        note = Comment("mind this", 0.0, 300.0, 200.0, 100.0)
        loose = language_model(around=around, note=note)
        graph = loose.graph.with_node("mix", FeedForward())
        self.first = loose.with_graph(graph, {**loose.positions, "mix": (240.0, 300.0)})
        self.hand = Hand.over(self.first)

    def place(self, number: int) -> tuple[float, float]:
        """Pick a pixel; most are on a port, a node, an edge or a remark."""
        hand, scene = self.hand, self.hand.context.scene
        ports = [
            (scene.positions[name][0] + port.x, scene.positions[name][1] + port.y)
            for name, figure in scene.nodes.items()
            for port in figure.ports
        ]
        cards = [(x + 70.0, y + 12.0) for x, y in scene.positions.values()]
        bodies = [(x + 70.0, y + 70.0) for x, y in scene.positions.values()]
        paths = [edge.path[len(edge.path) * number % 997 // 997] for edge in scene.edges.values()]
        comments = scene.comments.values()
        corners = [(one.x + one.width - 2, one.y + one.height - 2) for one in comments]
        known = [hand.pixel(*at) for at in (*ports, *cards, *bodies, *paths, *corners)]
        known += [(number % 1500 - 50.0, number // 7 % 900 - 50.0)] * 8
        known.append(AWAY)
        return known[number % len(known)]

    @rule(number=NUMBER, button=BUTTONS, held=HELD)
    def press(self, number, button, held):
        self.hand.press(self.place(number), button, held)

    @rule(number=NUMBER, held=HELD)
    def move(self, number, held):
        self.hand.move(self.place(number), held=held)

    @rule(number=NUMBER, button=BUTTONS, held=HELD)
    def release(self, number, button, held):
        self.hand.release(self.place(number), button, held)

    @rule(start=NUMBER, end=NUMBER, button=BUTTONS, held=HELD)
    def drag(self, start, end, button, held):
        self.hand.drag(self.place(start), self.place(end), button=button, held=held)

    @rule(number=NUMBER, button=BUTTONS, held=HELD)
    def click(self, number, button, held):
        self.hand.click(self.place(number), button, held)

    @rule(number=NUMBER)
    def double_click(self, number):
        self.hand.double_click(self.place(number))

    @rule(number=NUMBER, kind=CARRIED, dropped=st.booleans(), held=HELD)
    def carry(self, number, kind, dropped, held):
        self.hand.carry(kind, self.place(number), dropped, held)

    @rule(seconds=st.sampled_from([0.0, 0.016, 0.2, 3.0]))
    def wait(self, seconds):
        self.hand.wait(seconds)

    @rule(steps=st.sampled_from([-3, -1, 1]))
    def travel(self, steps):
        self.hand.store.go(steps)

    @rule()
    def remove(self):
        store = self.hand.store
        try:
            store.commit("Delete", commands.delete(store.committed))
        except Refused:
            return

    @rule()
    def leave(self):
        self.hand.store.visit(self.hand.document.path[:-1])

    @rule(factor=st.sampled_from([0.2, 0.5, 2.0]), number=NUMBER)
    def zoom(self, factor, number):
        hand = self.hand
        hand.camera = hand.camera.zoomed(factor, (number % 1400, number // 1400 % 800))

    @rule()
    def look_back(self):
        self.hand.camera = VIEW

    @rule()
    def give_up(self):
        hand = self.hand
        before = hand.store.committed.model
        hand.escape()
        assert not hand.overlay.busy
        assert hand.document.model is hand.store.committed.model is before
        hand.move(self.place(0))
        assert not hand.overlay.busy

    @invariant()
    def what_is_shown_is_there(self):
        hand, overlay = self.hand, self.hand.overlay
        assert hand.document == hand.document.normalized()
        hand.wait(0.0)
        scene = hand.context.scene
        if not hand.overlay.busy:
            hover = hand.overlay.hover
            assert hover.node in scene.nodes or not hover.node
            assert hover.edge in scene.edges or not hover.edge
            assert hand.document.model is hand.store.committed.model
        assert not overlay.lit or overlay.busy

    def teardown(self):
        hand = self.hand
        hand.escape()
        written = dumps(hand.document.model)
        assert dumps(loads(written)) == written
        while hand.store.history.past:
            hand.store.undo()
        assert hand.document.model is self.first.model


TestMouse = Mouse.TestCase
TestMouse.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
