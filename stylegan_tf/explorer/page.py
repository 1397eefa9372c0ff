"""The page: the layout of the controls, and what happens when one changes."""

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import uvicorn
from fastapi import FastAPI

from stylegan_tf import figures
from stylegan_tf.explorer import theme
from stylegan_tf.explorer.controls import Controls
from stylegan_tf.explorer.panel import Panel, whole
from stylegan_tf.explorer.recipe import file_name, recipe
from stylegan_tf.explorer.session import Session
from stylegan_tf.explorer.thumbnails import both_ends

KEPT = 200  # files: a browser still asks for the newest images


class Page:
    """The explorer of one session.

    Args:
        session: what generates the images.
        folder: for the images that a browser is shown.

    Attributes:
        blocks: the gradio app.
    """

    def __init__(self, session: Session, folder: Path):
        self._session = session
        self._folder = folder
        with gr.Blocks(title="StyleGAN explorer", analytics_enabled=False) as self.blocks:
            gr.Markdown(self._heading(), elem_id="title")
            with gr.Row():
                with gr.Column(elem_classes="half"):
                    self._image_column()
                with gr.Column(elem_classes="half"):
                    self._panel = Panel(session)
            self._strip_row()
            self._wire()

    def _heading(self) -> str:
        facts = self._session.facts
        return f"### {self._session.name} \u2002 {facts.resolution}×{facts.resolution}"

    def _image_column(self):
        self._image = self._image_box("image")
        self._save = gr.DownloadButton("Save PNG", variant="primary", elem_id="save")
        self._recipe = gr.Code(
            label="This image again",
            language="python",
            interactive=False,
            show_line_numbers=False,
            wrap_lines=True,
            lines=1,
            buttons=["copy"],
            elem_id="recipe",
        )

    def _strip_row(self):
        with gr.Group(visible=False) as self._strip_group:
            self._strip = self._image_box("strip")
            self._save_strip = gr.DownloadButton("Save the strip", elem_id="save-strip")

    def _image_box(self, name: str, **arguments) -> gr.Image:
        small = self._session.facts.resolution < theme.PIXELATED_BELOW
        return gr.Image(
            format="png",
            show_label=False,
            interactive=False,
            buttons=["fullscreen"],
            elem_id=name,
            elem_classes="pixelated" if small else None,
            **arguments,
        )

    def _wire(self):
        """Connects the controls: while an image is made only their newest state waits."""
        panel = self._panel
        shown = [self._image, self._save, self._recipe, *([panel.label] if panel.label else [])]
        common: dict[str, Any] = {
            "concurrency_id": "network",
            "concurrency_limit": 1,
            "api_visibility": "private",
        }
        gr.on(
            [self.blocks.load, *(component.change for component in panel.components)],
            self._generate,
            inputs=set(panel.components),
            outputs=shown,
            trigger_mode="always_last",
            show_progress="minimal",
            show_progress_on=self._image,
            **common,
        )
        if panel.directions_tab:
            panel.directions_tab.select(
                self._generate_ends,
                outputs=[*panel.ends.values()],
                show_progress="hidden",
                **common,
            )
        panel.generate_strip.click(
            self._generate_strip,
            inputs={*panel.components, panel.to_seed, panel.count},
            outputs=[self._strip_group, self._strip, self._save_strip],
            trigger_mode="always_last",
            show_progress_on=panel.generate_strip,
            **common,
        )

    def _generate(self, values: dict):
        with shown_errors():
            controls = self._panel.controls(values)
            path = self._saved(self._session.generate(controls), file_name(controls))
            shown = [path, path, recipe(self._session, controls)]
            return [*shown, self._about_label(controls)] if self._panel.label else shown

    def _about_label(self, controls: Controls):
        """Returns the field of the label, saying which one the seed has where none is chosen."""
        text = self._session.label_of_seed(controls.seed) if controls.label is None else None
        return gr.update(info=f"by the seed: {text}" if text else "")

    def _generate_ends(self):
        with shown_errors():
            return self._ends

    @cached_property
    def _ends(self) -> list[str]:
        """HTML of both ends of each direction, once somebody looks."""
        return [both_ends(self._session, name) for name in self._panel.ends]

    def _generate_strip(self, values: dict):
        with shown_errors():
            first = self._panel.controls(values)
            seed = whole(values[self._panel.to_seed], "the other seed")
            images = self._session.strip(first, seed, int(values[self._panel.count]))
            strip = figures.grid(np.stack(images), columns=len(images))
            path = self._saved(strip, f"strip-{seed}-{file_name(first)}")
            return gr.Group(visible=True), path, path

    def _saved(self, image: np.ndarray, name: str) -> str:
        folder = tempfile.mkdtemp(dir=self._folder)
        path = Path(folder, name)
        figures.save_png(image, path)
        forget_oldest(self._folder)
        return str(path)


@contextlib.contextmanager
def shown_errors() -> Iterator[None]:
    """Shows what is wrong with the controls, or with a server, on the page."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        raise gr.Error(str(error), duration=8, print_exception=False) from error
    except Exception as error:  # by itself gradio says that there was one, and not which
        message = f"{type(error).__name__}: {error}"
        raise gr.Error(message, duration=8, print_exception=True) from error


def forget_oldest(folder: Path) -> None:
    """Removes all but the newest files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: path.stat().st_mtime)[:-KEPT]:
        path.unlink(missing_ok=True)


def app(session: Session, folder: Path) -> FastAPI:
    """Returns the page as an ASGI application, which needs nothing from other machines.

    Args:
        session: what generates the images.
        folder: for the images that browsers are shown; gradio keeps its copies there, too.
    """
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return gr.mount_gradio_app(
        FastAPI(openapi_url=None),
        Page(session, folder).blocks,
        path="/",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        theme=theme.THEME,
        css=theme.CSS,
    )


def serve(session: Session, listener: socket.socket) -> None:
    """Answers at a socket until Ctrl-C or SIGTERM."""
    with tempfile.TemporaryDirectory(prefix="stylegan-explorer-") as folder:
        config = uvicorn.Config(
            app(session, Path(folder)), log_level="warning", timeout_graceful_shutdown=1
        )
        uvicorn.Server(config).run(sockets=[listener])
