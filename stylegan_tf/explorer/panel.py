"""The controls of the page, and the `Controls` that they are set to."""

from typing import Any

import gradio as gr

from stylegan_tf.explorer.controls import FARTHEST, Controls
from stylegan_tf.explorer.session import MAX_SEED, Session
from stylegan_tf.labels import LabelSpace, parse_label

MIXED_SEEDS = 3  # rows to mix in
NOISE_NAMES = {"random": "by the seed", "constant": "stored", "none": "none"}
NO_CLASS = -1  # an empty field would be 0 on its way through the browser
RANDOM_SEED = "() => Math.floor(Math.random() * 1e6)"


class Panel:
    """Makes the components of one session.

    Attributes:
        components: those that an image depends on.
        label: that of the class or label, or None.
        directions_tab, ends: where directions are, or None without w, and by their names the images
            of both ends.
        to_seed, count: the strip's other end, and how many images it has.
    """

    def __init__(self, session: Session):
        self._session = session
        self._facts = session.facts
        self.components: list[Any] = []
        self._mixing: list[tuple[Any, Any]] = []  # seed and layers
        self._strengths: dict[int, Any] = {}
        self._directions: dict[str, Any] = {}
        self.ends: dict[str, Any] = {}
        self._usual_cutoff = min(Controls.cutoff, self._facts.num_layers)
        self.label = None
        with gr.Group():
            self._basics()
        with gr.Tabs(overflow_behavior="wrap"):
            if self._facts.has_styles:
                with gr.Tab("Mixing"):
                    self._mixing_tab()
            with gr.Tab("Noise"):
                self._noise_tab()
            self.directions_tab = None
            if self._facts.has_w:
                with gr.Tab("Directions") as self.directions_tab:
                    self._directions_tab()
            with gr.Tab("Interpolation"):
                self._strip_tab()

    def controls(self, values: dict) -> Controls:
        """Returns what the components are set to, without what does nothing.

        Raises:
            ValueError: if a seed is empty.
        """
        return Controls(
            seed=whole(values[self._seed], "the seed"),
            **self._truncation(values),
            label=self._label_of(values),
            noise=values[self._noise],
            mixing=self._mixed(values),
            strengths={
                layer: rounded(values[slider])
                for layer, slider in self._strengths.items()
                if values[slider] != 1
            },
            directions={
                name: rounded(values[slider])
                for name, slider in self._directions.items()
                if values[slider]
            },
        )

    def _truncation(self, values) -> dict[str, Any]:
        if not self._facts.has_w:
            return {"psi": 1.0}
        cutoff = self._cutoff_of(values[self._cutoff])
        return {"psi": rounded(values[self._psi]), "cutoff": cutoff}

    def _label_of(self, values) -> int | tuple[float, ...] | None:
        label = values[self.label] if self.label else None
        if isinstance(label, str):
            label = label.strip()
            size = self._facts.label_space.size
            return tuple(parse_label(label, size, "the label")) if label else None
        return None if label == NO_CLASS else label

    def _cutoff_of(self, value) -> int:
        """Returns the cutoff; by default networks with few layers are truncated in all of them."""
        return Controls.cutoff if value == self._usual_cutoff else int(value)

    def _mixed(self, values) -> dict[int, list[int]]:
        mixing: dict[int, list[int]] = {}
        for number, layers in self._mixing:
            if values[layers]:
                seed = whole(values[number], "a seed to mix in")
                mixing[seed] = sorted({*mixing.get(seed, []), *values[layers]})
        return mixing

    def _add(self, component):
        self.components.append(component)
        return component

    def _basics(self):
        with gr.Row(equal_height=True):
            self._seed = self._add(seed_box("Seed", 0, elem_id="seed"))
            gr.Button("Random", min_width=110, scale=0, elem_id="random").click(
                None, outputs=self._seed, js=RANDOM_SEED
            )
        space = self._facts.label_space
        if space is None or space.size:
            self.label = self._add(self._label_box(space))
        if not self._facts.has_w:
            return
        with gr.Row():
            self._psi = self._add(
                gr.Slider(
                    -1, 1.5, Controls.psi, step=0.05, label="Truncation ψ", elem_id="psi",
                    info="1: off, 0: the mean", buttons=["reset"],
                )
            )  # fmt: skip
            self._cutoff = self._add(
                gr.Slider(
                    0, self._facts.num_layers, self._usual_cutoff, step=1, label="Truncated layers",
                    elem_id="cutoff", info="so many of the first", buttons=["reset"],
                )
            )  # fmt: skip

    def _label_box(self, space: LabelSpace | None):
        """Returns a list of the classes, or a field for the numbers of a label.

        It is a field for the number of a class where a server does not tell how many there are.
        """
        if space is None:
            return gr.Number(NO_CLASS, label="Class (-1: none)", precision=0, elem_id="class")
        if not space.has_classes:
            example = space.text(space.in_turn(1)[0])
            return gr.Textbox(
                "", label=f"Label: {space.size} numbers, with commas between", elem_id="label",
                placeholder=f"by the seed, or such as {example}", max_lines=1,
            )  # fmt: skip
        names = space.names or map(str, range(space.size))
        choices: list[Any] = [
            ("by the seed", NO_CLASS),
            *((name, number) for number, name in enumerate(names)),
        ]
        return gr.Dropdown(choices, value=NO_CLASS, label="Class", elem_id="class")

    def _mixing_tab(self):
        gr.Markdown("Other seeds drive the layers that you tick. A later row wins.")
        choices = [(f"{layer} · {side}²", layer) for layer, side in enumerate(self._facts.sides)]
        for row in range(1, MIXED_SEEDS + 1):
            with gr.Row():
                number = seed_box("Seed", row, elem_id=f"mix-seed-{row}", scale=1)
                layers = gr.CheckboxGroup(
                    choices, value=[], label="drives layers", show_select_all=True, scale=4,
                    elem_id=f"mix-layers-{row}", elem_classes="layers",
                )  # fmt: skip
                self._mixing.append((self._add(number), self._add(layers)))

    def _noise_tab(self):
        facts = self._facts
        if not facts.has_noise:
            gr.Markdown("This network has no noise inputs.")
        self._noise = self._add(
            gr.Radio(
                [(NOISE_NAMES[name], name) for name in facts.noises],
                value="random",
                label="Noise inputs",
                visible=facts.has_noise,
                elem_id="noise",
            )
        )
        if not facts.has_noise:
            return
        note = "" if facts.has_strengths else ": **not with a model server, which takes no noise**"
        gr.Markdown(f"Strength of the noise in each layer{note}")
        with gr.Row(elem_classes="sliders"):
            for layer, side in enumerate(facts.noise_sides or facts.sides):
                self._strengths[layer] = self._add(
                    gr.Slider(
                        0, 3, 1, step=0.05, label=f"Layer {layer} · {side}²",
                        elem_id=f"strength-{layer}", interactive=facts.has_strengths,
                        buttons=["reset"],
                    )
                )  # fmt: skip

    def _directions_tab(self):
        meanings = [f"`{name} N`: {text}" for name, text in self._session.meanings.items()]
        gr.Markdown("  \n".join([self._session.about_directions, *meanings]))
        with gr.Row(elem_classes="directions"):
            for index, name in enumerate(self._session.direction_names):
                with gr.Column(min_width=160):
                    self._directions[name] = self._add(
                        gr.Slider(
                            -FARTHEST, FARTHEST, 0, step=0.1, label=name,
                            elem_id=f"direction-{index}", buttons=["reset"],
                        )
                    )  # fmt: skip
                    self.ends[name] = gr.HTML(elem_id=f"ends-{index}")

    def _strip_tab(self):
        space = "w" if self._facts.has_w else "z"
        gr.Markdown(f"A straight line in {space}, from this image to that of another seed.")
        with gr.Row(equal_height=True):
            self.to_seed = seed_box("To seed", 1, elem_id="to-seed")
            self.count = gr.Slider(2, 16, 8, step=1, label="Images", elem_id="count")
        self.generate_strip = gr.Button(
            "Generate the strip", variant="primary", elem_id="draw-strip"
        )


def seed_box(label: str, value: int, **arguments) -> gr.Number:
    """Returns a field for a seed."""
    return gr.Number(
        value, label=label, precision=0, minimum=0, maximum=MAX_SEED, min_width=90, **arguments
    )


def whole(value, what: str) -> int:
    """Returns the number in a field.

    Raises:
        ValueError: if the field is empty.
    """
    if value is None:
        raise ValueError(f"{what} is empty; write a whole number")
    return int(value)


def rounded(value: float) -> float:
    """Returns the number that a slider shows; browsers count 0.1 + 0.2."""
    return round(float(value), 6)
