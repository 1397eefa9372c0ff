"""The theme of the page, with the machine's own fonts, so that nothing is fetched."""

import gradio as gr

THEME = gr.themes.Base(
    primary_hue=gr.themes.colors.teal,
    neutral_hue=gr.themes.colors.zinc,
    radius_size=gr.themes.sizes.radius_sm,
    spacing_size=gr.themes.sizes.spacing_sm,
    font=["ui-sans-serif", "system-ui", "DejaVu Sans", "sans-serif"],
    font_mono=["ui-monospace", "Consolas", "DejaVu Sans Mono", "monospace"],
)

CSS = """
.gradio-container { width: 100% !important; max-width: 1320px !important; margin: 0 auto; }
#title p { margin: 0; }
:is(#image, #strip) img { width: 100%; height: 100%; object-fit: contain !important; }
#image { aspect-ratio: 1; max-height: 80vh; min-height: 0; }
#strip :is(button, .image-frame, img) { width: 100%; height: auto; }
#strip { border: 0; outline: 0; }
.pixelated img { image-rendering: pixelated; }
.half { flex: 1 1 0 !important; min-width: min(100%, 400px) !important; }
.layers .select-all-checkbox { border: 1px solid var(--checkbox-border-color); }
.sliders .form { display: grid; grid-template-columns: 1fr 1fr; }
.directions {
  display: grid !important; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr));
}
.directions > * { gap: 0 !important; }
.ends { display: flex; justify-content: space-between; }
.ends img { width: 56px; height: 56px; border-radius: 4px; }
@media (max-width: 480px) { .tab-container > button { padding: 0 var(--size-2); } }
"""

PIXELATED_BELOW = 256  # images under this many pixels are enlarged without smoothing
