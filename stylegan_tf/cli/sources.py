"""Opens what commands call SRC."""


def open_source(source: str, label: int | None = None):
    """Returns the `Pipeline` of a run directory, a .keras file or an NVIDIA pickle.

    Args:
        source: what the user gave.
        label: number of a class that will be used, or None.

    Raises:
        ValueError: if it is none of these, or its network has no such class.
    """
    from stylegan_tf.labels import check_class
    from stylegan_tf.pipeline import Pipeline

    pipeline = Pipeline.from_pretrained(source)
    check_class(label, pipeline.generator.label_size, "--class")
    return pipeline
