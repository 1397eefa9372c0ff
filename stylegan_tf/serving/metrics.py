"""What a server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

BATCHES = (1, 2, 4, 8, 16, 32, 64)
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The metrics of one server.

    Args:
        waiting: function that returns how many requests wait for the model.
        version: function that returns the version that is served.
    """

    def __init__(self, waiting, version):
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "stylegan_tf_requests",
            "Calls of the model, by the HTTP status of their answer; 499 is a client that hung up.",
            ["status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "stylegan_tf_request_seconds",
            "Time from the start of a call to its answer.",
            buckets=SECONDS,
            registry=self._registry,
        )
        self.batches = Histogram(
            "stylegan_tf_batch_size",
            "Examples that the model ran at once.",
            buckets=BATCHES,
            registry=self._registry,
        )
        self.in_flight = Gauge(
            "stylegan_tf_requests_in_flight",
            "Calls of the model that have no answer yet.",
            registry=self._registry,
        )
        for name, text, function in (
            ("stylegan_tf_requests_waiting", "Calls that wait for the model.", waiting),
            ("stylegan_tf_model_version", "The version that is served.", version),
        ):
            Gauge(name, text, registry=self._registry).set_function(function)

    def text(self) -> bytes:
        """Returns all of them in the form that Prometheus reads."""
        return generate_latest(self._registry)
